"""Replies of a chat model that are more than sentences: thoughts, tables and lists; and those that never end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from fakes import chunk, put, table
from langchain_core.messages import AIMessageChunk
from model_asked import ANSWER, PLAN, Streamed, ask, report, says, snapshots

from chains.answering.generative.answerer import CUT, SHRUNK
from chains.answering.generative.written import read
from models.chat.thoughts import split
from store.index import Index


@pytest.fixture
def index(make_index: Callable[..., Index]) -> Index:
    return report(make_index())


# --- reasoning ----------------------------------------

THOUGHT = "<think>Passage [3] says so.\n\nOr not.</think>\n\nThe weir was built in 1931 [1]."


def test_reasoning_is_no_part_of_the_answer(index: Index) -> None:
    turns = snapshots(index, says(THOUGHT))
    assert turns[-1].answer == "The weir was built in 1931 [1]."
    assert turns[-1].parts[0].reasoning == "Passage [3] says so.\n\nOr not."
    assert len(turns[-1].citations) == 1
    assert not any(word in turn.answer for turn in turns for word in ("think", "Passage", "Or not"))


@pytest.mark.parametrize(
    ("raw", "answer", "reasoning"),
    [
        ("<think>a</think>b", "b", "a"),
        ("<think>a [3]", "", "a [3]"),
        ("a</think>b", "b", "a"),
        ("<THINKING>a</THINKING> b <think>c</think>d", "b d", "a\n\nc"),
        ("5 < 6", "5 < 6", ""),
    ],
)
def test_tags_of_reasoning(raw: str, answer: str, reasoning: str) -> None:
    assert split(raw) == (answer, reasoning)


@pytest.mark.parametrize(
    "first",
    [
        AIMessageChunk(content=[{"type": "reasoning", "reasoning": "Hm [3]."}]),
        AIMessageChunk(content=[{"type": "thinking", "thinking": "Hm [3]."}]),
        AIMessageChunk(content="", additional_kwargs={"reasoning_content": "Hm [3]."}),
    ],
)
def test_blocks_of_reasoning(index: Index, first: AIMessageChunk) -> None:
    model = Streamed(answers={PLAN: None, ANSWER: [first, AIMessageChunk(content="The weir was built in 1931 [1].")]})
    turn = ask(index, model)
    assert (turn.answer, turn.parts[0].reasoning) == ("The weir was built in 1931 [1].", "Hm [3].")


def test_a_tag_that_has_begun_is_not_shown(index: Index) -> None:
    parts = ["<th", "ink>no", "</thi", "nk>The weir was built in 1931 [1]."]
    turns = snapshots(index, Streamed(answers={PLAN: None, ANSWER: [AIMessageChunk(content=one) for one in parts]}))
    assert {turn.answer for turn in turns} == {"", "The weir was built in 1931.", "The weir was built in 1931 [1]."}


# --- Markdown ----------------------------------------

MARKDOWN = """## Plants

The plants are:

| Plant | Built |
|---|---|
| Weir [1] | 1931 |
| Ridge | 2004 [7] |

1. **Weir:** on the Aldra. [2]
2. roofs"""


def test_tables_and_lists_stay_whole_and_a_row_is_one_statement() -> None:
    written = read(MARKDOWN)
    assert [(one.text, one.citations) for one in written.sentences] == [
        ("Weir | 1931", (1,)),
        ("Ridge | 2004", (7,)),
        ("Weir: on the Aldra.", (2,)),
        ("roofs", ()),
    ]
    shown = written.marked([{1: 4}, {}, {2: 5}, {}], ["", "[no source]", "", "[6]"])
    assert shown == (
        MARKDOWN.replace("[1]", "[4]").replace("2004 [7] |", "2004 [no source] |").replace("[2]", "[5]") + " [6]"
    )


def test_rows_are_cited_from_a_table(index: Index) -> None:
    asset = index.assets.put_table(table(("Plant", "Built"), ("Weir", "1931"), ("Ridge", "2004")))
    rows = chunk("Plant | Built\nWeir | 1931\nRidge | 2004", id="t", source="b.md", kind="table", table=asset)
    put(index, [replace(rows, first_row=1, last_row=3)])
    turn = ask(
        index, says("| Plant | Built |\n|---|---|\n| Ridge | 2004 |\n| Weir | 1932 |"), "When was which plant built?"
    )
    assert turn.answer == "| Plant | Built |\n|---|---|\n| Ridge | 2004 [1] |\n| Weir | 1932 [no source] |"
    assert [one.quote for one in turn.citations] == ["Ridge 2004"]
    assert [one.checked for one in turn.statements] == [True, False]


# --- replies that do not come to their end ----------------------------------------


@pytest.mark.parametrize(
    "metadata", [{"finish_reason": "length"}, {"stop_reason": "max_tokens"}, {"finish_reason": "MAX_TOKENS"}]
)
def test_a_reply_cut_at_the_limit_says_so(index: Index, metadata: dict[str, str]) -> None:
    messages = [
        AIMessageChunk(content="The weir was built in 1931 [1]. The roofs gained 8.6% [1] and"),
        AIMessageChunk(content="", response_metadata=metadata),
    ]
    turn = ask(index, Streamed(answers={PLAN: None, ANSWER: messages}))
    assert turn.notices == (CUT,)
    assert turn.answer == f"{CUT}\n\nThe weir was built in 1931 [1]. The roofs gained 8.6% and …"
    assert [one.text for one in turn.statements] == ["The weir was built in 1931."]


def test_the_number_of_an_item_is_no_statement() -> None:
    said = [one.text for one in read("There are two. 1. 62 households 2) 14 farms.").sentences]
    assert "1." not in said and any("62 households" in one for one in said)


def test_thoughts_that_never_end_are_no_answer_and_said(index: Index) -> None:
    messages = [AIMessageChunk(content="<think>Hm", response_metadata={"finish_reason": "length"})]
    turn = ask(index, Streamed(answers={PLAN: None, ANSWER: messages}))
    (notice,) = turn.notices
    assert notice.startswith("The chat model Streamed wrote nothing but what it thought. Raise CHAT_MAX_TOKENS.")
    assert turn.answer.startswith(notice) and "Hm" not in turn.answer


def test_a_connection_cut_midway_leaves_nothing_of_the_half_sentence(index: Index) -> None:
    def cut(prompt: str) -> Iterator[AIMessageChunk]:
        yield AIMessageChunk(content="The weir was built in 1931 [1]. The weir was never")
        raise ConnectionError("reset")

    turns = snapshots(index, Streamed(answers={PLAN: None, ANSWER: cut}))
    assert any("never" in turn.answer for turn in turns)
    assert "never" not in turns[-1].answer
    assert "reset" in turns[-1].notices[0]
    assert turns[-1].model == "extractive"


@pytest.mark.parametrize(
    "error",
    ["This model's maximum context length is 4096 tokens.", "the request exceeds the available context size", "other"],
)
def test_passages_that_do_not_fit_are_halved_once(index: Index, error: str) -> None:
    tried: list[str] = []

    def answer(prompt: str) -> str:
        tried.append(prompt)
        if len(tried) == 1:
            raise ValueError(error)
        return "The weir was built in 1931 [1]."

    turn = ask(index, says(answer), context_tokens=60)
    if error == "other":
        assert (len(tried), turn.model) == (1, "extractive")
        return
    assert (turn.notices, turn.model, len(tried)) == ((SHRUNK,), "Scripted", 2)
    assert len(tried[1]) < len(tried[0])
    assert ask(index, says(ValueError(error)), context_tokens=60).model == "extractive"  # the second time is the last
