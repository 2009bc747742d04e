"""Feedback, as a pack that loads."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import fakes
import pytest

from errors import PackError
from evaluation.__main__ import main
from evaluation.from_feedback import file_names, question_rows, write_feedback_pack
from evaluation.load import load_pack
from store.feedback import AnswerFeedback, CitedPassage, Feedback, FeedbackEntry, GoldAnswer, PassageLabel, Relevance

NAMES = {"/docs/a.md": "a.md", "/docs/b.pdf": "b.pdf"}
GOOD = AnswerFeedback(
    who="guest", when="1", question="How high?", answer="“98 metres” [1, 2]", abstained=False,
    citations=(CitedPassage(source="/docs/b.pdf", page=3, quote="98 metres"), CitedPassage(source="/docs/b.pdf", page=3)),
    rating="good",
)  # fmt: skip
BAD = replace(GOOD, rating="bad")


def label(chunk: str, relevance: Relevance, who: str = "guest", page: int = 1) -> PassageLabel:
    return PassageLabel(
        who=who, when="2", question="How high?", chunk=chunk, source="/docs/a.md", page=page, text=chunk, rank=1,
        relevance=relevance,
    )  # fmt: skip


def gold(answer: str, who: str = "guest") -> GoldAnswer:
    return GoldAnswer(who=who, when="3", question="how  HIGH?", answer=answer)


B3 = ("b.pdf", 3)


@pytest.mark.parametrize(
    ("entries", "answer", "locations"),
    [
        ([GOOD], ["“98 metres”"], [B3]),
        ([replace(GOOD, abstained=True)], "not answerable", []),
        ([replace(GOOD, answer="")], [], [B3]),  # the nearest passages, and they helped
        ([BAD, replace(BAD, correction="98 m")], ["98 m"], []),
        ([replace(BAD, correction="Not answerable.")], "not answerable", []),
        ([GOOD, BAD, label("c", "relevant")], [], [("a.md", 1)]),  # the guest took the thumbs up back
        ([GOOD, replace(BAD, who="Ada", correction="99 m")], ["“98 metres”", "99 m"], [B3]),
        ([label("c", "answer"), label("d", "not", page=2), gold("98")], ["98"], [("a.md", 1)]),
        ([label("c", "answer"), label("c", "not"), gold("98")], ["98"], []),  # changed their mind
        ([label("c", "answer"), label("c", "not", who="Ada"), label("d", "relevant", page=2)], [], [("a.md", 2)]),
        ([GOOD, gold("")], "not answerable", []),
        ([gold(""), gold("98", who="Ada")], ["98"], []),
    ],
)
def test_what_counts(entries: list[FeedbackEntry], answer: Any, locations: list[tuple[str, int]]) -> None:
    (row,), still_open, missing = question_rows(entries, NAMES)
    assert row["answer"] == answer
    assert [(one["source"], one["page"]) for one in row["evidence"]] == locations
    assert row["kind"] == ("unanswerable" if answer == "not answerable" else "answerable")
    assert (still_open, missing) == ([], [])


@pytest.mark.parametrize(
    "entries",
    [
        [BAD],
        [GOOD, replace(GOOD, rating="withdrawn")],
        [replace(BAD, abstained=True)],
        [label("c", "not")],
        [GOOD, BAD],
    ],
)
def test_a_question_without_a_right_answer_stays_open(entries: list[FeedbackEntry]) -> None:
    assert question_rows(entries, NAMES) == ([], ["How high?"], [])


def test_who_and_when_go_along() -> None:
    (row,), _, _ = question_rows([GOOD, replace(BAD, who="Ada", when="9", correction="x")], NAMES)
    assert row["said_by"] == [{"who": "guest", "when": "1"}, {"who": "Ada", "when": "9"}]


def test_a_source_that_is_gone_is_named() -> None:
    (row,), _, missing = question_rows([GOOD], {"/docs/a.md": "a.md"})
    assert (row["evidence"], missing) == ([], ["/docs/b.pdf"])


def test_no_two_sources_have_one_file_name() -> None:
    sources = ["/x/Report.pdf", "/y/report.pdf", "https://example.org/a%20b/", "https://example.org", "/z/..."]
    assert list(file_names(sources, {}).values()) == ["Report.pdf", "report-2.pdf", "a b", "example.org", "source"]


def test_the_pack_loads(make_index: Callable[..., Any], tmp_path: Path) -> None:
    index = make_index()
    for name in ("/x/tower.md", "/y/tower.md"):
        original = index.assets.put(f"The tower of {name} is 98 metres high.".encode(), ".md")
        fakes.put(index, [fakes.chunk(f"98 metres in {name}", source=name)], fakes.document(name, original=original))
    cited = replace(GOOD, citations=(CitedPassage(source="/y/tower.md", page=1, quote="98 metres"),))
    entries = [cited, replace(BAD, question="How old?"), replace(GOOD, question="Whose?", abstained=True)]
    done = write_feedback_pack(index, entries, tmp_path / "pack")
    assert (done.questions, done.documents, done.open, done.missing) == (2, 2, ("How old?",), ())
    pack = load_pack(tmp_path / "pack")
    assert [path.name for path in pack.documents] == ["tower-2.md", "tower.md"]
    assert "/y/tower.md" in (tmp_path / "pack" / "documents" / "tower-2.md").read_text()
    high, whose = pack.questions
    assert (high.text, high.answers, high.answerable) == ("How high?", ("“98 metres”",), True)
    assert [(one.source, one.page) for one in high.evidence] == [("tower-2.md", 1)]
    assert not whose.answerable
    with pytest.raises(PackError, match="is not empty"):
        write_feedback_pack(index, entries, tmp_path / "pack")
    with pytest.raises(PackError, match="of 1 questions nobody has given"):
        write_feedback_pack(index, [BAD], tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_the_command(make_index: Callable[..., Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    index = make_index()
    original = index.assets.put(b"The tower is 98 metres high.", ".md")
    fakes.put(index, [fakes.chunk("98 metres")], fakes.document(original=original))
    feedback = Feedback(index.folder)
    feedback.add(replace(GOOD, citations=()))
    feedback.add(replace(BAD, question="How old?"))
    assert main(["--from-feedback", str(tmp_path / "pack"), "--data-dir", str(index.folder)]) == 0
    out, err = capsys.readouterr()
    assert "1 questions, 1 documents" in out
    assert "How old?" in err
    (row,) = [json.loads(line) for line in (tmp_path / "pack" / "questions.jsonl").read_text().splitlines()]
    assert row["said_by"] == [{"who": "guest", "when": "1"}]
