"""Answers to sub-questions as one."""

from __future__ import annotations

from chains.synthesise import synthesise_by_rule
from records import Statement, SubAnswer, Turn

GREW = Statement(text="Revenue grew by 4.8 billion from 2019 to 2020", citations=(1,))
FELL = Statement(text="Costs fell", citations=(2,))


def answer(*parts: SubAnswer) -> Turn:
    return synthesise_by_rule(Turn(question="?", parts=parts))


def test_each_part_stands_under_its_question() -> None:
    turn = answer(SubAnswer(question="Revenue?", statements=(GREW,)), SubAnswer(question="Profit?", abstained=True))
    assert turn.answer.split("\n\n") == [
        "**Revenue?**",
        "Revenue grew by 4.8 billion from 2019 to 2020 [1]",
        "**Profit?**",
        "Not found in your documents.",
    ]
    assert turn.statements == (GREW,)


def test_what_answers_all_parts_is_said_once() -> None:
    turn = answer(*(SubAnswer(question=f"Revenue in {year}?", statements=(GREW,)) for year in (2019, 2020)))
    assert turn.answer == "Revenue grew by 4.8 billion from 2019 to 2020 [1]"
    assert turn.statements == (GREW,)


def test_a_statement_of_two_parts_is_one_statement() -> None:
    parts = (SubAnswer(question="A?", statements=(GREW,)), SubAnswer(question="B?", statements=(GREW, FELL)))
    turn = answer(*parts)
    assert turn.answer.count("Revenue grew") == 2
    assert turn.statements == (GREW, FELL)
