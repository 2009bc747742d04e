"""Summaries of whole sources: by their headings and first sentences, each cited; or by a chat model from passages of all
their parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest

from chains.answering.base import EXTRACTIVE, READ_HITS, Answerer
from chains.answering.evidence import Evidence, collect
from chains.answering.synthesis import marked
from records import Chunk, Citation, Hit, Source, Statement, SubAnswer, Turn
from store.assets import Assets
from store.documents import Documents
from text.summaries import evenly, is_telling

MOST_SENTENCES = 10  # quoted in all
MOST_SOURCES = 10


def summarise(
    turn: Turn, sources: Sequence[Source], answerer: Answerer, documents: Documents, assets: Assets
) -> Iterator[Turn]:
    """Yield ever fuller summaries of ``sources``: what ``answerer`` writes, or where it is the extractive reader their
    headings and first sentences."""
    shown = sources[:MOST_SOURCES]
    chunks = {source.source: documents.chunks_of(source.source, turn.scope.principal) for source in shown}
    if turn.model != EXTRACTIVE:
        passages = spread(chunks)
        part = SubAnswer(question=turn.question, hits=passages)
        for fuller in answerer.answer(replace(turn, parts=(part,)), lambda _: passages):
            turn = fuller
            yield turn
    if turn.model == EXTRACTIVE:  # which also stands in for a model that cannot be reached
        turn = replace(turn, parts=(by_headings(turn, shown, chunks, assets),), stage="answer")
    yield replace(turn, hits=turn.parts[0].hits)


def by_headings(
    turn: Turn, sources: Sequence[Source], chunks: Mapping[str, Sequence[Chunk]], assets: Assets
) -> SubAnswer:
    """Return the first sentence under each of the main headings of ``sources``, quoted and cited; of more headings than can
    be shown, evenly spaced ones."""
    each = max(1, MOST_SENTENCES // max(1, len(sources)))
    lines: list[str] = []
    statements: list[Statement] = []
    citations: list[Citation] = []
    for source in sources:
        if len(sources) > 1:
            lines.append(f"**{source.title or source.source}**")
        for heading, piece in evenly(first_sentences(chunks[source.source], assets), each):
            number = len(citations) + 1
            citations.append(Citation(n=number, chunk=piece.chunk, quote=piece.quote, bbox=piece.bbox))
            statements.append(Statement(text=f"“{piece.quote}”", citations=(number,)))
            lead = f"**{heading}.** " if heading and heading != source.title else ""
            lines.append(f"{lead}{marked(statements[-1])}")
    return SubAnswer(
        question=turn.question,
        hits=tuple(Hit(chunk=citation.chunk, score=1.0) for citation in citations),
        text="\n\n".join(lines),
        statements=tuple(statements),
        citations=tuple(citations),
        outcome="answered" if statements else "nothing",
        done=True,
    )


def first_sentences(chunks: Sequence[Chunk], assets: Assets) -> list[tuple[str, Evidence]]:
    """Return the main headings in reading order, each with the first whole sentence under it; of a source without sentences
    the first words that it has."""
    found = []
    for heading, own in by_section(chunks):
        pieces = collect([Hit(chunk=one, score=1.0) for one in own if one.kind == "text"], assets)
        piece = next((one for one in pieces if is_telling(one.quote)), None)
        if piece is not None:
            found.append((heading, piece))
    if not found:
        pieces = collect([Hit(chunk=one, score=1.0) for one in chunks], assets)
        found = [("", piece) for piece in pieces[:1]]
    return found


def by_section(chunks: Sequence[Chunk]) -> list[tuple[str, list[Chunk]]]:
    """Return the chunks under each heading of the highest level that divides them; "" where there is none."""
    deepest = max((len(one.section) for one in chunks), default=0)
    depth = next(
        (level for level in range(1, deepest + 1) if len({one.section[:level] for one in chunks}) > 2), deepest
    )
    groups: dict[tuple[str, ...], list[Chunk]] = {}
    for one in chunks:
        groups.setdefault(one.section[:depth], []).append(one)
    return [(section[-1] if section else "", own) for section, own in groups.items()]


def spread(chunks: Mapping[str, Sequence[Chunk]]) -> tuple[Hit, ...]:
    """Return passages from all parts of the sources, in the order in which they should be read: the first of each section
    of each, then the second ones."""
    sections = [own for several in chunks.values() for _, own in by_section(several)]
    turns = (one for row in zip_longest(*evenly(sections, READ_HITS)) for one in row if one is not None)
    kept = [one for one, _ in zip(turns, range(READ_HITS), strict=False)]
    return tuple(Hit(chunk=one, score=1.0 / rank) for rank, one in enumerate(kept, start=1))
