"""What an agent works with on one question: tools over the documents as far as they may be read, the passages that these have
shown, numbered as it cites them, and what it computed from their cells."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from threading import RLock
from typing import Literal

from langchain_core.tools import BaseTool, StructuredTool
from pydantic import BaseModel, Field

from chains.answering.generative.citing import Computed
from chains.answering.generative.context import ContextPassage, table_lines
from chains.answering.tables.statement import cite
from chains.retrieval.base import Resources
from chains.retrieval.search import retrieve
from records import Chunk, Citation, Computation, Scope
from text.arithmetic import compute, says
from text.sheet import Sheet
from text.support import names_missing
from text.tokens import words
from text.values import number_of, plain

SHOWN = 8  # passages of one search
PASSAGE_CHARACTERS = 1_200  # of a passage that is shown with others
WHOLE_CHARACTERS = 12_000  # of a page or a table
AROUND = 2  # chunks before and after a passage that are its neighbours

Operation = Literal["sum", "difference", "ratio", "percent change", "average"]


class Search(BaseModel):
    """What ``search`` takes."""

    question: str = Field(description="one question, complete in itself")


class OpenPage(BaseModel):
    """What ``open_page`` takes."""

    passage: int = Field(description="the number of a passage of the source")
    page: int = Field(0, ge=0, description="a page of that source, from 1; left out, the page of the passage")


class OfPassage(BaseModel):
    """What ``table`` and ``neighbours`` take."""

    passage: int = Field(description="the number of a passage")


class CellOf(BaseModel):
    """A cell of a table, by what stands in it."""

    passage: int = Field(description="the number of the table's passage")
    cell: str = Field(description="the cell as it stands in the table, e.g. 1,234")
    row: str = Field("", description="the words that name its row, where the same stands in several rows")


class Compute(BaseModel):
    """What ``compute`` takes."""

    operation: Operation = Field(
        description="percent change: from the first cell to the second; ratio: first by second"
    )
    cells: list[CellOf] = Field(description="the cells, in order", min_length=1)


@dataclass(frozen=True)
class _Cell:
    """A cell that was found: the passage's number, and where in its table."""

    passage: int
    row: int
    column: int
    text: str


class Desk:
    """The tools over what ``scope`` allows, and what they have shown. One desk is for one question at a time."""

    def __init__(self, resources: Resources, scope: Scope, passages: Iterable[Sequence[Chunk]] = ()) -> None:
        """``passages``: what the agent is shown before it asks for more, numbered from 1."""
        self._resources = resources
        self._scope = scope
        self.passages: list[tuple[Chunk, ...]] = []
        self._lock = RLock()  # tools may be called at once
        self._numbers: dict[str, int] = {}  # chunk, or asset of a whole table -> passage
        self._computed: list[tuple[Computation, tuple[_Cell, ...]]] = []
        for chunks in passages:
            self._add(chunks)

    def tools(self) -> list[BaseTool]:
        """Return ``search``, ``open_page``, ``table``, ``compute`` and ``neighbours``.

        What they return is text with numbered passages. A wrong argument is answered with a text that says what is right, so
        that an agent can go on.
        """
        known: list[tuple[Callable[..., str], type[BaseModel], str]] = [
            (self.search, Search, "Find passages of the documents that answer a question."),
            (self.open_page, OpenPage, "Read a page of the source of a passage, in reading order."),
            (self.table, OfPassage, "Read the whole table that a passage is of, a row a line."),
            (self.compute, Compute, "Compute a sum, difference, ratio, percent change or average of cells of tables."),
            (self.neighbours, OfPassage, "Read what stands before and after a passage."),
        ]
        return [
            StructuredTool.from_function(tool, name=tool.__name__, args_schema=takes, description=what)
            for tool, takes, what in known
        ]

    def search(self, question: str) -> str:
        """Return passages that answer ``question``."""
        hits = retrieve(question, self._scope, self._resources)[:SHOWN]
        return self._shown([hit.chunk for hit in hits]) or "Nothing comes near it."

    def open_page(self, passage: int, page: int = 0) -> str:
        """Return what stands on ``page`` of the source of a passage."""
        if (known := self._chunk(passage)) is None:
            return self._unknown(passage)
        page = page or known.page
        found = [one for one in self._readable(known.source) if one.page == page]
        return self._shown(found, WHOLE_CHARACTERS) or f"Page {page} of that source holds nothing."

    def table(self, passage: int) -> str:
        """Return the rows of the table that a passage is of."""
        chunk = self._chunk(passage)
        if chunk is None or not chunk.table:
            return f"Passage {passage} is no table. Name a passage of kind table by its number."
        number = self._numbers_of([chunk])[0]
        return f"[{number}] {ContextPassage(self.passages[number - 1]).text}"[:WHOLE_CHARACTERS]

    def neighbours(self, passage: int) -> str:
        """Return what stands before and after a passage."""
        if (known := self._chunk(passage)) is None:
            return self._unknown(passage)
        chunks = self.passages[passage - 1]
        first, last = min(one.ordinal for one in chunks) - AROUND, max(one.ordinal for one in chunks) + AROUND
        near = self._resources.documents.between(known.source, first, last, self._scope.principal)
        own = {one.id for one in chunks}
        return self._shown([one for one in near if one.id not in own]) or "Nothing stands before or after it."

    def compute(self, operation: Operation, cells: Sequence[CellOf]) -> str:
        """Compute ``operation`` over ``cells``, and remember it for the answer that states it."""
        found: list[_Cell] = []
        for one in cells:
            cell = self._cell(one)
            if isinstance(cell, str):
                return cell
            found.append(cell)
        texts = tuple(one.text for one in found)
        result = compute(operation, texts)
        if not result:
            return f"The {operation} of {', '.join(texts)} cannot be computed; a difference, a ratio and a change take two."
        self._computed.append((Computation(operation=operation, cells=texts, result=result), tuple(found)))
        marks = "".join(f"[{n}]" for n in dict.fromkeys(one.passage for one in found))
        return f"The {operation} of {', '.join(texts)} is {' '.join(result)}. Cite {marks}."

    def computed(self, text: str) -> Computed | None:
        """Return what was computed last that ``text`` states, with the rows and columns it is from; None when that is
        nothing, or the text names what these do not."""
        for computation, cells in reversed(self._computed):
            if not all(says(text, one) for one in computation.result):
                continue
            places = tuple(self._places(cells))
            if not names_missing(text, "\n".join(f"{one.chunk.context}\n{one.quote}" for _, one in places)):
                return Computed(computation, places)
        return None

    def _places(self, cells: Sequence[_Cell]) -> Iterator[tuple[int, Citation]]:
        """The rows of the cells, for each table that they are of, with the number of its passage."""
        for number in dict.fromkeys(cell.passage for cell in cells):
            own, chunk = [cell for cell in cells if cell.passage == number], self.passages[number - 1][0]
            rows, columns = [cell.row for cell in own], [cell.column for cell in own]
            for citation in cite(self._sheet(chunk), rows, columns, chunk, ()):
                yield number, citation

    def _sheet(self, chunk: Chunk) -> Sheet:
        return Sheet(self._resources.assets.read_table(chunk.table), frozenset(), self._resources.glossary)

    def _cell(self, asked: CellOf) -> _Cell | str:
        """The cell that is meant, or what is wrong."""
        chunk = self._chunk(asked.passage)
        if chunk is None or not chunk.table:
            return f"Passage {asked.passage} is no table; cells are taken from tables. Look for one with `search`."
        passage = self._numbers_of([chunk])[0]
        sheet, wanted = self._sheet(chunk), plain(asked.cell)
        named = set(words(asked.row))
        found = [
            _Cell(passage, row, column, text)
            for row, cells in enumerate(sheet.grid)
            for column, text in enumerate(cells)
            if text == wanted and number_of(text) is not None and named <= set(words(" ".join(cells)))
        ]
        rows = {one.row for one in found}
        if not found:
            where = f" in a row with “{asked.row}”" if asked.row else ""
            return f"No cell of passage {asked.passage} is “{asked.cell}”{where}. Copy one as `table` shows it."
        if len(rows) > 1:
            return f"“{asked.cell}” stands in {len(rows)} rows of passage {asked.passage}. Say in `row` what names its row."
        return found[0]

    def _readable(self, source: str) -> list[Chunk]:
        return self._resources.documents.chunks_of(source, self._scope.principal)

    def _chunk(self, passage: int) -> Chunk | None:
        return self.passages[passage - 1][0] if 1 <= passage <= len(self.passages) else None

    def _unknown(self, passage: int) -> str:
        return f"There is no passage {passage}. Name one that was shown, 1 to {len(self.passages)}."

    def _shown(self, chunks: Sequence[Chunk], characters: int = PASSAGE_CHARACTERS) -> str:
        """The chunks as numbered passages, those known by the numbers they have, each of so many ``characters`` at most."""
        numbers = dict.fromkeys(self._numbers_of(chunks))
        texts = [f"[{n}] {ContextPassage(self.passages[n - 1]).text[:characters]}" for n in numbers]
        return "\n\n".join(texts)[:WHOLE_CHARACTERS]

    def _numbers_of(self, chunks: Iterable[Chunk]) -> list[int]:
        with self._lock:
            return [self._numbers.get(chunk.table or chunk.id) or self._add([chunk]) for chunk in chunks]

    def _whole(self, chunk: Chunk) -> tuple[str, Chunk]:
        """What names ``chunk``, and the chunk itself; of a table the whole of it."""
        if not chunk.table:
            return chunk.id, chunk
        table = self._resources.assets.read_table(chunk.table)
        text = "\n".join(filter(None, (table.caption, *table_lines(table))))
        return chunk.table, replace(chunk, text=text, spans=(), first_row=0, last_row=table.n_rows)

    def _add(self, chunks: Iterable[Chunk]) -> int:
        keyed = [self._whole(chunk) for chunk in chunks]
        self.passages.append(tuple(chunk for _, chunk in keyed))
        for key, _ in keyed:
            self._numbers.setdefault(key, len(self.passages))
        return len(self.passages)
