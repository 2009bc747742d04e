"""The events of the page with a chain of the test's own, without a model; and in a browser, an answer that streams."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.runnables import RunnableGenerator

from app.assistant import Assistant
from app.callbacks import NOTHING_NEW, Callbacks
from config import Settings
from errors import ModelError
from records import Hit, SubAnswer, Turn
from store.index import Index
from tests.app.browser import browser, chromium
from tests.app.makers import chunk, citation, turn

if TYPE_CHECKING:
    from playwright.sync_api import Page

WORDS = 200


def _answers(turns: Iterator[Turn]) -> Iterator[Turn]:
    asked = next(turns)
    if asked.question == "fail":
        raise ModelError("The model <m> did not answer.")
    yield replace(asked, stage="condense", standalone=f"{asked.question} ({len(asked.history)} before)")
    for stage in ("answer", "check"):
        yield replace(turn(question=asked.question, history=asked.history), stage=stage)


def _slow(turns: Iterator[Turn]) -> Iterator[Turn]:
    """As a chat model answers: passages, words one by one, then all with marks; of "Briefly" a few words."""
    asked = next(turns)
    asked = replace(asked, standalone=asked.question, stage="retrieve")
    part = SubAnswer(question="A part", hits=tuple(Hit(chunk=chunk(page=n), score=1.0) for n in range(1, 6)))
    yield replace(asked, parts=(part,))
    for n in range(1, (20 if asked.question == "Briefly" else WORDS) + 1):
        time.sleep(0.05)
        written = " ".join(f"word{i}" for i in range(n))
        draft = replace(asked, parts=(replace(part, text=written),), stage="answer", answer=written)
        yield draft
    part = replace(part, text=written, done=True)
    yield replace(draft, parts=(part,), stage="synthesise", citations=(citation(),))
    time.sleep(1)
    yield replace(draft, parts=(part,), stage="check", answer=f"{written} [1]", citations=(citation(),))


# Where the words of the answer begin, whenever the chat changes, by what is said below them; in pixels. From the tenth word
# on: with the first ones the steps above fold, which Gradio animates.
_WATCH_BEGINNING = """() => {
    window.tops = [];
    const look = () => {
        const texts = [...document.querySelectorAll('#chat .bot .md, #chat .bot .prose')];
        const bubble = texts.find((one) => one.innerText.startsWith('word0'));
        if (!bubble?.innerText.includes('word9')) return;
        const said = bubble.innerText.match(/Not checked yet[^.]*/)?.[0] ?? '';
        window.tops.push([Math.round(bubble.getBoundingClientRect().top), said]);
    };
    new MutationObserver(() => setTimeout(look, 150)).observe(
        document.querySelector('#chat'), {subtree: true, childList: true, characterData: true});
}"""


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    with Index(Settings(data_dir=tmp_path / "data")) as one:
        yield one


@pytest.fixture
def calls(index: Index) -> Iterator[Callbacks]:
    with Assistant(index, RunnableGenerator(_answers)) as assistant:
        yield Callbacks(assistant)


def test_a_question_goes_from_running_to_done(calls: Callbacks) -> None:
    _, conversation, _ = calls.begin("  What was revenue? ", ())
    assert [exchange.status for exchange in conversation] == ["running"]
    *_, (conversation, shown, panel, _) = calls.answer(conversation)
    assert conversation[0].status == "done"
    assert conversation[0].turn.question == "What was revenue?"
    assert shown[-1].content.startswith("12.5 million.")
    assert "Revenue was 12.5 million." in panel


def test_a_follow_up_brings_its_history(calls: Callbacks) -> None:
    _, conversation, _ = calls.begin("One?", ())
    *_, (conversation, *_) = calls.answer(conversation)
    _, conversation, _ = calls.begin("Two?", conversation)
    first, *_ = (update[0] for update in calls.answer(conversation))
    assert first[1].turn.history == (HumanMessage("One?"), AIMessage("12.5 million. [1]"))


def test_a_failure_is_shown_and_the_next_question_can_come(calls: Callbacks) -> None:
    _, conversation, _ = calls.begin("fail", ())
    *_, (conversation, shown, *_) = calls.answer(conversation)
    assert conversation[0].status == "failed"
    assert "The model &lt;m&gt; did not answer." in shown[-1].content
    _, conversation, _ = calls.begin("Again?", conversation)
    *_, (conversation, *_) = calls.answer(conversation)
    assert [exchange.status for exchange in conversation] == ["failed", "done"]


def test_no_question_and_a_second_one_meanwhile_change_nothing(calls: Callbacks) -> None:
    _, running, _ = calls.begin("One?", ())
    for question, conversation in (("  ", ()), ("Two?", running)):
        assert all(isinstance(value, dict) for value in calls.begin(question, conversation))
        assert len(conversation) <= 1


def test_what_was_stopped_keeps_what_was_found(calls: Callbacks) -> None:
    _, conversation, _ = calls.begin("One?", ())
    calls.stop(conversation)
    ((conversation, shown, *_),) = calls.answer(conversation)
    assert conversation[0].status == "stopped"
    assert shown[-1].content == "*Stopped.*"
    assert list(calls.answer(conversation)) == [NOTHING_NEW]  # an event that ends without a yield empties the page


def test_the_endpoint_gives_the_object_of_the_command_line(calls: Callbacks) -> None:
    answer = calls.ask("What was revenue?")
    assert answer["answer"] == "12.5 million. [1]"
    assert answer["citations"][0]["bbox"] == [50.0, 100.0, 200.0, 120.0]


def _a_draft_becomes_the_answer(page: Page) -> None:
    """Its words stay where they are, and below them stands what is not done yet."""
    page.evaluate(_WATCH_BEGINNING)
    page.locator("#ask textarea").fill("Briefly")
    page.locator("#ask textarea").press("Enter")
    page.locator("#chat a[href='#cite-0-1']").wait_for()
    page.locator("#ask .submit-button").wait_for()
    page.wait_for_timeout(500)
    tops, said = zip(*page.evaluate("window.tops"), strict=True)
    seen = list(dict.fromkeys(said))
    unchecked = ["Not checked yet: it is still being written", "Not checked yet: the citations are being checked"]
    assert seen == [one for one in (*unchecked, "") if one in seen]  # a busy browser may skip one
    assert len(seen) > 1 and seen[-1] == ""
    assert max(tops) - min(tops) <= 2, tops


@pytest.mark.filterwarnings("ignore")  # Gradio's server meets deprecations of its own libraries
@pytest.mark.skipif(chromium() is None, reason="Chromium is not installed: apt-get install chromium")
def test_a_long_answer_streams_calmly_and_can_be_stopped(index: Index) -> None:
    import uvicorn

    from app.serve import web_app

    with (
        Assistant(index, RunnableGenerator(_slow)) as assistant,
        socket.create_server(("127.0.0.1", 0)) as server_socket,
    ):
        web = uvicorn.Server(uvicorn.Config(web_app(assistant), log_level="warning", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=web.run, kwargs={"sockets": [server_socket]})
        thread.start()
        try:
            with browser() as one:
                page = one.new_page()
                page.goto(f"http://127.0.0.1:{server_socket.getsockname()[1]}/")
                page.locator("#chat").wait_for()
                _a_draft_becomes_the_answer(page)
                page.locator("#clear").click()
                page.locator("#ask textarea").fill("Tell me")
                page.locator("#ask textarea").press("Enter")
                page.get_by_text("word5").first.wait_for()
                page.evaluate(
                    "window.seen = new Set(); new MutationObserver(() => window.seen.add("
                    "document.querySelector('#chat').innerText.match(/word/g)?.length))"
                    ".observe(document.querySelector('#chat'), {subtree: true, childList: true, characterData: true})"
                )
                page.wait_for_timeout(2000)
                assert 2 <= page.evaluate("window.seen.size") <= 14  # five a second, and some slack
                page.locator("#ask .stop-button").click()
                page.get_by_text("Stopped before it was checked.").wait_for()
                words = page.evaluate("document.querySelector('#chat').innerText.match(/word/g).length")
                assert words < WORDS
                page.wait_for_timeout(600)
                assert page.evaluate("document.querySelector('#chat').innerText.match(/word/g).length") == words
                page.locator("#ask .submit-button").wait_for()
        finally:
            web.should_exit = True
            thread.join(20)
    assert not thread.is_alive()
