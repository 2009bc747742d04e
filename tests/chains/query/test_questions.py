"""Follow-ups that stand alone, and compound questions taken apart, by rule."""

from __future__ import annotations

import pytest
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

from chains.query.condense import condense_by_rule
from chains.query.decompose import decompose_by_rule
from chains.query.english.language import is_english
from text.english.names import names


def after(*earlier: str) -> list[BaseMessage]:
    """A conversation in which each of ``earlier`` was asked and answered."""
    return [message for one in earlier for message in (HumanMessage(one), AIMessage("An answer."))]


@pytest.mark.parametrize(
    ("earlier", "question", "standalone"),
    [
        (["What was revenue in 2025?"], "And in 2024?", "What was revenue in 2024?"),
        (["What was revenue in 2025?"], "What about 2024?", "What was revenue in 2024?"),
        (["What was revenue in the third quarter?"], "and Q4?", "What was revenue in Q4?"),
        (["How much did Aldra Weir generate?"], "What about Gannet Ridge?", "How much did Gannet Ridge generate?"),
        (["Who founded Merrow Bay?"], "When did they do it?", "When did Merrow Bay do it?"),
        (["What was revenue in 2025?"], "Who is the chair of the board?", "Who is the chair of the board?"),
        (["What was revenue in 2025?", "And in 2024?"], "And in 2023?", "What was revenue in 2023?"),
        ([], "And in 2024?", "And in 2024?"),
        (["When was the Saltmarsh battery built?"], "Who runs it?", "Who runs the Saltmarsh battery?"),
        (["When was the weir built?"], "What is its height?", "What is the weir's height?"),
        (["What does the travel policy say about taxis?"], "Who is the CEO?", "Who is the CEO?"),
        (
            ["What does the travel policy say about taxis?"],
            "For which roles is remote work allowed?",
            "For which roles is remote work allowed?",
        ),
        (["When was the weir built?"], "What is rust and how is it removed?", "What is rust and how is it removed?"),
        (["When was the weir built?"], "Wer ist der Vorsitzende?", "Wer ist der Vorsitzende?"),
        (["?"], "Who runs it?", "Who runs it?"),
        (
            ["Hello", "What documents do you have?"],
            "What was the revenue from fish?",
            "What was the revenue from fish?",
        ),
        (["Summarise the visitor guide"], "What was the revenue from fish?", "What was the revenue from fish?"),
        (["Summarise the visitor guide"], "Who wrote it?", "Who wrote the visitor guide?"),
    ],
)
def test_a_follow_up_takes_what_it_leaves_out_from_the_question_before(
    earlier: list[str], question: str, standalone: str
) -> None:
    assert condense_by_rule(question, after(*earlier)) == standalone


@pytest.mark.parametrize(
    "question", ["What of her", "£ ?", "’", "is", "of", "and", "what about", "one", "", "it" * 900]
)
def test_odd_follow_ups_give_a_question(question: str) -> None:
    assert isinstance(condense_by_rule(question, after("When was the weir built?", "?")), str)


def test_what_asks_nothing_is_left_as_it_is() -> None:
    for said in ("Thanks!", "thank you very much", "ok", "Hello?"):
        assert condense_by_rule(said, after("What is the notice period?")) == said


def test_he_is_who_the_first_clause_asks_for() -> None:
    parts = decompose_by_rule("Who founded Harbour Inc and where was he born?", 4)
    assert parts == ("Who founded Harbour Inc?", "Where was he born?")


def test_a_long_conversation_is_condensed_by_its_last_questions() -> None:
    assert condense_by_rule("Who runs it?", after(*["When was the weir built?"] * 1200)) == "Who runs the weir?"


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("Who runs it?", True),
        ("Q4?", True),
        ("Was kostet das?", False),
        ("Und in 2024?", False),
        ("Et en 2024 ?", False),
    ],
)
def test_the_language_is_told_by_function_words(text: str, english: bool) -> None:
    assert is_english(text) is english


def test_only_questions_count_as_what_was_asked_before() -> None:
    assert condense_by_rule("And in 2024?", [AIMessage("Revenue was 6 million in 2025.")]) == "And in 2024?"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("How much did Aldra Weir and Gannet Ridge generate?", ["Aldra Weir and Gannet Ridge"]),
        ("Who runs the Bank of England?", ["Bank of England"]),
        ("What was revenue?", []),
        ("Is Merrowby large?", ["Merrowby"]),
    ],
)
def test_names_are_runs_of_capitals(text: str, found: list[str]) -> None:
    assert names(text) == found


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("What was revenue in 2025?", ["What was revenue in 2025?"]),
        (
            "How did the revenue from battery services change from 2024 to 2025?",
            [
                "How did the revenue from battery services change in 2024?",
                "How did the revenue from battery services change in 2025?",
            ],
        ),
        (
            "Compare revenue in 2024 and 2025",
            ["What is revenue in 2024", "What is revenue in 2025"],
        ),
        (
            "Which is older, Aldra Weir or Gannet Ridge?",
            ["Which is older: Aldra Weir?", "Which is older: Gannet Ridge?"],
        ),
        (
            "What is the difference between Aldra Weir and Gannet Ridge?",
            ["What is Aldra Weir?", "What is Gannet Ridge?"],
        ),
        (
            "Who is the chair and how many seats does the board have?",
            ["Who is the chair?", "How many seats does the board have?"],
        ),
        ("What are research and development costs?", ["What are research and development costs?"]),
        ("What was revenue in 2024? Round to one decimal.", ["What was revenue in 2024?"]),
        ("What was revenue in 2024?Answer in percent.", ["What was revenue in 2024?"]),
        (
            "Did the margin improve? If margins say little here, then please state that and explain why.",
            ["Did the margin improve?"],
        ),
        (
            "Who is the chair? How many seats does the board have? Answer shortly.",
            ["Who is the chair?", "How many seats does the board have?"],
        ),
        (
            "What is the DPO? DPO is defined as payables by sales.",
            ["What is the DPO? DPO is defined as payables by sales."],
        ),
        (
            "How many turbines are there? Only count those of Petrel Ridge.",
            ["How many turbines are there? Only count those of Petrel Ridge."],
        ),
        (
            "How many people were hired between 2019 and 2022?",
            ["How many people were hired between 2019 and 2022?"],
        ),
        ("What was revenue in 2019 and in 2022?", ["What was revenue in 2019?", "What was revenue in 2022?"]),
        ("For guests in winter: what applies?", ["For guests in winter: what applies?"]),
        (
            "For guests in winter, what applies and who decides?",
            ["For guests in winter, what applies?", "For guests in winter, who decides?"],
        ),
        ("Tell me of the weir. Be short.", ["Tell me of the weir. Be short."]),
        ("Which plants stood in Aldra and Merrowby?", ["Which plants stood in Aldra and Merrowby?"]),
    ],
)
def test_a_compound_question_becomes_its_parts(question: str, parts: list[str]) -> None:
    assert list(decompose_by_rule(question, 4)) == parts


def test_no_more_parts_than_allowed_and_none_twice() -> None:
    question = "Where is the weir built? Who sold the roof? Where is the weir built? Who paid the crane?"
    parts = ("Where is the weir built?", "Who sold the roof?", "Who paid the crane?")
    assert decompose_by_rule(question, 9) == parts
    assert decompose_by_rule(question, 2) == parts[:2]


@pytest.mark.parametrize(
    "question", ["", "?", "and and", "2024 2025", "A or B", "compare", "x" * 5000, "who and " * 300]
)
def test_any_question_gives_at_least_one_part(question: str) -> None:
    assert len(decompose_by_rule(question, 4)) >= 1
