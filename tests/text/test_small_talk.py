"""What is said to an assistant without asking its documents anything, and what must never be taken for that."""

from __future__ import annotations

import json

import pytest

from data import __file__ as data_file
from text.english.small_talk import small_talk, summary_of

TALK = {
    "greeting": ["Hello", "hi!", "Hey there", "Good morning!", "hello, how are you?"],
    "thanks": ["thanks", "Thank you very much!", "ok great, thanks", "That was helpful, thank you.", "bye"],
    "help": [
        "hello, what can you do?",
        "What can you do for me?",
        "Who are you?",
        "help",
        "How do you work?",
        "What can I ask?",
    ],
    "documents": [
        "what documents do you have?",
        "Which files are there?",
        "Hi, which sources can you search?",
        "list all documents",
        "Show me the documents",
        "How many documents do you have?",
        "What is in here?",
        "What do you know?",
        "Do you have any documents?",
        "Tell me what documents you have, please",
    ],
}
QUESTIONS = [
    "What documents do I need for the boat licence?",
    "Which documents mention the gearbox?",
    "How many documents were filed in 2024?",
    "Which files does the installer write?",
    "List the documents that a visitor must bring.",
    "What can you do with a worn gearbox?",
    "What can I do when the gearbox runs warm?",
    "Who is the manager?",
    "Hello World prints what?",
    "Who said thanks to the volunteers?",
    "How do you work on a hub at high wind?",
    "What is in the store?",
    "What do you know about Aldra Weir?",
    "How does the fish pass work?",
    "Show me the revenue by line of business",
    "Thanks, and what was it in 2024?",
    "ok and in 2024?",
    "Good Morning Ltd was founded when?",
    "Which sources of energy does the cooperative use?",
    "What pages cover the debt?",
    "Does the help desk open on Sunday?",
    "no",
    "yes",
    "What is this?",
    "",
]  # fmt: skip


@pytest.mark.parametrize(("wanted", "message"), [(name, one) for name, several in TALK.items() for one in several])
def test_talk_is_known_when_all_of_it_is_talk(wanted: str, message: str) -> None:
    assert small_talk(message) == wanted
    assert summary_of(message) == ("", "") or wanted == "documents"


@pytest.mark.parametrize("message", QUESTIONS)
def test_a_question_is_no_talk(message: str) -> None:
    assert small_talk(message) == "question"


def test_no_sample_question_is_talk_or_a_summary() -> None:
    from pathlib import Path

    rows = (Path(data_file).parent / "sample_questions.jsonl").read_text(encoding="utf-8").splitlines()
    asked = [json.loads(row)["question"] for row in rows]
    assert len(asked) > 10
    assert {small_talk(question) for question in asked} == {"question"}
    assert {summary_of(question) for question in asked} == {("", "")}


@pytest.mark.parametrize(
    ("message", "wanted"),
    [
        ("summarise the annual report", ("named", "annual report")),
        ("Can you summarize the visitor guide, please?", ("named", "visitor guide")),
        ("Give me a short summary of the handbook.", ("named", "handbook")),
        ("What is the annual report about?", ("named", "annual report")),
        ("Hello! Please summarise this document in a few sentences", ("this", "this document")),
        ("summarise everything", ("all", "")),
        ("Summarise the documents", ("all", "")),
        ("Who summarised the report?", ("", "")),
        ("How is the summary of the report written?", ("", "")),
    ],
)
def test_a_summary_is_asked_of_something(message: str, wanted: tuple[str, str]) -> None:
    assert summary_of(message) == wanted
