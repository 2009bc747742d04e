"""Runs go on where they were cut off, and a reply is asked for once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from errors import PackError
from evaluation.packs import Question
from evaluation.runs import Run
from evaluation.systems import Location, Reply, ReplyCitation, ReplyStatement
from records import Computation


class Echo:
    """Finds a document named as the question, and counts how often it is asked."""

    name = "Echo (1)"

    def __init__(self, size: int = 1) -> None:
        self.asked: list[str] = []
        self.size = size

    def settings(self) -> dict[str, Any]:
        return {"size": self.size}

    def ask(self, question: str, documents: Sequence[str] | None) -> Reply:
        self.asked.append(f"{question} {documents}")
        return Reply(
            locations=(Location(source=question, page=2, kind="table", table="t"),),
            answered=True,
            statements=(ReplyStatement("so", (1,)), ReplyStatement("2", (1,), ("2",), COUNT)),
            citations=(
                ReplyCitation(n=1, source=question, page=2, kind="table", quote="so", bbox=(0.0, 1.0, 2.0, 3.0)),
            ),
            outcome="passages",
            subquestions=("a", "b"),
            timings_ms={"total": 1.5},
        )


COUNT = Computation(operation="count", cells=("a", "b"), result=("2",), given=(1.0,))
QUESTIONS = [Question(id=str(n), text=f"short {n}", query=f"whole {n}", document="d") for n in range(3)]


def test_replies_come_back_as_they_were(tmp_path: Path) -> None:
    first = Echo()
    replies = Run(tmp_path, first, "c").ask(QUESTIONS, "store")
    assert first.asked == ["whole 0 None", "whole 1 None", "whole 2 None"]
    second = Echo()
    assert Run(tmp_path, second, "c").ask(QUESTIONS, "store") == replies
    assert second.asked == []
    Run(tmp_path, second, "c").ask(QUESTIONS[:1], "document")
    assert second.asked == ["short 0 ['d']"]


def test_a_reply_of_a_time_without_outcomes_says_whether_it_abstained() -> None:
    reply = Echo().ask("q", None)
    for abstained, outcome in ((True, "nothing"), (False, "answered")):
        fields = {name: value for name, value in reply.as_json().items() if name != "outcome"}
        assert Reply.from_json({**fields, "abstained": abstained}) == replace(reply, outcome=outcome)


def test_a_run_cut_off_within_a_line_goes_on(tmp_path: Path) -> None:
    run = Run(tmp_path, Echo(), "c")
    replies = run.ask(QUESTIONS, "store")
    run.path.write_bytes(run.path.read_bytes()[:-10])
    again = Echo()
    assert Run(tmp_path, again, "c").ask(QUESTIONS, "store") == replies
    assert again.asked == ["whole 2 None"]
    assert Run(tmp_path, Echo(), "c").ask(QUESTIONS, "store") == replies


def test_other_settings_contents_or_questions_are_other_runs(tmp_path: Path) -> None:
    Run(tmp_path, Echo(), "c").ask(QUESTIONS, "store")
    for run, system in ((Run(tmp_path, one := Echo(2), "c"), one), (Run(tmp_path, two := Echo(), "d"), two)):
        run.ask(QUESTIONS, "store")
        assert len(system.asked) == 3
    changed = Echo()
    Run(tmp_path, changed, "c").ask([Question(id="0", text="x", query="other words")], "store")
    assert changed.asked == ["other words None"]


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    run = Run(tmp_path, Echo(), "c")
    run.ask(QUESTIONS, "store")
    run.path.write_text('{"key": "x"}\n' + run.path.read_text())
    with pytest.raises(PackError, match=r"\.jsonl:1: not a reply"):
        Run(tmp_path, Echo(), "c")
