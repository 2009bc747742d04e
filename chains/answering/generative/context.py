"""What a model gets to read: hits with what stands around them, as numbered passages within a budget of tokens."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from chains.retrieval.base import Resources
from chains.retrieval.rows import rows_asked
from records import Chunk, Hit, Principal, Table
from text.citation_marks import without_marks

REACH = 8  # chunks before and after a hit that may come with it
TABLE_SHARE = 3  # a table of more than this part of the budget is given by its rows
MARK_TOKENS = 5  # of a passage's number and the line breaks around it


@dataclass(frozen=True)
class ContextPassage:
    """One passage: chunks of one section on one page, a table, or a figure."""

    chunks: tuple[Chunk, ...]  # in reading order; a table as one chunk, with the rows that are shown

    @property
    def picture(self) -> str:
        """The asset with the figure, for a model that sees; "" for text and tables."""
        return self.chunks[0].picture

    @property
    def text(self) -> str:
        """Where it stands, and the words; nothing in it reads as a mark of ours."""
        return without_marks("\n".join([_heading(self.chunks[0]), *filter(None, map(_words, self.chunks))]))


@dataclass(frozen=True)
class PromptContext:
    """The passages in the order in which they are read. The first is number 1."""

    passages: tuple[ContextPassage, ...]

    @property
    def text(self) -> str:
        """All passages with their numbers."""
        return "\n\n".join(f"[{number}] {passage.text}" for number, passage in enumerate(self.passages, start=1))


def prompt_context(
    question: str, hits: Sequence[Hit], budget: int, resources: Resources, principal: Principal
) -> PromptContext:
    """Return what a model reads to answer ``question``, of at most ``budget`` tokens as the embedder counts them.

    Hits come in by rank as long as there is room; a hit of a table brings the whole table, or where that takes too much of
    the budget, with caption and header the rows that were found and then those that share most words with the question.
    While there is room left, the nearest chunks of the same section follow. The same words of one source are taken once. The
    source of the best hit comes first; within a source everything stands in reading order.

    Args:
        hits: best first.
        principal: who asks; neighbours that are not for them to read stay out.
    """
    collected = _Collected(question, hits, budget, resources)
    for hit in hits:
        collected.add(hit.chunk)
    around = [_Around(hit.chunk, resources, principal) for hit in hits]
    for distance in range(1, REACH + 1):
        for one in around:
            if not collected.is_full:
                for chunk in one.at(distance):
                    collected.add(chunk)
    return collected.passages()


def _heading(chunk: Chunk) -> str:
    """Where ``chunk`` stands; a title that is the first heading, too, is said once."""
    path = dict.fromkeys(filter(None, (chunk.title, *chunk.section)))
    return f"{' › '.join(path)}, page {chunk.page} ({chunk.kind})"


def _words(chunk: Chunk) -> str:
    """The text of ``chunk`` without the headings that it begins with, which stand above it; "" if that is all of it."""
    headings = {" ".join(one.split()) for one in (chunk.title, *chunk.section)}
    lines = chunk.text.split("\n")
    kept = next((n for n, line in enumerate(lines) if " ".join(line.split()) not in headings | {""}), len(lines))
    return "\n".join(lines[kept:])


Key = tuple[str, int, tuple[str, ...], str]  # source, page, section; the asset of a table or figure


class _Collected:
    """The chunks chosen so far, by passage."""

    def __init__(self, question: str, hits: Sequence[Hit], budget: int, resources: Resources) -> None:
        self._question = question
        self._budget = self._room = budget
        self._assets = resources.assets
        self._count = resources.embedder.tokenizer.count
        self._blocks: dict[Key, list[Chunk]] = {}
        self._seen: set[tuple[str, str]] = set()  # source and words, or asset of a table
        self._found_rows: dict[str, set[int]] = defaultdict(set)  # by table
        for hit in hits:
            self._found_rows[hit.chunk.table].update(range(hit.chunk.first_row, hit.chunk.last_row))

    @property
    def is_full(self) -> bool:
        """Whether nothing worth reading has room any more."""
        return self._room <= MARK_TOKENS

    def add(self, chunk: Chunk) -> None:
        """Take ``chunk`` in if it is new, says something and has room; what has none now has none later."""
        words = (chunk.source, chunk.table or " ".join(_words(chunk).split()))
        if not words[1]:
            return
        if words in self._seen:
            return
        self._seen.add(words)
        key = (chunk.source, chunk.page, chunk.section, chunk.table or chunk.picture)
        head = 0 if key in self._blocks else self._count(_heading(chunk)) + MARK_TOKENS
        shown = self._table(chunk, self._room - head) if chunk.table else chunk
        needed = head + self._count(shown.text) + 1
        if needed <= self._room:
            self._room -= needed
            self._blocks.setdefault(key, []).append(shown)

    def _table(self, chunk: Chunk, room: int) -> Chunk:
        """The table of ``chunk`` whole or by its rows, as one chunk."""
        table = self._assets.read_table(chunk.table)
        limit = min(room, self._budget // TABLE_SHARE)
        lines = list(table_lines(table))
        head = [line for line in (table.caption, *lines[: table.header_rows]) if line]
        body = lines[table.header_rows :]
        whole = replace(
            chunk, text="\n".join([*head, *body]), spans=(), first_row=table.header_rows, last_row=table.n_rows
        )
        if self._count(whole.text) <= limit:
            return replace(whole, text="\n".join(filter(None, [*head, *body])))
        found = {row - table.header_rows for row in self._found_rows[chunk.table]}
        match = [match for _, match in rows_asked(self._question, whole)] or [0.0] * len(body)
        kept: list[int] = []
        used = self._count("\n".join(head))
        for row in sorted(range(len(body)), key=lambda row: (row not in found, -match[row], row)):
            used += self._count(body[row]) + 1
            if used > limit or not (row in found or match[row]):
                break
            kept.append(row)
        return replace(whole, text="\n".join([*head, *(body[row] for row in sorted(kept))])) if kept else chunk

    def passages(self) -> PromptContext:
        """Return what was chosen, in the order of reading."""
        rank = {source: position for position, source in enumerate(dict.fromkeys(key[0] for key in self._blocks))}
        blocks = [sorted(chunks, key=lambda chunk: chunk.ordinal) for chunks in self._blocks.values()]
        blocks.sort(key=lambda chunks: (rank[chunks[0].source], chunks[0].ordinal))
        return PromptContext(tuple(ContextPassage(tuple(chunks)) for chunks in blocks))


class _Around:
    """What stands around a chunk in its section."""

    def __init__(self, chunk: Chunk, resources: Resources, principal: Principal) -> None:
        self._chunk = chunk
        self._documents = resources.documents
        self._principal = principal

    def at(self, distance: int) -> Iterable[Chunk]:
        """Yield the chunks so many places after and before it, unless another section lies between."""
        for step in (distance, -distance):
            if (chunk := self._section.get(step)) is not None:
                yield chunk

    @cached_property
    def _section(self) -> dict[int, Chunk]:
        """Place counted from the chunk -> chunk."""
        own = self._chunk
        near = self._documents.between(own.source, own.ordinal - REACH, own.ordinal + REACH, self._principal)
        by_place = {chunk.ordinal - own.ordinal: chunk for chunk in near if chunk.section == own.section}
        found: dict[int, Chunk] = {}
        for step in (1, -1):
            place = step
            while place in by_place:
                found[place] = by_place[place]
                place += step
        return found


def table_lines(table: Table) -> Iterator[str]:
    """The rows as text, cells divided by " | "; a cell that spans rows stands in each, one that spans columns once."""
    rows: list[list[str]] = [[""] * table.n_cols for _ in range(table.n_rows)]
    for cell in table.cells:
        for row in range(cell.row, min(cell.row + cell.rowspan, table.n_rows)):
            rows[row][cell.col] = " ".join(cell.text.split())
    return (" | ".join(row) if any(row) else "" for row in rows)
