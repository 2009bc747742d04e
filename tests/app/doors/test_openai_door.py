"""OpenAI's interface, by OpenAI's own client."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest
from langchain_core.messages import AIMessage, HumanMessage
from pictures_drawn import drawn, encoded

from app.doors import schema
from app.doors.chat_completions import ChatIn, asked, chunks, with_footnotes
from app.doors.service import Service
from errors import NotFoundError, SourceError
from models.chat.usage import TokenUsage, Used
from records import GUEST, Statement, Turn
from tests.app.doors.conftest import LAW
from tests.app.makers import turn
from tests.security.site import Site

openai = pytest.importorskip("openai", reason="pip install -r requirements-dev.txt")
pytestmark = pytest.mark.filterwarnings("ignore")  # Gradio's server meets deprecations of its own libraries
QUESTION = "What was the heron budget of the harbour in 2024?"


@pytest.fixture(scope="module")
def client(site: Site, tokens: dict[str, str]) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{site.address}v1", api_key=tokens["olaf"], max_retries=0) as one:
        yield one


def test_the_client_finds_the_model_and_gets_an_answer_with_footnotes(client: openai.OpenAI) -> None:
    (model,) = client.models.list().data
    assert client.models.retrieve(model.id).id == model.id
    answer = client.chat.completions.create(model=model.id, messages=[{"role": "user", "content": QUESTION}])
    message = answer.choices[0].message
    assert "5 million" in message.content
    assert "[^1]" in message.content
    assert "\n[^1]: heron report.md, page 1, checked: “The heron budget" in message.content
    (citation,) = message.model_extra["citations"]
    assert (citation["n"], citation["source"], citation["checked"]) == (1, "heron report.md", True)
    assert answer.model_extra["outcome"] == "answered"


def test_a_stream_brings_the_progress_apart_and_the_same_answer(client: openai.OpenAI) -> None:
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": QUESTION}]
    whole = client.chat.completions.create(model="documents", messages=messages).choices[0].message
    pieces = list(client.chat.completions.create(model="documents", messages=messages, stream=True))
    deltas = [piece.choices[0].delta for piece in pieces]
    assert "".join(delta.content or "" for delta in deltas) == whole.content
    assert QUESTION in "".join((delta.model_extra or {}).get("reasoning_content", "") for delta in deltas)
    assert pieces[-1].choices[0].finish_reason == "stop"
    assert deltas[-1].model_extra["citations"] == whole.model_extra["citations"]
    assert len({piece.id for piece in pieces}) == 1
    assert whole.content.startswith("".join(delta.content or "" for delta in deltas).partition("\n\n[^1]")[0])


def test_tokens_are_counted_where_they_are_asked_for(client: openai.OpenAI) -> None:
    messages = [{"role": "user", "content": QUESTION}]
    whole = client.chat.completions.create(model="documents", messages=messages)
    assert (whole.usage.prompt_tokens, whole.usage.completion_tokens, whole.usage.total_tokens) == (0, 0, 0)
    *_, last = client.chat.completions.create(
        model="documents", messages=messages, stream=True, stream_options={"include_usage": True}
    )
    assert (last.choices, last.usage.total_tokens) == ([], 0)  # the reader answers without a model


def test_content_comes_before_the_check_and_what_the_check_says_after_it() -> None:
    statement = Statement(text="It is 5.", citations=(1,))
    written = turn(answer="It is 5. [1]", statements=(statement,), stage="synthesise")
    checked = turn(answer="Nothing of it is borne out.\n\nIt is 5. [1]", statements=(statement,), outcome="passages")
    told: list[str] = []

    def turns() -> Iterator[Turn]:
        yield turn(answer="It", stage="answer", statements=(), citations=())
        yield written
        assert "".join(told) == "It is 5. [^1]"  # and the check has not begun
        yield checked

    usage = TokenUsage()
    usage.by_model["m"] = Used(calls=2, input=120, output=30)
    pieces = []
    for piece in chunks(turns(), shown, usage):
        pieces.append(piece)
        told += [one["delta"].get("content", "") for one in piece["choices"]]
    assert "".join(told) == (
        "It is 5. [^1]\n\nNothing of it is borne out.\n\n[^1]: report.pdf, page 3: “Revenue was 12.5 million.”"
    )
    assert (pieces[-1]["choices"], pieces[-1]["usage"]["total_tokens"]) == ([], 150)


def shown(one: Turn) -> schema.AnswerOut:
    """The answer as it goes out, its source by its name alone."""
    cited = [
        schema.CitationOut(
            n=1, source="report.pdf", source_id="x", page=3, kind="text", quote=one.citations[0].quote, checked=True
        )
    ]
    return schema.AnswerOut(
        question=one.question, subquestions=[], answer=one.answer, outcome=one.outcome, abstained=False, statements=[],
        citations=cited, hits=[], objects=[], timings_ms={}, model="m", notices=[],
    )  # fmt: skip


def test_a_conversation_is_understood_and_a_scope_kept(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(
        model="documents",
        messages=[
            {"role": "user", "content": QUESTION},
            {"role": "assistant", "content": "5 million [^1]\n\n[^1]: heron report.md, page 1: “x”"},
            {"role": "user", "content": "And who said it?"},
        ],
        extra_body={"scope": {"sources": ["heron report.md"]}},
    )
    assert {one["source"] for one in answer.choices[0].message.model_extra["citations"]} <= {"heron report.md"}


def test_what_cannot_be_done_is_an_error_of_the_client(client: openai.OpenAI, site: Site) -> None:
    ask = client.chat.completions.create
    with pytest.raises(openai.NotFoundError, match="no model 'gpt-5'"):
        ask(model="gpt-5", messages=[{"role": "user", "content": QUESTION}])
    with pytest.raises(openai.NotFoundError, match="no source"):
        ask(
            model="documents",
            messages=[{"role": "user", "content": QUESTION}],
            extra_body={"scope": {"sources": [LAW]}},
            stream=True,
        )
    with pytest.raises(openai.UnprocessableEntityError, match="the user's"):
        ask(model="documents", messages=[{"role": "assistant", "content": "Hm."}])
    with pytest.raises(openai.AuthenticationError, match="not known"):
        openai.OpenAI(base_url=f"{site.address}v1", api_key="doc_wrong", max_retries=0).models.list()


def test_messages_become_a_question_with_its_history() -> None:
    picture = base64.b64encode(encoded(drawn(1))).decode()
    chat = ChatIn.model_validate(
        {
            "messages": [
                {"role": "system", "content": "You are a pirate."},
                {"role": "user", "content": "How high?"},
                {"role": "assistant", "content": "3 m [^1].\n\n[^1]: a.md, page 1: “3 m”\n[^2]: b.md, page 2: “x”"},
                {"role": "user", "content": [
                    {"type": "text", "text": "Which page is this?"},
                    {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{picture}"}},
                ]},
            ]
        }
    )  # fmt: skip
    one = asked(chat)
    assert (one.question, one.picture) == ("Which page is this?", picture)
    assert [(message.role, message.content) for message in one.history] == [
        ("user", "How high?"),
        ("assistant", "3 m [1]."),
    ]
    elsewhere = {"type": "image_url", "image_url": {"url": "http://169.254.169.254/x.png"}}
    with pytest.raises(SourceError, match="nothing is fetched"):
        asked(ChatIn.model_validate({"messages": [{"role": "user", "content": [elsewhere]}]}))
    with pytest.raises(NotFoundError):
        asked(ChatIn.model_validate({"model": "other", "messages": [{"role": "user", "content": "x"}]}))


def test_only_marks_of_citations_become_footnotes(assistant: object) -> None:
    citation = schema.CitationOut(
        n=1, source="a.md", source_id="x", page=1, kind="text", quote="Line\none", checked=False
    )
    answer = schema.AnswerOut(
        question="q", subquestions=[], answer="It is [1]. The list [7] is long.", outcome="answered", abstained=False,
        statements=[], citations=[citation], hits=[], objects=[], timings_ms={}, model="m", notices=[],
    )  # fmt: skip
    assert with_footnotes(answer) == "It is [^1]. The list [7] is long.\n\n[^1]: a.md, page 1, not checked: “Line one”"
    nearest = answer.model_copy(update={"outcome": "passages"})
    assert "checked" not in with_footnotes(nearest)  # which says nothing of passages that are not called an answer
    nothing = answer.model_copy(update={"citations": [], "answer": "Not found."})
    assert with_footnotes(nothing) == "Not found."


def test_the_history_reaches_the_chain_as_messages(assistant: object) -> None:
    history = [schema.Message(role="user", content="a"), schema.Message(role="assistant", content="b")]
    turn = Service(assistant).turn(schema.AskIn(question="c", history=history), GUEST)  # type: ignore[arg-type]
    assert turn.history == (HumanMessage("a"), AIMessage("b"))
