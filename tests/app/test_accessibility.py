"""The page for everybody: axe-core finds nothing in any view, all goes by keyboard, on a phone, in dark and light; and
evidence as a person looks at it: in sight, large, next and previous, words found."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.security.identity import Identity
from app.security.login import login_routes
from config import Settings
from store.auth.users import Users
from tests.app.browser import browser, chromium, server

pytest.importorskip("playwright")
pytest.importorskip("axe_playwright_python", reason="axe-core comes with it")
if chromium() is None:
    pytest.skip("Chromium is not installed: apt-get install chromium", allow_module_level=True)

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

ANSWER_MS = 90_000  # the first question waits for the models
TABLE = "What was the revenue from wind power in 2025?"
TEXT = "Why did Aldra Weir stand still for 41 days in 2025?"
WEB = "How many basins does the fish pass have?"
PICTURE = "How many metres above the sea is the upper water at Aldra Weir?"
SEVERAL = "How did the revenue from battery services change from 2024 to 2025?"
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 375, "height": 740}
SMALLEST = 24  # CSS pixels of a target, as WCAG 2.2 has it (2.5.8)

# What is too small to be hit; links within a sentence and what only measures are left out.
_SMALL = """least => [...document.querySelectorAll('button, summary, [role=button], [role=tab], input, textarea, a')]
    .filter((one) => one.checkVisibility({visibilityProperty: true}) && !one.closest('[inert], [aria-hidden=true], .hide'))
    .map((one) => [one.outerHTML.slice(0, 120), one.getBoundingClientRect(), getComputedStyle(one).display])
    .filter(([, box, display]) => box.height > 1 && display !== 'inline' && (box.width < least || box.height < least))
    .map(([html, box]) => `${html} ${box.width} x ${box.height}`)"""
# Whether what matches lies within the window, and within the box of the panel that scrolls.
_IN_SIGHT = """selector => {
    const seen = document.querySelector('#side-column').getBoundingClientRect();
    const boxes = [...document.querySelectorAll(selector)].map((one) => one.getBoundingClientRect());
    return boxes.length > 0 && boxes.every((box) => box.top >= seen.top && box.bottom <= Math.min(seen.bottom, innerHeight));
}"""
# Boxes within the right half that scroll down within the one that does.
_NESTED = """() => [...document.querySelectorAll('#side-column *')]
    .filter((one) => /auto|scroll/.test(getComputedStyle(one).overflowY) && one.scrollHeight > one.clientHeight + 1)
    .filter((one) => one.checkVisibility()).map((one) => one.outerHTML.slice(0, 120))"""

# What moves by itself (layout shifts, https://web.dev/cls), outside the conversation, which grows while it is written.
_WATCH_SHIFTS = """() => {
    window.moved = [];
    const inChat = (node) => node.parentElement?.closest('#chat');
    new PerformanceObserver((all) => {
        for (const one of all.getEntries()) {
            const nodes = one.sources.map((source) => source.node).filter((node) => node && !inChat(node));
            const names = nodes.map((node) => node.outerHTML?.slice(0, 90));
            if (!one.hadRecentInput && nodes.length) window.moved.push([one.value, names]);
        }
    }).observe({type: 'layout-shift'});
}"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with server(tmp_path_factory.mktemp("data")) as url:
        yield url


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    with browser() as one:
        yield one


def _open(chrome: Browser, address: str, **options: object) -> Page:
    page = chrome.new_page(**{"viewport": DESKTOP, **options})  # type: ignore[arg-type]
    page.goto(address)
    expect(page.locator("html.scripted #chat .example")).to_have_count(3, timeout=ANSWER_MS)
    return page


def _violations(page: Page, view: str) -> list[str]:
    """What axe-core has to say of a view, printed, so that ``pytest -s`` is the report."""
    page.wait_for_timeout(400)  # transitions: a colour on its way has another contrast
    found = [
        f"{view}: {violation['id']} ({violation['impact']}) {node['target']} {node['html'][:160]}"
        for violation in Axe().run(page).response["violations"]
        for node in violation["nodes"]
    ]
    sys.stdout.write("\n  ".join([f"axe-core, {view}: {len(found)} violations", *found]) + "\n")
    return found


def _ask(page: Page, question: str, number: int) -> None:
    page.locator("#ask textarea").fill(question)
    page.locator("#ask textarea").press("Enter")
    expect(page.locator(f"#evidence a[aria-current][href^='#cite-{number}-']")).to_be_visible(timeout=ANSWER_MS)
    page.wait_for_timeout(400)


def test_axe_finds_nothing_and_evidence_is_in_sight(chrome: Browser, address: str) -> None:
    page = _open(chrome, address)
    found = _violations(page, "empty")
    # the focus is where one writes, and seen
    assert page.evaluate("getComputedStyle(document.querySelector('#ask')).outlineStyle") == "solid"
    for number, (view, question, cited) in enumerate(
        (
            ("table", TABLE, "td.cited"),
            ("text", TEXT, ".page-image .mark"),
            ("web", WEB, "mark.cited-words"),
            ("picture", PICTURE, ".picture-image"),
        )
    ):
        _ask(page, question, number)
        if view == "picture":
            page.locator("#evidence .picture-image img").first.scroll_into_view_if_needed()
        else:
            assert page.evaluate(_IN_SIGHT, f"#evidence {cited}"), view
        assert page.evaluate(_NESTED) == []
        assert page.evaluate("scrollY") == 0
        if view == "table":
            # of the table two cells are marked, on the page too, and not the rows between
            assert page.locator("#evidence td.cited").all_text_contents() == ["Wind power", "3,753"]
            expect(page.locator("#evidence .page-image .mark")).to_have_count(2)
            page.locator("details.trace summary").click()
            expect(page.locator("details.trace")).to_contain_text("meaning")
        if view == "web":
            href = page.locator("#evidence .open a").get_attribute("href") or ""
            assert "#:~:text=" in href
        found += _violations(page, f"evidence: {view}")
    assert page.evaluate(_SMALL, SMALLEST) == []
    for tab in ("Documents", "Labels"):
        page.get_by_role("tab", name=tab).click()
        found += _violations(page, tab.lower())
        assert page.evaluate(_SMALL, SMALLEST) == []
    expect(page.locator(".theme-switch")).to_have_text("Dark", use_inner_text=True)
    page.locator(".theme-switch").click()
    expect(page.locator(".theme-switch")).to_have_text("Light", use_inner_text=True)  # what a click leads to
    found += _violations(page, "labels, dark")
    for tab in ("Documents", "Evidence"):
        page.get_by_role("tab", name=tab).click()
        found += _violations(page, f"{tab.lower()}, dark")
    page.locator("#evidence a.viewed").first.click()
    found += _violations(page, "viewer, dark")
    page.keyboard.press("Escape")
    # what was chosen stays, and what was said
    page.reload()
    expect(page.locator("html.scripted #chat a[href='#cite-0-1']").first).to_be_visible(timeout=ANSWER_MS)
    assert page.evaluate("document.body.classList.contains('dark')")
    page.locator(".theme-switch").click()
    assert not page.evaluate("document.body.classList.contains('dark')")
    page.close()
    assert found == []


def test_the_viewer_by_keys_and_what_is_copied(chrome: Browser, address: str) -> None:
    page = _open(chrome, address)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    foreign: list[str] = []
    own = urlsplit(address).netloc
    page.on("request", lambda r: foreign.append(r.url) if urlsplit(r.url).netloc not in ("", own) else None)
    page.locator("#chat .example", has_text=SEVERAL).focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.matches('#ask textarea')")
    current = page.locator("#evidence .citations a[aria-current]")
    expect(current).to_have_attribute("href", "#cite-0-1", timeout=ANSWER_MS)

    # what is heard of a mark, and of a message
    mark = page.locator("#chat a[href='#cite-0-1']").first
    expect(mark).to_have_attribute(
        "aria-label", "citation 1, page 5 of Merrow Bay Energy Cooperative: Annual Report 2025, table"
    )
    labels = page.locator("#chat [data-testid=bot]").evaluate_all(
        "all => all.map((one) => one.getAttribute('aria-label'))"
    )
    assert set(labels) == {"Answer"}

    # the next citation by key and by button; the focus stays, the page does not move
    mark.focus()
    page.keyboard.press("n")
    expect(current).to_have_attribute("href", "#cite-0-2")
    page.locator("#evidence a[data-step=previous]").focus()
    page.keyboard.press("Enter")
    expect(current).to_have_attribute("href", "#cite-0-1")
    expect(page.locator("#evidence a[data-step=next]")).to_be_focused()
    assert page.evaluate("scrollY") == 0

    # the viewer, by keys alone
    page.locator("#evidence a.viewed").focus()
    page.keyboard.press("Enter")
    viewer, stage = page.locator("#viewer"), page.locator(".viewer-stage")
    expect(viewer).to_be_visible()
    expect(viewer.locator(".viewer-citation")).to_have_text("1 of 3")
    legend = viewer.locator(".legend")
    expect(legend).to_have_text("Outlined: a passage that came near; nothing is claimed of it")
    number = viewer.locator(".viewer-page")
    expect(number).to_have_value("5")
    for _ in range(4):
        page.keyboard.press("+")
    wide = stage.evaluate("one => one.scrollWidth")
    assert wide > 1.2 * DESKTOP["width"]
    page.keyboard.press("0")
    assert stage.evaluate("one => one.scrollWidth") < wide
    page.keyboard.press("n")
    expect(viewer.locator(".viewer-citation")).to_have_text("2 of 3")
    assert page.evaluate(
        "() => [...document.querySelectorAll('#viewer .mark')].every((one) => { const box = one.getBoundingClientRect();"
        " return box.top > 40 && box.bottom < innerHeight; })"
    )
    page.keyboard.press("PageUp")
    expect(number).to_have_value("4")
    expect(legend).to_be_hidden()  # nothing is marked there
    page.wait_for_function("document.querySelector('#viewer img').naturalWidth > 500")

    # words in the document
    page.keyboard.press("/")
    page.keyboard.type("battery services")
    found = viewer.locator(".viewer-found")
    expect(found).to_contain_text(" of ")
    expect(viewer.locator(".mark").first).to_be_visible()
    expect(legend).to_have_text("Outlined: the words looked for")
    page.keyboard.press("Control+a")
    page.keyboard.type("zyzzyva")
    expect(found).to_have_text("none")
    page.keyboard.press("Escape")  # empties what is looked for
    page.locator(".viewer-close").focus()
    page.keyboard.press("Enter")
    expect(viewer).to_be_hidden()
    expect(current).to_have_attribute("href", "#cite-0-2")  # the panel went along

    page.locator("#chat button[aria-label='Copy message']:visible").last.click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "&#91;" not in copied and "#cite" not in copied
    answer, _, sources = copied.partition("\n\nSources:\n\n")
    assert "[1]" in answer
    assert sources.splitlines()[0] == "- [1] page 5 of Merrow Bay Energy Cooperative: Annual Report 2025, table"
    page.close()
    assert foreign == []


def test_on_a_phone_a_tap_on_a_citation_shows_the_evidence(chrome: Browser, address: str) -> None:
    page = _open(chrome, address, viewport=PHONE, has_touch=True, is_mobile=True)
    found = _violations(page, "phone: empty")
    # nothing of the title is cut, and documents can be picked as on a desktop
    assert page.evaluate("(one => one.scrollWidth <= one.clientWidth)(document.querySelector('#head h1'))")
    expect(page.locator("#scope .chip").first).to_be_in_viewport()
    page.evaluate(_WATCH_SHIFTS)
    page.locator("#ask textarea").fill(TEXT)
    page.locator("#ask textarea").press("Enter")
    mark = page.locator("#chat a[href='#cite-0-1']").first
    expect(mark).to_be_visible(timeout=ANSWER_MS)
    side = page.locator("#side-column")
    expect(side).to_be_hidden()
    assert page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]") == list(
        PHONE.values()
    )
    mark.tap()
    expect(side).to_be_visible()
    page.wait_for_timeout(800)
    assert page.evaluate(_IN_SIGHT, "#evidence .page-image .mark")
    found += _violations(page, "phone: evidence")
    assert page.evaluate(_SMALL, SMALLEST) == []
    page.locator("#evidence a.viewed").tap()
    expect(page.locator("#viewer")).to_be_visible()
    found += _violations(page, "phone: viewer")
    page.locator(".viewer-close").tap()
    page.locator(".to-chat").tap()
    expect(side).to_be_hidden()
    expect(mark).to_be_focused()
    page.locator(".to-side").tap()
    page.get_by_role("tab", name="Documents").tap()
    found += _violations(page, "phone: documents")
    page.keyboard.press("Escape")
    expect(side).to_be_hidden()
    moved = page.evaluate("window.moved")
    assert sum(value for value, _ in moved) < 0.1, moved  # what web.dev calls good
    page.close()
    assert found == []


def test_axe_finds_nothing_on_the_login_page(chrome: Browser, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    Users(settings.users_path).put("ada", "a long pass phrase", ())
    app = FastAPI()
    app.include_router(login_routes(Identity(settings)))
    client = TestClient(app)
    found = []
    for scheme in ("light", "dark"):
        page = chrome.new_page(color_scheme=scheme)  # type: ignore[arg-type]
        for view, answer in (
            ("login", client.get("/login")),
            ("login refused", client.post("/login", data={"name": "ada", "password": "wrong"})),
        ):
            page.set_content(answer.text)
            found += _violations(page, f"{view}, {scheme}")
        page.close()
    assert found == []
