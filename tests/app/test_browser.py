"""The whole way in a real browser: ask a sample, see the evidence, ask on, add a file, ask it, remove it."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from store.feedback import AnswerFeedback, Feedback, GoldAnswer, PassageLabel
from tests.app.browser import SAMPLES, browser, chromium, server

pytest.importorskip("playwright")
if chromium() is None:
    pytest.skip("Chromium is not installed: apt-get install chromium", allow_module_level=True)

from playwright.sync_api import Page, expect

ANSWER_MS = 60_000  # the first question waits for the models
QUESTION = "How did the revenue from battery services change"
NOTE = """# Lighthouse notes <img src=x onerror="window.hacked = 1">

The lamp of the Torvig lighthouse was replaced on 9 May 1987 by Ingrid Solvang. <script>window.hacked = 2</script>

| Part | Weight <b>kg</b> |
| --- | --- |
| Lens <img src=x onerror="window.hacked = 3"> | 412 |
"""


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def address(data_dir: Path) -> Iterator[str]:
    with server(data_dir) as url:
        yield url


@pytest.fixture
def page(address: str) -> Iterator[Page]:
    """Open the page; check at the end that no request has left for another host and the console has no complaint."""
    with browser() as one:
        opened = one.new_page(viewport={"width": 1440, "height": 900})
        foreign: list[str] = []
        complaints: list[str] = []
        own = urlsplit(address).netloc
        opened.on("request", lambda r: foreign.append(r.url) if urlsplit(r.url).netloc not in ("", own) else None)
        opened.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        opened.goto(address)
        yield opened
        assert foreign == []
        assert complaints == []


def ask(page: Page, question: str) -> None:
    """Type a question and send it."""
    box = page.locator("#ask textarea")
    box.fill(question)
    box.press("Enter")


def test_from_a_question_to_the_place_on_the_page(page: Page) -> None:
    expect(page.locator("#chat .example")).to_have_count(3, timeout=ANSWER_MS)
    page.locator("#chat .example", has_text=QUESTION).click()
    expect(page.locator("#chat .user")).to_contain_text(QUESTION)

    mark = page.locator("#chat a[href^='#cite-0-']").first
    expect(mark).to_have_text(re.compile(r"\[1"), timeout=ANSWER_MS)
    picture = page.locator("#evidence .page-image img")
    expect(picture).to_be_visible()
    page.wait_for_function("document.querySelector('#evidence .page-image img').naturalWidth > 500")
    expect(page.locator("#evidence .page-image .mark").first).to_be_visible()
    assert page.url.endswith("/")

    # steps are there, closed, and open on a click
    step = page.locator("#chat .thought-group, #chat .thought").first
    step.locator("button, [role=button]").first.click()
    expect(page.locator("#chat")).to_contain_text("Passages read, best first")

    # another citation of the answer shows another place
    second = page.locator("#evidence ol.citations a").nth(1)
    second.click()
    expect(page.locator("#evidence ol.citations a[aria-current]")).to_have_attribute("href", "#cite-0-2")
    mark.click()
    expect(page.locator("#evidence ol.citations a[aria-current]")).to_have_attribute("href", "#cite-0-1")
    # a click while another is being answered counts
    other = page.locator("#chat a[href='#cite-0-2']").first
    page.evaluate(
        "([first, last]) => { first.click(); setTimeout(() => last.click(), 100); }",
        [mark.element_handle(), other.element_handle()],
    )
    expect(page.locator("#evidence ol.citations a[aria-current]")).to_have_attribute("href", "#cite-0-2")

    # an empty question changes nothing
    page.locator("#ask textarea").press("Enter")
    page.wait_for_timeout(1_500)
    expect(mark).to_be_visible()
    expect(page.locator("#evidence ol.citations a[aria-current]")).to_have_attribute("href", "#cite-0-2")

    # a question that goes on from there, and a new chat
    ask(page, "And in 2024?")
    expect(page.locator("#chat .user").nth(1)).to_contain_text("And in 2024?")
    expect(page.locator("#chat a[href^='#cite-1-']").first).to_be_visible(timeout=ANSWER_MS)
    expect(page.locator("#chat")).to_contain_text("Understood as")
    page.locator("#clear").click()
    expect(page.locator("#chat .user")).to_have_count(0)
    expect(page.locator("#evidence")).to_contain_text("Where answers come from")


def test_a_file_is_added_asked_and_removed(page: Page, tmp_path: Path) -> None:
    page.get_by_role("tab", name="Documents").click()
    listed = page.locator("#sources")
    expect(listed).to_contain_text("4 sources")
    note = tmp_path / "torvig notes.md"
    note.write_text(NOTE)
    page.locator("#files input[type=file]").set_input_files(str(note))
    expect(page.locator("#progress")).to_contain_text("✓ Added", timeout=ANSWER_MS)
    expect(listed).to_contain_text("torvig notes.md")

    ask(page, "Who replaced the lamp of the Torvig lighthouse?")
    expect(page.locator("#chat .bot").last).to_contain_text("Ingrid Solvang", timeout=ANSWER_MS)
    expect(page.locator("#evidence blockquote.quote")).to_contain_text("Ingrid Solvang")
    ask(page, "What is the weight of the lens of the Torvig lighthouse?")
    expect(page.locator("#evidence td.cited", has_text="412")).to_be_visible(timeout=ANSWER_MS)
    assert page.evaluate("window.hacked") is None

    page.get_by_role("tab", name="Documents").click()
    entry = listed.locator("li", has_text="torvig notes.md")
    entry.locator("summary", has_text="Remove").click()
    entry.get_by_text("Yes, remove").click()
    expect(listed).to_contain_text("4 sources")
    expect(listed).not_to_contain_text("torvig")
    expect(page.locator("#progress")).to_contain_text("is removed")


def test_what_cannot_be_added_is_said(page: Page, tmp_path: Path) -> None:
    page.get_by_role("tab", name="Documents").click()
    page.locator("#link textarea, #link input").fill("/etc/passwd")
    page.locator("#add-link").click()
    expect(page.get_by_text("is not a link")).to_be_visible()
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7\nnothing")
    page.locator("#files input[type=file]").set_input_files(str(broken))
    expect(page.locator("#progress li.failed")).to_contain_text("broken.pdf", timeout=ANSWER_MS)
    expect(page.locator("#sources")).to_contain_text("4 sources")


def test_thumbs_a_correction_and_labels_are_stored(page: Page, data_dir: Path) -> None:
    feedback = Feedback(data_dir)
    ask(page, "How many basins does the fish pass have?")
    expect(page.locator("#evidence ol.citations")).to_be_visible(timeout=ANSWER_MS)
    page.get_by_role("button", name="Like", exact=True).click()
    expect(page.get_by_role("button", name="Liked")).to_be_visible()
    for _ in range(100):  # a busy machine may take a while to store it
        if feedback.all():
            break
        page.wait_for_timeout(100)
    page.get_by_role("button", name="Dislike", exact=True).click()
    correction = page.locator("#correction textarea")
    expect(correction).to_be_visible(timeout=ANSWER_MS)
    correction.fill("23 basins")
    correction.press("Enter")
    expect(correction).to_be_hidden(timeout=ANSWER_MS)
    expect(page.get_by_role("button", name="Disliked")).to_be_visible()
    entries = feedback.all()
    assert [one.rating for one in entries if isinstance(one, AnswerFeedback)] == ["good", "bad", "bad"]
    assert isinstance(entries[-1], AnswerFeedback)
    assert (entries[-1].question, entries[-1].correction) == ("How many basins does the fish pass have?", "23 basins")
    assert entries[-1].citations

    page.get_by_role("tab", name="Labels").click()
    expect(page.locator("#label-shares")).to_contain_text("Answers rated right: 0 of 1", timeout=ANSWER_MS)
    page.locator("#label-question input").fill("When was the cooperative founded?")
    page.locator("#label-find").click()
    passage = page.locator("#label-passage")
    expect(passage).to_contain_text("0 passages", timeout=ANSWER_MS)
    expect(passage.locator("article.evidence-item h3")).to_be_visible()
    page.locator("#label-answer").click()
    expect(passage).to_contain_text("1 passage of", timeout=ANSWER_MS)
    page.locator("#label-not").click()
    expect(passage).to_contain_text("2 passages of", timeout=ANSWER_MS)
    expect(page.locator("#label-shares")).to_contain_text("first passage is relevant: 1 of 1", timeout=ANSWER_MS)
    page.locator("#label-text textarea, #label-text input").fill("On 3 March 2009")
    page.locator("#label-keep").click()
    expect(page.get_by_text("Your answer is saved.")).to_be_visible(timeout=ANSWER_MS)
    *_, first, second, answer = feedback.all()
    assert isinstance(first, PassageLabel) and isinstance(second, PassageLabel) and isinstance(answer, GoldAnswer)
    assert [(one.rank, one.relevance) for one in (first, second)] == [(1, "answer"), (second.rank, "not")]
    assert answer.answer == "On 3 March 2009"


def test_a_program_can_ask_too(address: str) -> None:
    from gradio_client import Client

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the client's own
        client = Client(address, verbose=False)
        answer = client.predict(question="Who audits nothing at all?", api_name="/ask")
    assert answer["question"] == "Who audits nothing at all?"
    assert answer["hits"][0]["source"].startswith(str(SAMPLES))
    assert {"answer", "outcome", "abstained", "citations", "subquestions", "timings_ms", "model"} <= answer.keys()
