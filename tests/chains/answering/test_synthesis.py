"""Answers to sub-questions as one."""

from __future__ import annotations

import pytest
from fakes import chunk

from chains.answering.extractive.synthesis import SAID_ABOVE, synthesise
from chains.answering.synthesis import NEAREST_PASSAGES, joined
from records import Citation, Statement, SubAnswer, Turn

GREW = Statement(text="Revenue grew by 4.8 billion from 2019 to 2020", citations=(1,))
FELL = Statement(text="Costs fell", citations=(2,))


def answer(*parts: SubAnswer) -> Turn:
    return synthesise(Turn(question="?", parts=parts))


def test_each_part_stands_under_its_question() -> None:
    turn = answer(SubAnswer(question="Revenue?", statements=(GREW,)), SubAnswer(question="Profit?", outcome="nothing"))
    assert turn.answer.split("\n\n") == [
        "**Revenue?**",
        "Revenue grew by 4.8 billion from 2019 to 2020 [1]",
        "**Profit?**",
        "Not found in your documents.",
    ]
    assert turn.statements == (GREW,)


def test_the_nearest_passages_are_not_called_an_answer() -> None:
    near = SubAnswer(question="Costs?", statements=(FELL, GREW), outcome="passages")
    alone = ["I found no certain answer. These passages come nearest:", "Costs fell [2]", f"{GREW.text} [1]"]
    for put_together in (synthesise, joined):
        turn = put_together(Turn(question="?", parts=(near,)))
        assert turn.answer.split("\n\n") == alone
        assert turn.statements == (FELL, GREW)
    turn = answer(SubAnswer(question="Revenue?", statements=(GREW,)), near)
    assert turn.answer.split("\n\n") == ["**Revenue?**", f"{GREW.text} [1]", "**Costs?**", *alone]


def test_a_quote_that_answers_one_part_and_is_nearest_to_another_is_said_of_both() -> None:
    turn = answer(*(SubAnswer(question=f"{one}?", statements=(GREW,), outcome=one) for one in ("answered", "passages")))
    assert turn.answer.split("\n\n") == [
        "**answered?**", f"{GREW.text} [1]", "**passages?**", NEAREST_PASSAGES, f"{GREW.text} [1]",
    ]  # fmt: skip


def test_what_answers_all_parts_is_said_once() -> None:
    turn = answer(*(SubAnswer(question=f"Revenue in {year}?", statements=(GREW,)) for year in (2019, 2020)))
    assert turn.answer == "Revenue grew by 4.8 billion from 2019 to 2020 [1]"
    assert turn.statements == (GREW,)


def near(question: str, *statements: Statement) -> SubAnswer:
    return SubAnswer(question=question, statements=statements, outcome="passages")


def test_nearest_passages_of_a_comparison_are_one_list_without_headings() -> None:
    turn = answer(
        near("What is output in 2024.", GREW, FELL), near("What is output in 2025.", FELL, GREW), near("C?", FELL)
    )
    assert turn.answer.split("\n\n") == [NEAREST_PASSAGES, f"{GREW.text} [1]", "Costs fell [2]"]


def test_beside_an_answer_a_nearest_passage_is_shown_once() -> None:
    parts = (near("A.", GREW), SubAnswer(question="B?", statements=(FELL,)), near("C?", GREW), near("D", GREW, FELL))
    assert answer(*parts).answer.split("\n\n") == [
        "**A?** **C?**", NEAREST_PASSAGES, f"{GREW.text} [1]", "**B?**", "Costs fell [2]",
        "**D?**", NEAREST_PASSAGES, "Costs fell [2]",
    ]  # fmt: skip
    last = answer(near("A", GREW, FELL), SubAnswer(question="B?", statements=(FELL,)), near("C?", FELL)).answer
    assert last.endswith(f"**C?**\n\n{SAID_ABOVE} [2]")


def test_a_statement_of_two_parts_is_one_statement() -> None:
    parts = (SubAnswer(question="A?", statements=(GREW,)), SubAnswer(question="B?", statements=(GREW, FELL)))
    turn = answer(*parts)
    assert turn.answer.count("Revenue grew") == 2
    assert turn.statements == (GREW, FELL)


@pytest.mark.parametrize(
    ("question", "page", "aside"),
    [
        ("What does page 3 say of revenue?", 3, []),
        (
            "What does page 3 say of revenue?",
            6,
            ["Nothing found on page 3 answers this; what follows stands elsewhere."],
        ),
        ("What do pages 3 to 4 say?", 6, ["Nothing found on pages 3, 4 answers this; what follows stands elsewhere."]),
        ("What do pages 3 to 6 say?", 6, []),
        ("What of revenue?", 6, []),
    ],
)
def test_what_stands_on_another_page_than_asked_says_so(question: str, page: int, aside: list[str]) -> None:
    cited = Citation(n=1, chunk=chunk("Revenue grew.", page=page), quote="Revenue grew.")
    turn = answer(SubAnswer(question=question, statements=(GREW,), citations=(cited,)))
    assert turn.answer.split("\n\n")[:-1] == aside


def test_who_finds_nothing_on_the_page_speaks_of_no_other() -> None:
    turn = answer(
        SubAnswer(question="Revenue on page 3?", outcome="nothing"), SubAnswer(question="Costs?", statements=(FELL,))
    )
    assert "elsewhere" not in turn.answer
