"""Takes the README's screenshots in a real browser: python -m tests.screenshots."""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from tests.app.browser import ROOT, browser, chromium, server

if TYPE_CHECKING:
    from playwright.sync_api import Page

FOLDER = ROOT / "docs" / "screenshots"
MAX_BYTES = 300_000
WAIT_MS = 60_000


def main() -> int:
    """Exit 1 when there is no browser."""
    if chromium() is None:
        sys.stderr.write("Chromium is not installed: apt-get install chromium\n")
        return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, server(Path(folder)) as address, browser() as one:
        page = one.new_page(viewport={"width": 1440, "height": 900})
        page.goto(address)
        page.locator("#chat .example").first.wait_for()
        save(page, "start")
        ask(page, "Why did Aldra Weir stand still for 41 days in 2025?", 0)
        save(page, "text")
        page.locator("#clear").click()
        ask(page, "What was the revenue from wind power in 2025?", 0)
        save(page, "table")
        page.locator("#clear").click()
        ask(page, "What salary did the chief executive of the cooperative receive in 2025?", 0)
        save(page, "not-found")
        page.get_by_role("tab", name="Documents").click()
        save(page, "documents")
        page.get_by_role("tab", name="Evidence").click()
        page.locator("#clear").click()
        ask(page, "What was the revenue from wind power in 2025?", 0)
        page.locator("#evidence a.viewed").click()
        page.wait_for_function("document.querySelector('#viewer img').naturalWidth > 0")
        save(page, "viewer")
        phone = one.new_page(viewport={"width": 375, "height": 740}, has_touch=True, is_mobile=True)
        phone.goto(address)
        ask(phone, "Why did Aldra Weir stand still for 41 days in 2025?", 0)
        save(phone, "phone-chat")
        phone.locator("#chat a[href='#cite-0-1']").tap()
        save(phone, "phone-evidence")
        dark = one.new_page(viewport={"width": 1100, "height": 800}, color_scheme="dark")
        dark.goto(address)
        ask(dark, "What was the availability of the Quayside Roofs in 2025?", 0)
        save(dark, "dark")
    return 0


def ask(page: Page, question: str, number: int) -> None:
    """Asks and waits until the evidence of the ``number``-th question is there with its pictures."""
    page.locator("#evidence .empty").wait_for(timeout=WAIT_MS, state="attached")  # what was there before is gone
    page.locator("#ask textarea").fill(question)
    page.locator("#ask textarea").press("Enter")
    page.locator(f"#evidence a[aria-current][href^='#cite-{number}-']").wait_for(timeout=WAIT_MS, state="attached")
    page.wait_for_function("[...document.querySelectorAll('#evidence img')].every((image) => image.naturalWidth > 0)")
    page.mouse.move(0, 0)


def save(page: Page, name: str) -> None:
    """The visible part of the page as ``NAME.png``, with as many colours as fit into ``MAX_BYTES``."""
    page.wait_for_timeout(800)  # transitions
    with Image.open(io.BytesIO(page.screenshot())) as shot:
        picture = shot.convert("RGB")
    for colours in (256, 128, 64, 32):
        buffer = io.BytesIO()
        picture.quantize(colours, dither=Image.Dither.NONE).save(buffer, "PNG", optimize=True)
        if buffer.tell() <= MAX_BYTES:
            break
    (FOLDER / f"{name}.png").write_bytes(buffer.getvalue())
    sys.stdout.write(f"{FOLDER / name}.png: {buffer.tell():,} bytes\n")


if __name__ == "__main__":
    sys.exit(main())
