"""Documents in a real browser: dropped into the chat, looked through, renamed, read again, removed, brought back."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pymupdf
import pytest
from fakes import FakeEmbedder, settings_at

from app.assistant import Assistant
from store.index import Index
from tests.app.browser import browser, chromium

pytest.importorskip("playwright")
if chromium() is None:
    pytest.skip("Chromium is not installed: apt-get install chromium", allow_module_level=True)

from playwright.sync_api import Page, expect

pytestmark = pytest.mark.filterwarnings("ignore")  # Gradio's server meets deprecations of its own libraries
MS = 90_000  # a worker process starts
WEIR = "# The weir\n\nThe weir of Torvig was built in 1931.\n\n| Part | Weight |\n| --- | --- |\n| Gate | 412 |\n"

# Hands files to the page as the event says that a mouse or a keyboard would.
_GIVE = """([name, place, files]) => {
    const data = new DataTransfer();
    for (const [file, text] of files) data.items.add(new File([text], file, {type: 'text/markdown'}));
    const options = {bubbles: true, cancelable: true, composed: true, dataTransfer: data, clipboardData: data};
    const event = name === 'paste' ? new ClipboardEvent(name, options) : new DragEvent(name, options);
    document.querySelector(place).dispatchEvent(event);
}"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory, chroma_url: str) -> Iterator[Page]:
    import uvicorn

    from app.serve import web_app

    settings = settings_at(tmp_path_factory.mktemp("data"), chroma_url, workers=1)
    with (
        Index(settings, FakeEmbedder()) as index,  # type: ignore[arg-type]
        Assistant(index) as assistant,
        socket.create_server(("127.0.0.1", 0)) as listener,
    ):
        web = uvicorn.Server(uvicorn.Config(web_app(assistant), log_level="warning", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=web.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            with browser() as one:
                opened = one.new_page(viewport={"width": 1440, "height": 900})
                opened.goto(f"http://127.0.0.1:{listener.getsockname()[1]}/")
                opened.locator("#ask input[type=file]").wait_for(state="attached")
                yield opened
        finally:
            web.should_exit = True
            thread.join(10)


def test_documents_dropped_into_the_chat_are_added_while_one_stays_where_one_is(page: Page) -> None:
    page.get_by_role("tab", name="Evidence").click()
    page.evaluate(_GIVE, ["drop", "#chat", [["weir.md", WEIR], ["second.md", "# Gate\n\nA gate."]]])
    expect(page.locator("#ask .thumbnail-item")).to_have_count(2)
    page.locator("#ask textarea").fill("When was the weir built?")
    page.locator("#ask textarea").press("Enter")
    now = page.locator("#adding-now")
    expect(now).to_contain_text("and 1 more can be asked about now", timeout=MS)
    expect(page.locator("#ask textarea")).to_have_value("When was the weir built?")  # it has waited
    expect(page.locator("#chat .user")).to_have_count(0)
    expect(page.get_by_role("tab", name="Evidence")).to_have_attribute("aria-selected", "true")
    page.locator("#ask textarea").press("Enter")
    expect(page.locator("#chat .bot").last).to_contain_text("1931", timeout=MS)


def test_a_pasted_file_is_added_too_and_a_broken_one_is_named_as_it_was_given(page: Page) -> None:
    page.evaluate(_GIVE, ["paste", "body", [["note.md", "# Note\n\nThe sluice was painted red."]]])
    expect(page.locator("#ask .thumbnail-item")).to_have_count(1)
    page.locator("#ask button[aria-label*='ubmit'], #ask .submit-button").first.click()
    expect(page.locator("#adding-now")).to_contain_text("note.md can be asked about now", timeout=MS)
    page.evaluate(_GIVE, ["drop", "#chat", [["broken.pdf", "%PDF-1.7 nothing"]]])
    expect(page.locator("#ask .thumbnail-item")).to_have_count(1)
    page.locator("#ask textarea").press("Enter")
    expect(page.locator("#adding-now")).to_contain_text("✗ broken.pdf: broken.pdf is broken", timeout=MS)
    assert "uploads" not in page.locator("#adding-now").inner_text()


def test_a_source_is_looked_through_renamed_and_read_again(page: Page) -> None:
    page.get_by_role("tab", name="Documents").click()
    entry = page.locator("#sources li", has_text="weir.md")
    entry.get_by_role("button", name="Preview").click()
    preview = page.locator("#preview")
    expect(preview.locator(".words").first).to_contain_text("The weir of Torvig was built in 1931.", timeout=MS)
    expect(page.locator("#sources")).to_be_hidden()
    preview.get_by_role("button", name="Tables (1)").click()
    expect(preview.locator("td", has_text="412")).to_be_visible()
    name = page.locator("#source-name input, #source-name textarea")
    name.fill("Torvig, the weir")
    name.press("Enter")
    expect(preview.locator("h3")).to_have_text("Torvig, the weir", timeout=MS)
    preview.get_by_role("button", name="Back to the list").click()
    entry = page.locator("#sources li", has_text="Torvig, the weir")
    expect(entry).to_be_visible()
    entry.get_by_role("button", name="Read again").click()
    expect(page.locator("#progress")).to_contain_text("✓ Replaced", timeout=MS)
    expect(entry).to_be_visible()


def test_tags_tell_what_a_source_is_about_and_related_ones_are_a_click_away(page: Page) -> None:
    page.get_by_role("tab", name="Documents").click()
    entry = page.locator("#sources li", has_text="weir.md")
    about = entry.locator("details.about")
    expect(about.locator("summary")).to_contain_text("weir", timeout=MS)
    about.locator("summary").click()
    expect(about.locator("p")).to_contain_text("The weir of Torvig was built in 1931.")
    # a tag is found as a name is
    tag = about.locator("summary").inner_text().split(" · ")[0]
    search = page.locator("#search input, #search textarea")
    search.fill(tag)
    expect(page.locator("#sources p.count")).to_contain_text("1 source of 3 match", timeout=MS)
    search.fill("")
    expect(page.locator("#sources p.count")).to_have_text("3 sources", timeout=MS)
    entry.get_by_role("button", name="Preview").click()
    preview = page.locator("#preview")
    expect(preview.locator(".related")).to_contain_text("Nearest to it:", timeout=MS)
    near = preview.locator(".related a").first
    name = near.inner_text()
    near.click()
    expect(preview.locator("h3")).to_have_text(name, timeout=MS)
    preview.get_by_role("button", name="Back to the list").click()


def test_a_locked_pdf_asks_for_its_password_until_it_opens(page: Page, tmp_path: Path) -> None:
    locked = tmp_path / "contract.pdf"
    with pymupdf.open() as document:
        document.new_page().insert_text((72, 72), "The rent of the boathouse is 900 euros.")
        document.save(locked, encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="open sesame", owner_pw="another")
    page.get_by_role("tab", name="Documents").click()
    row = page.locator("#unlocking")
    expect(row).to_be_hidden()
    page.locator("#files input[type=file]").set_input_files(locked)
    password = page.get_by_label("Password of contract.pdf")
    expect(password).to_be_visible(timeout=MS)
    expect(password).to_have_attribute("type", "password")
    password.fill("wrong one")
    password.press("Enter")
    expect(page.locator("#progress li.failed")).to_contain_text("does not open it", timeout=MS)
    expect(password).to_be_visible(timeout=MS)
    expect(password).to_have_value("")
    password.fill("open sesame")
    password.press("Enter")
    expect(page.locator("#progress")).to_contain_text("✓ Added", timeout=MS)
    expect(row).to_be_hidden(timeout=MS)
    expect(page.locator("#sources li", has_text="contract.pdf")).to_be_visible()
    assert "sesame" not in page.locator("body").inner_text()


def test_a_filter_limits_what_is_used_and_a_wrong_one_is_said(page: Page) -> None:
    box = page.locator("#where input, #where textarea")
    box.fill("colour=blue")
    box.press("Enter")
    expect(page.locator(".toast-body").first).to_contain_text("No document has a field “colour”", timeout=MS)
    expect(page.locator("#scope .chip[aria-pressed=true]")).to_have_count(0)
    box.fill("name=second.md")
    box.press("Enter")
    expect(page.locator("#scope .chip[aria-pressed=true]")).to_have_text("name=second.md", timeout=MS)
    page.locator("#scope").get_by_role("button", name="Use all").click()
    expect(page.locator("#scope .chip[aria-pressed=true]")).to_have_count(0, timeout=MS)


def test_a_removed_source_comes_back(page: Page) -> None:
    page.get_by_role("tab", name="Documents").click()
    entry = page.locator("#sources li", has_text="Torvig, the weir")
    entry.get_by_text("Ask this document").click()
    expect(page.locator("#scope .chip[aria-pressed=true]")).to_have_text("Torvig, the weir", timeout=MS)
    entry.locator("summary", has_text="Remove").click()
    entry.get_by_role("button", name="Yes, remove").click()
    expect(entry).to_have_count(0, timeout=MS)
    expect(page.locator("#progress")).to_contain_text("Undo works for 24 hours")
    # what only it was to answer, all others may again, and that is said
    expect(page.locator("#scope .chip[aria-pressed=true]")).to_have_count(0, timeout=MS)
    expect(page.locator("#scope-row")).to_contain_text("“weir.md” is gone. Uses all")
    expect(page.locator("#removed")).to_contain_text("gone for good after")
    page.locator("#removed").get_by_role("button", name="Undo").click()
    expect(entry).to_be_visible(timeout=MS)
    expect(page.locator("#removed li")).to_have_count(0)


def test_labels_speak_plainly_and_keep_statistics_folded(page: Page) -> None:
    page.get_by_role("tab", name="Labels").click()
    expect(page.locator("#label-shares")).to_contain_text("Answers rated right: none judged yet", timeout=MS)
    assert "interval" not in page.locator("#side").inner_text()
    page.get_by_role("button", name="How sure is that").click()
    expect(page.locator("#label-certainty")).to_contain_text("interval")


def test_a_place_is_kept_in_step_and_its_failure_is_shown(page: Page) -> None:
    page.get_by_role("tab", name="Documents").click()
    page.get_by_role("button", name="Syncs").click()
    page.locator("#sync-name input, #sync-name textarea").fill("site")
    page.locator("#sync-place input, #sync-place textarea").fill("http://127.0.0.1:9/sitemap.xml")
    page.locator("#sync-add").click()
    expect(page.locator("#syncs-list")).to_contain_text("has not run")
    page.locator("#sync-run").click()
    refresh = page.locator("#sync-refresh")
    for _ in range(20):
        refresh.click()
        page.wait_for_timeout(300)
        if "FAILING" in page.locator("#syncs-list").inner_text():
            break
    expect(page.locator("#syncs-list")).to_contain_text("not on the public internet")
    page.locator("#drift-ask").click()
    expect(page.locator("#drift")).to_contain_text("cannot be told")
