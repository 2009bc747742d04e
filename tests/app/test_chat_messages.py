"""Turns as messages of the chat."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from langchain_core.messages import AIMessage, HumanMessage

from app.chat import Exchange, history, messages, rate_limited, with_links
from app.words import location
from chains.answering.synthesis import NEAREST_PASSAGES
from records import Statement, SubAnswer, Turn
from tests.app.makers import chunk, citation, turn


def test_question_step_and_answer_with_a_link_for_its_mark() -> None:
    asked, step, answer = messages((Exchange(turn(), "done"),))
    assert (asked.role, asked.content) == ("user", "What was revenue?")
    assert step.metadata["title"] == "What was revenue?"
    assert (step.metadata["status"], step.metadata["log"]) == ("done", "1 passage")
    assert "Report, page 3" in step.content
    assert answer.content == '12.5 million. [&#91;1&#93;](#cite-0-1 "page 3 of Report")'


def test_while_it_runs_what_is_being_done_is_shown_beside_the_open_part() -> None:
    running = Turn(question="q", standalone="q", stage="decompose", parts=(SubAnswer(question="What was revenue?"),))
    _, step = messages((Exchange(running),))
    assert step.metadata == {"title": "What was revenue?", "log": "Searching the documents", "status": "pending"}


def test_before_there_are_parts_and_after_them_the_stage_stands_alone() -> None:
    done = SubAnswer(question="What was revenue?", done=True)
    parted = turn(parts=(done,), stage="answer", answer="")
    for running, wording in ((Turn(question="q"), "Reading the question"), (parted, "Writing the answer")):
        shown = messages((Exchange(running),))
        assert (shown[-1].metadata["title"], shown[-1].metadata["status"]) == (wording, "pending")


def test_what_a_model_thought_stands_behind_a_fold_of_its_own() -> None:
    part = SubAnswer(question="What was revenue?", reasoning="<b>Hm</b> [1]\nor not", done=True)
    asked = turn(parts=(part,), reasoning="Both.")
    _, thought, _, last, answer = messages((Exchange(asked, "done"),))
    assert thought.metadata == {"title": "What the model thought", "log": "not checked", "status": "done"}
    assert thought.content == "&lt;b&gt;Hm&lt;/b&gt; &#91;1&#93;  \nor not"
    assert (last.content, answer.content) == ("Both.", '12.5 million. [&#91;1&#93;](#cite-0-1 "page 3 of Report")')
    open_part = Turn(question="q", parts=(SubAnswer(question="What was revenue?", reasoning="Hm"),))
    assert messages((Exchange(open_part),))[1].metadata["status"] == "pending"


def test_a_sentence_without_a_source_is_warned_of() -> None:
    assert with_links(turn(answer="Up. [no source] Down [1]."), 0) == (
        'Up. *⚠ no source* Down [&#91;1&#93;](#cite-0-1 "page 3 of Report").'
    )


def test_a_stopped_answer_has_no_spinner() -> None:
    part = SubAnswer(question="What was revenue?")
    shown = messages((Exchange(Turn(question="q", parts=(part,)), "stopped"),))
    assert [message.metadata.get("status") for message in shown if message.metadata] == ["done"]
    assert shown[-1].content == "*Stopped.*"


def test_an_error_is_said() -> None:
    shown = messages((Exchange(Turn(question="q"), "failed", "The model <x> did not answer."),))
    assert "The model &lt;x&gt; did not answer." in shown[-1].content


def test_what_the_question_was_understood_as_is_shown_when_it_differs() -> None:
    shown = messages((Exchange(turn(standalone="What was revenue in 2025?"), "done"),))
    assert shown[1].metadata["title"] == "Understood as"
    assert shown[1].content == "What was revenue in 2025?"


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        ("Up [1].", 'Up [&#91;1&#93;](#cite-2-1 "page 3 of Report").'),
        ("Up [1][2].", 'Up [&#91;1&#93;](#cite-2-1 "page 3 of Report")[&#91;2 ⚠&#93;](#cite-2-2 "page 3 of Report").'),
        ("Up [1, 2].", 'Up [&#91;1&#93;](#cite-2-1 "page 3 of Report")[&#91;2 ⚠&#93;](#cite-2-2 "page 3 of Report").'),
        ("Up [7].", "Up &#91;7&#93;."),
        ("![x](http://other.example/a.png) [1](javascript:alert)", "&#91;x&#93;"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
    ],
)
def test_marks_of_citations_are_the_only_links(answer: str, shown: str) -> None:
    linked = with_links(turn(answer=answer, citations=(citation(1), citation(2, checked=False))), 2)
    assert shown in linked
    assert "<" not in linked
    for piece in linked.split("](")[1:]:
        assert piece.startswith("#cite-2-")


def test_the_nearest_passages_are_named_so_and_not_doubted() -> None:
    near = citation(1, checked=False)
    part = SubAnswer(
        question="q",
        statements=(Statement(text="Up", citations=(1,)),),
        citations=(near,),
        outcome="passages",
        done=True,
    )
    asked = turn(parts=(part,), citations=(near,), answer=f"{NEAREST_PASSAGES}\n\nUp [1]", outcome="passages")
    _, step, answer = messages((Exchange(asked, "done"),))
    assert step.content == "No certain answer; the nearest passages:\n\nUp"
    assert answer.content.startswith("I found no certain answer.")
    assert answer.content.endswith('Up [&#91;1&#93;](#cite-0-1 "page 3 of Report")')


def test_hostile_titles_are_shown_literally() -> None:
    bad = chunk(title="<img src=x onerror=alert(1)> [a](http://b)")
    assert "<img" in location(bad)
    hits = tuple(type(hit)(chunk=bad, score=hit.score) for hit in turn().hits)
    part = SubAnswer(question="<script>alert(1)</script>", hits=hits, done=True)
    for message in messages((Exchange(turn(parts=(part,), question="<b>q</b>"), "done"),))[:2]:
        assert "<" not in message.content
        assert "](" not in message.content
        assert "<" not in (message.metadata or {}).get("title", "")


def test_history_is_question_and_answer_in_turn() -> None:
    exchanges = (Exchange(turn(), "done"), Exchange(Turn(question="And then?"), "stopped"))
    assert history(exchanges) == (
        HumanMessage("What was revenue?"),
        AIMessage("12.5 million. [1]"),
        HumanMessage("And then?"),
    )


def test_throttled_keeps_new_stages_and_the_last() -> None:
    def stream() -> Iterator[Turn]:
        for stage, count in (("retrieve", 3), ("answer", 50)):
            for n in range(count):
                yield Turn(question="q", stage=stage, answer=str(n))

    shown = [(one.stage, one.answer) for one in rate_limited(stream(), seconds=60)]
    assert shown == [("retrieve", "0"), ("answer", "0"), ("answer", "49")]


def test_throttled_shows_a_single_turn_once_and_nothing_of_nothing() -> None:
    only = Turn(question="q")
    assert list(rate_limited([only])) == [only]
    assert list(rate_limited([])) == []


def test_places() -> None:
    assert location(chunk(section=("Report",), source="/a/b.md", bbox=None, page=1)) == "Report"
    assert location(chunk(kind="table")) == "Report, page 3, table"
    assert location(chunk(source="https://a.example/x", page=1, bbox=None)) == "Report, Finances"
    assert location(chunk(source="/a/b.png", page=1, title="", section=(), kind="image")) == "b.png, figure"
