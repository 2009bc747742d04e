"""Answers with a chat model: what it is shown, and what is made of what it says."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from chat_models import Scripted
from fakes import chunk, put
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langchain_core.prompts import ChatPromptTemplate

from chains.answering.extractive.synthesis import synthesise
from chains.answering.generative.citing import rewritten, wrong_marks
from chains.answering.synthesis import merge
from chains.pipeline import build
from chains.verification.outcome import UNSUPPORTED
from errors import AssistantError
from models import prompts
from models.prompts import SubQuestions
from records import Citation, Scope, Statement, SubAnswer, Turn
from store.index import Index
from text.support import alike

PLAN, ANSWER, SYNTHESISE, CONDENSE = (
    "You plan how",
    "from the numbered passages",
    "from the findings",
    "Rewrite the last",
)
RESOLVE = "Rewrite the question so"
TEXTS = ("The weir was built in 1931.", "The roofs gained 8.6% in 2025.", "The weir lies on the river Aldra.")


@pytest.fixture
def index(make_index: Callable[..., Index]) -> Index:
    opened = make_index()
    put(opened, [chunk(text, title="Report", section=("Plants",), page=2) for text in TEXTS])
    return opened


def one_part(*questions: str) -> SubQuestions:
    return SubQuestions(questions=list(questions))


def ask(index: Index, model: Scripted, question: str, history: tuple[BaseMessage, ...] = ()) -> Turn:
    return build(index, index.settings, model).invoke(Turn(question=question, history=history))


def number_of(prompt: str, text: str) -> str:
    """The number of the passage that holds ``text``."""
    found = re.search(rf"\[(\d+)\] [^\n]*\n[^\n]*{re.escape(text)}", prompt)
    assert found, prompt
    return found[1]


# --- prompts -----------------------------------------------------------------------------------------------------------

VARIABLES = {
    "CONDENSE": {"conversation", "question"},
    "DECOMPOSE": {"limit", "question"},
    "ANSWER": {"earlier", "passages", "question"},
    "SYNTHESISE": {"findings", "question"},
}


@pytest.mark.parametrize(
    ("name", "variable"), [(name, one) for name, all_ in VARIABLES.items() for one in sorted(all_)]
)
def test_a_missing_variable_is_named(name: str, variable: str) -> None:
    prompt: ChatPromptTemplate = getattr(prompts, name)
    assert set(prompt.input_variables) == VARIABLES[name]
    with pytest.raises(KeyError, match=variable):
        prompt.invoke(dict.fromkeys(VARIABLES[name] - {variable}, "x"))


def test_braces_in_a_passage_are_no_variables() -> None:
    said = prompts.ANSWER.invoke({"earlier": "", "passages": "{question} {x}", "question": "What is {y}?"}).to_string()
    assert "{question} {x}" in said
    assert "What is {y}?" in said


# --- one question --------------------------------------------------------------------------------------------------------


def test_the_answer_cites_the_passages_it_was_shown(index: Index) -> None:
    model = Scripted(
        answers={
            PLAN: one_part("When was the weir built?"),
            ANSWER: lambda prompt: f"It was built in 1931 [{number_of(prompt, 'built in 1931')}].",
        }
    )
    turn = ask(index, model, "When was the weir built?")
    (prompt,) = model.prompts(ANSWER)
    assert all(text in prompt for text in TEXTS)
    assert "Report › Plants, page 2 (text)" in prompt
    assert "Question: When was the weir built?" in prompt
    assert "Known:" not in prompt
    assert (turn.answer, turn.abstained) == ("It was built in 1931 [1].", False)
    assert [(one.text, one.checked) for one in turn.statements] == [("It was built in 1931.", True)]
    assert [(one.n, one.quote, one.checked) for one in turn.citations] == [(1, "The weir was built in 1931.", True)]
    assert model.prompts(CONDENSE) == []


def test_a_number_that_no_passage_bears_out_is_not_checked(index: Index) -> None:
    model = Scripted(answers={PLAN: one_part("q"), ANSWER: "It was built in 1932 [1]. It lies on a river [1]."})
    turn = ask(index, model, "When was the weir built?")
    assert [one.checked for one in turn.statements] == [False, True]
    assert [one.checked for one in turn.citations] == [False, True]


def test_a_passage_that_was_never_shown_is_no_citation(index: Index) -> None:
    model = Scripted(answers={PLAN: one_part("q"), ANSWER: "It was built in 1932 [17]."})
    turn = ask(index, model, "When was the weir built?")
    assert turn.citations == ()
    assert [(one.citations, one.checked) for one in turn.statements] == [((), False)]
    assert turn.answer.endswith("\n\nIt was built in 1932. [no source]")
    assert (turn.outcome, turn.notices) == ("passages", (UNSUPPORTED, *wrong_marks([17])))


@pytest.mark.parametrize("said", ["NOT FOUND", " NOT FOUND.", "NOT FOUND in the passages"])
def test_a_model_that_finds_nothing_abstains(index: Index, said: str) -> None:
    turn = ask(index, Scripted(answers={PLAN: one_part("q"), ANSWER: said}), "What salary did she get?")
    assert turn.abstained
    assert turn.answer.startswith("Not found in your documents.")
    assert (turn.statements, turn.citations) == ((), ())
    assert len(turn.hits) == 3


@pytest.mark.parametrize("said", ["", "  "])
def test_a_model_that_writes_nothing_is_stood_in_for(index: Index, said: str) -> None:
    model = Scripted(answers={PLAN: one_part("When was the weir built?"), ANSWER: said})
    turn = ask(index, model, "When was the weir built?")
    assert turn.answer.startswith("The chat model Scripted wrote nothing. What follows was answered without it.")
    assert "1931" in turn.answer


def test_when_a_model_cannot_be_reached_the_reader_stands_in_and_says_so(index: Index) -> None:
    model = Scripted(answers={PLAN: one_part("When was the weir built?"), ANSWER: TimeoutError("too slow")})
    turn = ask(index, model, "When was the weir built?")
    assert turn.answer.startswith("The chat model Scripted did not answer (too slow).")
    assert "What follows was answered without it." in turn.answer
    assert "“The weir was built in 1931.”" in turn.answer
    assert (turn.model, turn.abstained) == ("extractive", False)
    assert len(model.prompts(ANSWER)) == 1  # and is not asked again


def test_a_model_that_breaks_off_leaves_nothing_of_its_half_sentence(index: Index) -> None:
    def breaks(prompt: str) -> str:
        raise ConnectionError("cut")

    turns = list(
        build(
            index, index.settings, Scripted(answers={PLAN: one_part("When was the weir built?"), ANSWER: breaks})
        ).stream(Turn(question="When was the weir built?"))
    )
    assert "cut" in turns[-1].notices[0]
    assert turns[-1].statements[0].text == "“The weir was built in 1931.”"
    assert all(one.text[1:-1] in {hit.chunk.text for hit in turns[-1].hits} for one in turns[-1].statements)


@pytest.mark.parametrize("plan", [None, ValueError("a list without end")])
def test_a_plan_that_cannot_be_read_is_the_question_itself(index: Index, plan: Exception | None) -> None:
    model = Scripted(answers={PLAN: plan, ANSWER: "NOT FOUND"})
    assert [part.question for part in ask(index, model, "When?").parts] == ["When?"]


def test_a_plan_is_cut_to_the_limit_and_said_once(index: Index) -> None:
    model = Scripted(answers={PLAN: one_part("a?", " a? ", "", *(f"{n}?" for n in range(9))), ANSWER: "NOT FOUND"})
    turn = ask(index, model, "When?")
    assert [part.question for part in turn.parts] == ["a?", "0?", "1?", "2?", "When?"]  # and the whole, once
    assert f"at most {index.settings.max_subquestions}, that" in model.prompts(PLAN)[0]


def test_a_follow_up_is_rewritten_by_the_model(index: Index) -> None:
    model = Scripted(answers={CONDENSE: " Who built the weir? ", PLAN: one_part("q"), ANSWER: "NOT FOUND"})
    turn = ask(index, model, "Who built it?", (HumanMessage("When was the weir built?"), AIMessage("In 1931.")))
    (prompt,) = model.prompts(CONDENSE)
    assert "user: When was the weir built?\nassistant: In 1931." in prompt
    assert "Last question: Who built it?" in prompt
    assert turn.standalone == "Who built the weir?"
    assert "Who built the weir?" in model.prompts(PLAN)[0]


def test_what_is_read_keeps_to_the_budget(index: Index) -> None:
    model = Scripted(answers={PLAN: one_part("q"), ANSWER: "NOT FOUND"})
    # a heading "Report › Plants, page 2 (text)" of 9 tokens with 5 for its mark; "The weir was built in 1931." of 7 and 1
    small = replace(index.settings, context_tokens=22)
    build(index, small, model).invoke(Turn(question="When was the weir built?"))
    (prompt,) = model.prompts(ANSWER)
    assert "[1] Report › Plants, page 2 (text)\nThe weir was built in 1931.\n\nQuestion" in prompt


# --- several -------------------------------------------------------------------------------------------------------------


def two_parts(synthesis: Any) -> Scripted:
    return Scripted(
        answers={
            PLAN: one_part("On which river lies the weir?", "When was the weir on it built?"),
            SYNTHESISE: synthesis,
            RESOLVE: "When was the weir on the Aldra built?\n",
            "Question: On which river": lambda prompt: f"On the Aldra [{number_of(prompt, 'river Aldra')}].",
            "Question: When was": lambda prompt: f"In 1931 [{number_of(prompt, 'built in 1931')}].",
        }
    )


def test_later_sub_questions_see_earlier_answers(index: Index) -> None:
    model = two_parts("The weir lies on the Aldra [1] and was built in 1931 [2].")
    turn = ask(index, model, "On which river lies the weir and when was it built?")
    first, second = model.prompts(ANSWER)
    assert "Known:" not in first
    assert "Known: On which river lies the weir? On the Aldra.\n" in second
    (findings,) = model.prompts(SYNTHESISE)
    assert (
        "On which river lies the weir?\nOn the Aldra [1].\nWhen was the weir on the Aldra built?\nIn 1931 [2]."
        in findings
    )
    assert turn.answer == "The weir lies on the Aldra [1] and was built in 1931 [2]."
    assert [(one.citations, one.checked) for one in turn.statements] == [((1, 2), True)]
    assert [one.quote for one in turn.citations] == [TEXTS[2], TEXTS[0]]
    assert {hit.chunk.text for hit in turn.hits} == set(TEXTS)


def test_marks_that_the_synthesis_invents_are_taken_out(index: Index) -> None:
    turn = ask(index, two_parts("It lies on the Aldra [1]. It is large [9]."), "q")
    assert turn.answer == f"{wrong_marks([9])[0]}\n\nIt lies on the Aldra [1]. It is large. [no source]"
    assert [(one.citations, one.checked) for one in turn.statements] == [((1,), True), ((), False)]
    assert [one.n for one in turn.citations] == [1]


def test_a_part_that_was_not_found_is_said_to_the_synthesis(index: Index) -> None:
    model = two_parts("It lies on the Aldra [1]. When it was built was NOT FOUND.")
    model.answers["Question: When was"] = "NOT FOUND"
    turn = ask(index, model, "q")
    assert "When was the weir on the Aldra built?\nNOT FOUND" in model.prompts(SYNTHESISE)[0]
    assert turn.answer == "It lies on the Aldra [1]. When it was built was not found."
    assert [one.text for one in turn.statements] == ["It lies on the Aldra."]
    assert [part.abstained for part in turn.parts] == [False, True]
    assert not turn.abstained


# --- streaming -----------------------------------------------------------------------------------------------------------


def test_snapshots_grow_and_the_last_is_what_invoke_returns(index: Index) -> None:
    model = Scripted(answers={PLAN: one_part("q"), ANSWER: "It was built in 1931 [1]. It lies on the river Aldra [2]."})
    assistant = build(index, index.settings, model)
    snapshots = list(assistant.stream(Turn(question="When was the weir built?")))
    stages = list(dict.fromkeys(turn.stage for turn in snapshots))
    assert stages == ["understand", "condense", "decompose", "retrieve", "answer", "synthesise", "check"]
    growing = [turn.answer for turn in snapshots if turn.stage == "answer" and turn.answer]
    assert len(growing) > 5
    assert all(later.startswith(earlier) for earlier, later in pairwise(growing))
    last, invoked = snapshots[-1], assistant.invoke(Turn(question="When was the weir built?"))
    assert set(last.timings_ms) == {"understand", "condense", "decompose", "retrieve", "answer", "synthesise", "check"}
    assert {**vars(last), "timings_ms": {}} == {**vars(invoked), "timings_ms": {}}


def test_nothing_of_a_refusal_is_shown_while_it_streams(index: Index) -> None:
    model = Scripted(answers={PLAN: one_part("q"), ANSWER: "NOT FOUND"})
    snapshots = list(build(index, index.settings, model).stream(Turn(question="q?")))
    assert {turn.answer for turn in snapshots if turn.stage == "answer"} == {""}


def test_what_is_read_already_stays_until_what_takes_its_place_is_as_long(index: Index) -> None:
    model = two_parts(
        "It lies on the Aldra [1]. It was built in 1931, and is the only one on that river, they say [2]."
    )
    snapshots = list(build(index, index.settings, model).stream(Turn(question="q")))
    of_parts = [turn.answer for turn in snapshots if turn.stage == "answer"][-1]
    written = [turn.answer for turn in snapshots if turn.stage == "synthesise"]
    assert written[0] == of_parts
    *drafts, _ = map(len, written)
    assert drafts == sorted(drafts) and drafts[-1] > len(of_parts)


def test_questions_can_be_asked_in_a_batch_and_the_scope_holds(index: Index) -> None:
    put(index, [chunk("The weir of another source.", source="b.md")])
    turns = build(index, index.settings).batch(
        [Turn(question="weir", scope=Scope(sources=("b.md",))), Turn(question="roofs")]
    )
    assert [hit.chunk.source for hit in turns[0].hits] == ["b.md"]
    assert turns[1].hits[0].chunk.text == TEXTS[1]


@pytest.mark.parametrize("question", ["", "  \n"])
def test_an_empty_question_is_refused(index: Index, question: str) -> None:
    with pytest.raises(AssistantError, match="question is empty"):
        build(index, index.settings).invoke(Turn(question=question))


def test_an_empty_index_says_how_to_fill_it(make_index: Callable[..., Index]) -> None:
    empty = make_index()
    with pytest.raises(AssistantError, match="python -m ingest"):
        build(empty, empty.settings).invoke(Turn(question="Anything?"))


# --- putting together ------------------------------------------------------------------------------------------------------


def part(question: str, *said: tuple[str, str]) -> SubAnswer:
    """An answer to ``question`` with a statement and a quote to each of ``said``."""
    citations = tuple(Citation(n=n, chunk=chunk(quote), quote=quote) for n, (_, quote) in enumerate(said, start=1))
    statements = tuple(Statement(text=text, citations=(n,)) for n, (text, _) in enumerate(said, start=1))
    return SubAnswer(
        question=question,
        statements=statements,
        citations=citations,
        outcome="answered" if said else "nothing",
        done=True,
    )


def test_citations_are_numbered_through_and_the_same_quote_is_one() -> None:
    turn = merge(Turn(question="q", parts=(part("a?", ("A", "x"), ("B", "y")), part("b?", ("C", "y"), ("D", "z")))))
    assert [(one.n, one.quote) for one in turn.citations] == [(1, "x"), (2, "y"), (3, "z")]
    assert [[one.citations for one in each.statements] for each in turn.parts] == [[(1,), (2,)], [(2,), (3,)]]
    assert [[one.n for one in each.citations] for each in turn.parts] == [[1, 2], [2, 3]]


def test_several_parts_stand_below_their_questions() -> None:
    turn = synthesise(merge(Turn(question="q", parts=(part("a?", ("A", "x")), part("b?")))))
    assert turn.answer == "**a?**\n\nA [1]\n\n**b?**\n\nNot found in your documents."
    assert [one.text for one in turn.statements] == ["A"]


def test_one_part_stands_alone_and_says_nothing_twice() -> None:
    turn = synthesise(merge(Turn(question="q", parts=(part("a?", ("A", "x"), ("A", "x"), ("B", "y")),))))
    assert turn.answer == "A [1]\n\nB [2]"


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("A [1].", "A [1]."),
        ("A [7].", "A. [no source]"),
        ("A [1, 7].", "A [1]."),
        ("A [1][7].", "A [1]."),
        ("See [note].", "See [note]. [no source]"),
    ],
)
def test_only_citations_that_exist_stay_in_a_text(text: str, answer: str) -> None:
    turn = Turn(question="q", citations=(Citation(n=1, chunk=chunk("x"), quote="x"),))
    assert rewritten(turn, text, alike).answer == answer
