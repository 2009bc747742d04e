"""What is said of evidence."""

from __future__ import annotations

from app.words import answers, citation_label, in_source
from records import SubAnswer
from tests.app.makers import chunk


def test_being_in_the_source_and_answering_are_told_apart() -> None:
    stated = in_source(checked=True)
    assert stated is not None
    assert (stated.mark, stated.sign) == ("good", "✓ ")
    for part in (
        SubAnswer(question="q", confidence=0.61),
        SubAnswer(question="q"),
        SubAnswer(question="q", outcome="passages"),
    ):
        said = answers(part, "a-model")
        assert said is not None
        assert said.mark == "near"
        assert "question" in said.text and "question" not in stated.text


def test_who_says_that_it_answers_and_no_percentage() -> None:
    sure, model = (
        answers(SubAnswer(question="q", confidence=0.614), "extractive"),
        answers(SubAnswer(question="q"), "m-1"),
    )
    assert sure is not None and "Probably" in sure.text and "%" not in sure.text
    assert model is not None and "m-1" in model.text and "not checked" in model.text
    assert answers(SubAnswer(question="q", outcome="nothing"), "m-1") is None
    assert answers(None, "m-1") is None


def test_what_is_not_in_the_source_is_never_called_good() -> None:
    assert in_source(checked=None) is None
    for doubted in (
        in_source(checked=False),
        in_source(checked=False, computed=True),
        in_source(checked=True, disputed=True),
    ):
        assert doubted is not None
        assert (doubted.mark, doubted.sign) == ("bad", "⚠ ")


def test_a_mark_is_heard_as_a_place() -> None:
    assert citation_label(chunk(title="Salaries, 2025", page=3)) == "page 3 of Salaries, 2025"
    assert citation_label(chunk(kind="table")) == "page 3 of Report, table"
    assert citation_label(chunk(source="https://a.example/x", page=1, bbox=None, section=())) == "Report"
