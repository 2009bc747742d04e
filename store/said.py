"""A question with its answer as a conversation keeps it.

Of a passage the answer rests on, the words that it quotes are kept, and where they stand; the passage itself is asked of the
catalog again when the conversation is opened, for whoever opens it then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from records import Chunk, Citation, Computation, Hit, Principal, Statement, SubAnswer, Turn
from store.documents import Documents

MOST_CHARACTERS = 20_000  # of a question, an answer, and of a quote
SHOWN_HITS = 5  # passages of a part that are kept by their ids

LISTED = "Documents were listed here. Ask again to see those there are now."
GONE = "This answer rested on a source that was removed, or that you may not read any more."

_LISTING = ("documents", "help", "summary")
Status = Literal["done", "stopped", "failed"]


@dataclass(frozen=True, kw_only=True)
class Said:
    """A question with its answer as it was kept."""

    turn: Turn
    status: Status = "done"
    error: str = ""


def dump_said(said: Said) -> dict[str, Any]:
    """Return ``said`` as JSON has it, its picture left out."""
    turn = said.turn
    return {
        "status": said.status,
        "error": said.error[:MOST_CHARACTERS],
        "question": turn.question[:MOST_CHARACTERS],
        "standalone": turn.standalone[:MOST_CHARACTERS],
        "intent": turn.intent,
        # a list of documents is as old as it is, and names some that may be hidden by now
        "answer": LISTED
        if turn.outcome == "conversation" and turn.intent in _LISTING
        else turn.answer[:MOST_CHARACTERS],
        "outcome": turn.outcome,
        "model": turn.model,
        "notices": list(turn.notices),
        "statements": [asdict(one) for one in turn.statements],
        "citations": [_dump_citation(one) for one in turn.citations],
        "hits": _dump_hits(turn.hits),
        "parts": [
            {
                "question": part.question[:MOST_CHARACTERS],
                "outcome": part.outcome,
                "statements": [asdict(one) for one in part.statements],
                "citations": [one.n for one in part.citations],
                "hits": _dump_hits(part.hits),
                "out_of_corpus": list(part.out_of_corpus),
            }
            for part in turn.parts
        ],
    }


def _dump_citation(one: Citation) -> dict[str, Any]:
    chunk = one.chunk
    return {
        "n": one.n,
        "chunk": chunk.id,
        "source": chunk.source,
        "kind": chunk.kind,
        "title": chunk.title,
        "section": list(chunk.section),
        "page": chunk.page,
        "quote": one.quote[:MOST_CHARACTERS],
        "bbox": one.bbox,
        "checked": one.checked,
        "disputed": one.disputed,
    }


def _dump_hits(hits: Sequence[Hit]) -> list[list[Any]]:
    return [[hit.chunk.id, hit.chunk.source, hit.score] for hit in hits[:SHOWN_HITS]]


def load_said(
    stored: Mapping[str, Any], picture: bytes, readable: set[str], documents: Documents, principal: Principal
) -> Said:
    """Return what was said, and the picture that was asked about, as far as the answer rests on ``readable`` sources."""
    hits = [hit for part in (stored, *stored["parts"]) for hit in part["hits"]]
    sources = {one["source"] for one in stored["citations"]} | {source for _, source, _ in hits}
    turn = Turn(question=stored["question"], picture=picture)
    if not sources <= readable:
        return Said(turn=replace(turn, answer=GONE, outcome="nothing"), status="done")
    ids = {one["chunk"] for one in stored["citations"]} | {id_ for id_, _, _ in hits}
    chunks = {chunk.id: chunk for chunk in documents.chunks(sorted(ids), principal)}
    citations = tuple(_load_citation(one, chunks) for one in stored["citations"])
    by_number = {one.n: one for one in citations}
    parts = tuple(
        SubAnswer(
            question=part["question"],
            outcome=part["outcome"],
            statements=tuple(map(_load_statement, part["statements"])),
            citations=tuple(by_number[n] for n in part["citations"] if n in by_number),
            hits=_load_hits(part["hits"], chunks),
            out_of_corpus=tuple(part["out_of_corpus"]),
            done=True,
        )
        for part in stored["parts"]
    )
    turn = replace(
        turn,
        standalone=stored["standalone"],
        intent=stored["intent"],
        answer=stored["answer"],
        outcome=stored["outcome"],
        model=stored["model"],
        notices=tuple(stored["notices"]),
        statements=tuple(map(_load_statement, stored["statements"])),
        citations=citations,
        hits=_load_hits(stored["hits"], chunks),
        parts=parts,
        stage="check",
    )
    return Said(turn=turn, status=stored["status"], error=stored["error"])


def _load_citation(one: Mapping[str, Any], chunks: Mapping[str, Chunk]) -> Citation:
    """A citation with its passage; where the source was read anew and has it no more, with the words that were quoted."""
    bbox = tuple(one["bbox"]) if one["bbox"] else None
    chunk = chunks.get(one["chunk"]) or Chunk(
        id=one["chunk"],
        source=one["source"],
        kind="text",
        text=one["quote"],
        title=one["title"],
        section=tuple(one["section"]),
        page=one["page"],
    )
    return Citation(
        n=one["n"],
        chunk=chunk,
        quote=one["quote"],
        bbox=bbox,  # type: ignore[arg-type]
        checked=one["checked"],
        disputed=one["disputed"],
    )


def _load_hits(stored: Sequence[Sequence[Any]], chunks: Mapping[str, Chunk]) -> tuple[Hit, ...]:
    return tuple(Hit(chunk=chunks[id_], score=score) for id_, _, score in stored if id_ in chunks)


def _load_statement(stored: Mapping[str, Any]) -> Statement:
    computed = stored["computed"]
    return Statement(
        text=stored["text"],
        citations=tuple(stored["citations"]),
        added=stored["added"],
        checked=stored["checked"],
        answer=tuple(stored["answer"]),
        computed=computed and Computation(**{name: _as_tuple(value) for name, value in computed.items()}),
    )


def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
