"""What is done with the words of a chat model that does not do as it is asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from chat_models import Scripted
from fakes import chunk, put
from langchain_core.messages import AIMessageChunk, HumanMessage
from model_asked import ANSWER, PLAN, QUESTION, TEXTS, Streamed, ask, report, says, snapshots

from chains.answering.generative.answerer import NO_ANSWER
from chains.answering.generative.citing import wrong_marks
from chains.answering.generative.written import read
from chains.pipeline import build
from chains.verification.outcome import UNSUPPORTED
from errors import ModelError, SettingsError
from evaluation.systems import answer_settings
from models.prompts import PROMPTS, SubQuestion, SubQuestions
from records import Turn
from store.index import Index


@pytest.fixture
def index(make_index: Callable[..., Index]) -> Index:
    return report(make_index())


# --- places ----------------------------------------


def test_sentences_without_a_place_get_one_or_are_marked(index: Index) -> None:
    turn = ask(index, says("The weir was built in 1931. It was painted blue by a mayor [99]."))
    assert turn.notices == wrong_marks([99]) != ()
    assert turn.answer.endswith("\n\nThe weir was built in 1931. [1] It was painted blue by a mayor. [no source]")
    assert [(one.citations, one.added, one.checked) for one in turn.statements] == [
        ((1,), True, True),
        ((), False, False),
    ]
    assert (turn.added, turn.citations[0].quote) == ({1}, TEXTS[0])


def test_a_sentence_without_a_number_is_not_checked_for_that(index: Index) -> None:
    turn = ask(
        index, says("It stands in the north [1]. The weir lies on the river Aldra [1]. Merrow has the weir [1].")
    )
    assert [one.checked for one in turn.statements] == [False, True, False]
    assert turn.answer.endswith("Merrow has the weir [1].")  # and keeps the place that the model gave


@pytest.mark.parametrize(
    ("text", "plain", "passages"),
    [
        ("It grew [0] and [-1].", "It grew.", (0, -1)),
        ("It grew (see [3], [4]) fast.", "It grew fast.", (3, 4)),
        ("【2】 It grew.", "It grew.", (2,)),
        ("In [2] and the rest it grew.", "In and the rest it grew.", (2,)),
    ],
)
def test_marks_leave_nothing_of_what_joined_them(text: str, plain: str, passages: tuple[int, ...]) -> None:
    written = read(text)
    assert written.plain.strip() == plain
    assert tuple(n for mark in written.marks for n in mark.passages) == passages


def test_each_citation_of_what_does_not_exist_is_named_once(index: Index) -> None:
    turn = ask(index, says("The weir was built in 1931 [0] and [-1]. In 1931 the weir was built [0]."))
    assert turn.notices == (
        "The chat model cited passages that do not exist: (0), (-1). These citations were taken out.",
    )
    assert turn.answer.endswith("\n\nThe weir was built in 1931. [1] In 1931 the weir was built. [1]")


@pytest.mark.parametrize(("says_it", "checked"), [("Yes.", True), ("<think>No?</think>no", False), ("Perhaps.", True)])
def test_a_model_may_be_asked_whether_the_passage_says_it(index: Index, says_it: str, checked: bool) -> None:
    model = Scripted(answers={PLAN: None, ANSWER: "In 1931 the weir was built [1].", "Does the passage say": says_it})
    turn = ask(index, model, entailment="model")
    assert [one.checked for one in turn.statements] == [checked]
    assert turn.outcome == ("answered" if checked else "passages")  # nothing of it is borne out
    (asked,) = model.prompts("Does the passage say")
    assert "Passage:\nReport" not in asked and TEXTS[0] in asked and "“In 1931 the weir was built.”" in asked


def test_an_entailment_that_does_not_exist_or_lacks_its_model_is_an_error(index: Index) -> None:
    with pytest.raises(SettingsError, match="'nli' is unknown"):
        ask(index, says(""), entailment="nli")
    with pytest.raises(SettingsError, match="CHAT_MODEL="):
        build(index, replace(index.settings, entailment="model"))


def test_what_was_found_is_kept_with_what_was_not(index: Index) -> None:
    turns = snapshots(index, says("The weir was built in 1931 [1]. The rest is NOT FOUND."))
    assert turns[-1].answer == "The weir was built in 1931 [1]. The rest is not found."
    assert [(one.text, one.checked) for one in turns[-1].statements] == [("The weir was built in 1931.", True)]
    assert turns[-1].outcome == "answered"


@pytest.mark.parametrize(
    ("text", "plain", "statements"),
    [
        ("Built in 1931 [1] and its cost is NOT FOUND.", "Built in 1931 and its cost is not found.", ["Built in 1931"]),
        ("The weir was built in 1931, but its cost is NOT FOUND.", None, ["The weir was built in 1931"]),
        ("The weir was built in NOT FOUND [1].", "The weir was built in not found.", []),
        ("For 2020 and 2021, revenue is NOT FOUND.", None, []),
        ("| Cost | NOT FOUND |", "| Cost | not found |", []),
        ("**NOT FOUND**", "**Not found**", []),
        ("Not found.", "Not found.", []),
    ],
)
def test_what_is_not_found_is_no_statement_wherever_it_stands(
    text: str, plain: str | None, statements: list[str]
) -> None:
    written = read(text)
    assert written.plain == (plain or text.replace("NOT FOUND", "not found"))
    assert [one.text for one in written.sentences] == statements


# --- what is called an answer ----------------------------------------


def test_words_that_no_passage_bears_out_are_shown_and_called_no_answer(index: Index) -> None:
    turn = ask(index, says("The weir was painted blue by a mayor [1]."))
    assert (turn.outcome, turn.parts[0].outcome, turn.notices) == ("passages", "passages", (UNSUPPORTED,))
    assert turn.answer == f"{UNSUPPORTED}\n\nThe weir was painted blue by a mayor [1]."
    assert not turn.citations[0].checked


def test_one_sentence_that_is_borne_out_makes_an_answer(index: Index) -> None:
    turn = ask(index, says("The weir was painted blue by a mayor [1]. The weir was built in 1931 [1]."))
    assert (turn.outcome, turn.notices) == ("answered", ())


def test_a_true_sentence_does_not_answer_what_names_something_unknown(index: Index) -> None:
    turn = ask(index, says("The weir was built in 1931 [1]."), "When was the dam of Zurbaran built?")
    assert (turn.outcome, turn.parts[0].out_of_corpus) == ("passages", ("Zurbaran",))
    (notice,) = turn.notices
    assert notice == f"“Zurbaran” occurs in none of those searched. {NO_ANSWER}"
    assert turn.answer == f"{notice}\n\nThe weir was built in 1931 [1]."
    assert not turn.statements[0].checked  # nearest passages are claimed nothing of
    nothing = ask(index, says("NOT FOUND"), "When was the dam of Zurbaran built?")
    assert (nothing.outcome, nothing.parts[0].out_of_corpus) == ("nothing", ("Zurbaran",))


@pytest.mark.parametrize(("question", "outcome"), [(QUESTION, "passages"), ("Describe the weir.", "answered")])
def test_the_extractive_readers_confidence_counts_where_one_thing_is_asked_for(
    index: Index, question: str, outcome: str
) -> None:
    turn = ask(index, says("The weir was built in 1931 [1]."), question, min_confidence=1.0, min_passage_confidence=1.0)
    assert (turn.outcome, bool(turn.notices)) == (outcome, outcome == "passages")


def test_parts_that_are_no_answers_are_put_together_as_not_found(index: Index) -> None:
    model = Scripted(
        answers={
            PLAN: SubQuestions(questions=["When was the weir built?", "Who was Zurbaran?"]),
            "from the findings": "The weir was built in 1931 [1]. The rest is NOT FOUND.",
            "Passages:": "The weir was built in 1931 [1].",
        }
    )
    turn = ask(index, model, "When was it built, and who was Zurbaran?")
    assert [part.outcome for part in turn.parts] == ["answered", "passages"]
    assert "Who was Zurbaran?\nNOT FOUND" in model.prompts("from the findings")[0]
    assert (turn.outcome, turn.statements[0].checked) == ("answered", True)


def test_an_entailment_that_fails_is_said_once_on_the_answer(index: Index) -> None:
    said = "In 1931 the weir was built [1]. The roofs did gain 8.6% in 2025 [1]."
    model = Scripted(answers={PLAN: None, ANSWER: said, "Does the passage say": ModelError("It is away.")})
    turn = ask(index, model, entailment="model")
    (notice,) = turn.notices
    assert notice.startswith("ENTAILMENT could not be asked") and notice.endswith("It is away.")
    assert turn.answer.startswith(f"{notice}\n\n")
    assert len(model.prompts("Does the passage say")) == 1
    assert turn.statements[0].checked  # by its words


# --- plans ----------------------------------------


class Plain(Scripted):
    """Knows no structured output."""

    def with_structured_output(self, schema: Any, **kwargs: Any) -> Any:
        raise NotImplementedError


@pytest.mark.parametrize("plan", [None, "I would look it up.", SubQuestions(questions=["To answer this, look."])])
def test_an_empty_plan_or_prose_is_the_question_as_it_is(index: Index, plan: Any) -> None:
    turn = ask(index, Scripted(answers={PLAN: plan, ANSWER: "NOT FOUND"}))
    assert [part.question for part in turn.parts] == [QUESTION]


def test_a_model_without_structured_output_answers_the_question_as_it_is(index: Index) -> None:
    turn = ask(index, Plain(answers={ANSWER: "The weir was built in 1931 [1]."}))
    assert (turn.answer, turn.model) == ("The weir was built in 1931 [1].", "Plain")


def steps(*questions: tuple[str, list[int]]) -> SubQuestions:
    return SubQuestions(questions=[SubQuestion(question=question, after=after) for question, after in questions])


def test_a_later_question_is_looked_up_with_the_earlier_answer_in_it(index: Index) -> None:
    put(index, [chunk("The Aldra is 48 km long.", source="b.md", title="Rivers")])
    model = Scripted(
        answers={
            PLAN: steps(("On which river lies the weir?", []), ("How long is that river?", [1])),
            "Rewrite the question so": "How long is the Aldra?",
            "from the findings": "The Aldra is 48 km long [2].",
            "Question: On which river": "The weir lies on the river Aldra [1].",
            "Question: How long is the Aldra?": lambda prompt: "The Aldra is 48 km long.",
        }
    )
    turn = ask(index, model, "How long is the river of the weir?")
    assert [(part.question, part.after) for part in turn.parts] == [
        ("On which river lies the weir?", ()),
        ("How long is the Aldra?", (1,)),
    ]
    (asked,) = model.prompts("Rewrite the question so")
    assert "Facts:\nOn which river lies the weir? The weir lies on the river Aldra.\n" in asked
    assert turn.answer == "The Aldra is 48 km long [2]."
    assert turn.statements[0].checked


def test_a_rewriting_that_is_no_question_gives_the_facts_along(index: Index) -> None:
    model = Scripted(
        answers={
            PLAN: SubQuestions(questions=["On which river lies the weir?", "How long is it?"]),  # it points: after 1
            "Rewrite the question so": "1,500 miles.",
            "from the findings": "NOT FOUND",
            "Question: On which river": "The weir lies on the river Aldra [1].",
            "Question: How long": "NOT FOUND",
        }
    )
    turn = ask(index, model)
    assert turn.parts[1].question == (
        "How long is it? (On which river lies the weir? The weir lies on the river Aldra.)"
    )
    assert turn.answer.startswith("The weir lies on the river Aldra [1].")  # what was found is not thrown away


def test_when_all_parts_come_to_nothing_the_whole_is_put_once(index: Index) -> None:
    model = Scripted(
        answers={
            PLAN: SubQuestions(questions=["Who built the weir?", "Who built the roofs?"]),
            f"Question: {QUESTION}": "The weir was built in 1931 [1].",
            "Passages:": "NOT FOUND",
        }
    )
    turn = ask(index, model)
    assert [part.outcome for part in turn.parts] == ["nothing", "nothing", "answered"]
    assert (turn.parts[2].question, turn.answer) == (QUESTION, "The weir was built in 1931 [1].")
    (last,) = model.prompts(f"Question: {QUESTION}")
    assert all(last.count(text) == 1 for text in TEXTS)


def test_independent_parts_are_answered_at_once_and_the_first_is_shown_as_it_comes(index: Index) -> None:
    both = threading.Barrier(2, timeout=20)  # breaks unless the two are asked at the same time
    shown = threading.Event()

    def first(prompt: str) -> Iterator[AIMessageChunk]:
        both.wait()
        yield AIMessageChunk(content="The weir was built ")
        assert shown.wait(20)
        yield AIMessageChunk(content="in 1931 [1].")

    def second(prompt: str) -> Iterator[AIMessageChunk]:
        both.wait()
        yield AIMessageChunk(content="The roofs gained 8.6% in 2025 [1].")

    model = Streamed(
        answers={
            PLAN: SubQuestions(questions=["When was the weir built?", "What did the roofs gain?"]),
            "Question: When was": first,
            "Question: What did": second,
            "from the findings": [AIMessageChunk(content="In 1931 the weir was built [1]; the roofs gained 8.6% [2].")],
        }
    )
    seen = []
    for turn in build(index, index.settings, model).stream(Turn(question="When was it built, what did roofs gain?")):
        seen.append(turn)
        if turn.answer:
            shown.set()
    drafts = list(dict.fromkeys(turn.answer for turn in seen if turn.stage in ("retrieve", "answer") and turn.answer))
    assert drafts[0] == "The weir was built"
    assert drafts[-1] == "The weir was built in 1931.\n\nThe roofs gained 8.6% in 2025."
    assert [part.question for part in seen[-1].parts] == ["When was the weir built?", "What did the roofs gain?"]
    assert [one.quote for one in seen[-1].citations] == [TEXTS[0], TEXTS[1]]


# --- what is read, and by which prompts ----------------------------------------


def test_one_retrieval_serves_what_is_shown_and_what_is_read(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    from chains.retrieval import retriever

    asked: list[str] = []
    real = retriever.retrieve
    monkeypatch.setattr(retriever, "retrieve", lambda question, *rest: asked.append(question) or real(question, *rest))
    put(index, [chunk(f"Chapter {n} of the weir.", source="b.md", title="B") for n in range(30)])
    model = says("NOT FOUND")
    turn = ask(index, model)
    assert asked == [QUESTION]
    assert len(turn.hits) == index.settings.top_k
    assert sum(f"Chapter {n} of the weir." in model.prompts(ANSWER)[0] for n in range(30)) > index.settings.top_k


def test_the_version_tells_prompts_apart_and_is_part_of_what_an_evaluation_keeps(index: Index) -> None:
    other = replace(PROMPTS, entail=PROMPTS.answer)
    assert PROMPTS.version == replace(PROMPTS).version != other.version
    assert answer_settings(index.settings)["prompts"] == PROMPTS.version


def test_the_wish_for_citations_stands_behind_the_question() -> None:
    message = PROMPTS.answer.invoke({"earlier": "", "passages": "p", "question": "Why?"}).to_messages()[-1]
    assert isinstance(message, HumanMessage)
    assert message.text.index("Why?") < message.text.index("in brackets, such as [2]")
