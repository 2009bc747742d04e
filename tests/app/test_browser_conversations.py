"""Conversations in a real browser: kept over reload and restart, limited to documents, renamed, exported, deleted, and what
is no question."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.browser import browser, chromium, server

pytest.importorskip("playwright")
if chromium() is None:
    pytest.skip("Chromium is not installed: apt-get install chromium", allow_module_level=True)

from playwright.sync_api import Browser, Page, expect

ANSWER_MS = 60_000  # the first question waits for the models
REPORT, HANDBOOK = "Annual Report 2025", "Maintenance handbook"


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def one() -> Iterator[Browser]:
    with browser() as opened:
        yield opened


def opened(one: Browser, address: str) -> Page:
    """A page of its own that is ready."""
    page = one.new_page(viewport={"width": 1440, "height": 900})
    page.goto(address)
    expect(page.locator("#scope .chip").first).to_be_visible(timeout=ANSWER_MS)
    return page


def ask(page: Page, question: str) -> None:
    box = page.locator("#ask textarea")
    box.fill(question)
    box.press("Enter")


def done(page: Page) -> None:
    """Wait until the answer is complete: it shows its evidence, whatever tab one looks at."""
    expect(page.locator("#ask .submit-button")).to_be_visible(timeout=ANSWER_MS)


def listed(page: Page) -> str:
    page.get_by_role("tab", name="Conversations").click()
    return page.locator("#chats").inner_text()


def test_a_conversation_from_hello_to_its_deletion_over_a_restart(data_dir: Path, one: Browser, tmp_path: Path) -> None:
    with server(data_dir) as address:
        page = opened(one, address)
        expect(page.locator("#chat")).to_contain_text("4 documents:")  # the first screen says what is in
        expect(page.locator("#scope")).to_contain_text("Uses all 4 documents")

        ask(page, "hello, what can you do?")
        expect(page.locator("#chat .bot").last).to_contain_text(
            "I answer questions from your documents", timeout=ANSWER_MS
        )

        # one click limits the next question, and it is shown at the box
        page.locator("#scope .chip", has_text=HANDBOOK).click()
        expect(page.locator("#scope .chip[aria-pressed=true]")).to_have_text(HANDBOOK)
        ask(page, "what documents do you have?")
        expect(page.locator("#chat")).to_contain_text("1 of 4 documents", timeout=ANSWER_MS)
        ask(page, "summarise this document")
        expect(page.locator("#chat a[href^='#cite-2-']").first).to_be_visible(timeout=ANSWER_MS)

        # ArrowUp in the empty box puts the last question back
        box = page.locator("#ask textarea")
        expect(box).to_have_value("")
        box.press("ArrowUp")
        expect(box).to_have_value("summarise this document")
        box.fill("")

        # asked again, the answer takes the place of the one before
        page.get_by_role("button", name=re.compile("retry", re.I)).last.click()
        page.wait_for_timeout(3_000)  # nothing on the page tells the answer that was there from the one that comes
        expect(page.locator("#chat .user")).to_have_count(3)
        expect(page.locator("#chat a[href^='#cite-2-']").first).to_be_visible(timeout=ANSWER_MS)

        done(page)

        # "Ask this document" beside a document
        page.get_by_role("tab", name="Documents").click()
        page.locator("#sources li", has_text=REPORT).get_by_text("Ask this document").click()
        expect(page.locator("#scope .chip[aria-pressed=true]")).to_contain_text("Merrow Bay")
        ask(page, "What was the availability of the Quayside Roofs in 2025?")
        expect(page.locator("#chat .bot").last).to_contain_text("98.8", timeout=ANSWER_MS)

        # what is offered next has an answer
        offered = page.locator("#following .chip")
        expect(offered.first).to_be_visible(timeout=ANSWER_MS)
        assert 1 <= offered.count() <= 3
        question = offered.first.inner_text()
        offered.first.click()
        expect(page.locator("#chat .user").last).to_contain_text(question)
        expect(page.locator("#chat a[href^='#cite-4-']").first).to_be_visible(timeout=ANSWER_MS)
        done(page)
        listed(page)
        expect(page.locator("#chats")).to_contain_text("5 questions", timeout=ANSWER_MS)

        page.reload()
        expect(page.locator("#chat .user")).to_have_count(5, timeout=ANSWER_MS)
        expect(page.locator("#scope .chip[aria-pressed=true]")).to_contain_text("Merrow Bay")
        page.close()

    with server(data_dir) as address:  # restarted
        page = opened(one, address)
        assert "hello, what can you do?" in listed(page)
        page.locator("#chats button", has_text="hello").click()
        expect(page.locator("#chat .user")).to_have_count(5)
        expect(page.locator("#evidence")).to_be_attached()

        # renamed, found by its questions, exported
        page.get_by_role("tab", name="Conversations").click()
        page.locator("#chats details.rename summary").click()
        page.locator("#chats input[name=name]").fill("Roofs & handbook")
        page.locator("#chats form button").click()
        expect(page.locator("#chats button.link").first).to_have_text("Roofs & handbook")
        page.locator("#search-chats input, #search-chats textarea").fill("quayside roofs")
        expect(page.locator("#chats")).to_contain_text("1 conversation")
        with page.expect_download() as waiting:
            page.locator("#chats a.export").click()
        text = Path(waiting.value.path()).read_text(encoding="utf-8")
        assert text.startswith("# Roofs & handbook\n")
        assert "## What was the availability of the Quayside Roofs in 2025?" in text
        assert re.search(r"^1\. .*Annual Report 2025, page 3, table: “", text, re.M)

        # a new chat uses everything; deleting asks first
        page.locator("#clear").click()
        expect(page.locator("#chat .user")).to_have_count(0)
        expect(page.locator("#scope")).to_contain_text("Uses all 4 documents")
        page.locator("#search-chats input, #search-chats textarea").fill("")
        page.locator("#chats details.remove summary").click()
        expect(page.locator("#chats")).to_contain_text("will be deleted")
        page.locator("#chats details.remove button").click()
        expect(page.locator("#chats")).to_contain_text("kept here once you have asked")

        page.get_by_role("tab", name="Models").click()
        expect(page.locator("#models")).to_contain_text("extractive reader", timeout=ANSWER_MS)
        page.close()
