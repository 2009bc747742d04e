"""What ``make fuzz`` feeds: each takes Atheris' provider of values, and raises when something does not hold."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fakes import count_words
from invariants import broken
from langchain_core.messages import HumanMessage

from chains.answering.tables.answer import compute_from
from chains.query.condense import condense_by_rule
from chains.query.decompose import decompose_by_rule
from config import Settings
from errors import FetchError, SourceError
from ingest.chunk.chunker import Window
from ingest.connectors.sidecar import accesses
from ingest.expand import expand
from ingest.parsers.html.page import parse_web
from ingest.parsers.markdown import parse_markdown
from ingest.parsers.pdf.layout import LayoutBox
from ingest.parsers.pdf.repair import repaired
from ingest.parsers.pdf.rules import Rules
from ingest.parsers.pdf.tables import table_of
from ingest.parsers.plain import parse_plain
from records import Cell, Raw, Table
from store.assets import Assets
from text.english.names import names_in
from text.sheet import Sheet
from text.tokens import sentences
from text.values import numbers

WINDOW = Window(60, count_words)
SETTINGS = Settings()
FOLDER = Path(tempfile.mkdtemp(prefix="fuzzed-"))
ASSETS = Assets(FOLDER / "assets")
TEXTS = (
    "",
    "1",
    "2.5",
    "-3",
    "1,234",
    "12 %",
    "2019",
    "May 3, 2019",
    "Aldra Weir",
    "Weir",
    "total",
    "x y",
    "—",
    "Year",
)
QUESTION = """how many what which who the of in is most highest lowest after before more than at least difference between and
total average number Aldra Weir Year 2019 1 3 first last same as did or when list compare each""".split()


class Broken(AssertionError):
    """Chunks do not keep what they promise."""


def _offline(url: str, limit: int, seconds: float) -> Any:
    raise FetchError(f"{url} is not read here.")


def _parse(parse: Callable[..., Any], suffix: str, **options: Any) -> Callable[[Any], None]:
    def one(given: Any) -> None:
        data = given.ConsumeBytes(given.remaining_bytes())
        raw = Raw(source=str(FOLDER / f"a{suffix}"), data=data)
        try:
            document = parse(raw, assets=ASSETS, settings=SETTINGS, **options)
        except SourceError:
            return
        found = broken(document, WINDOW)
        if found:
            raise Broken("; ".join(found))

    return one


def _text(given: Any) -> str:
    return TEXTS[given.ConsumeIntInRange(0, len(TEXTS) - 1)]


def _pdf_table(given: Any) -> None:
    """A grid of any size with cells, words and lines anywhere."""
    rows, cols = given.ConsumeIntInRange(1, 6), given.ConsumeIntInRange(1, 5)

    def box() -> tuple[float, float, float, float]:
        x, y = given.ConsumeIntInRange(0, 300), given.ConsumeIntInRange(0, 300)
        return float(x), float(y), float(x + given.ConsumeIntInRange(0, 120)), float(y + given.ConsumeIntInRange(0, 40))

    layout = LayoutBox(
        kind="table",
        bbox=(0.0, 0.0, 300.0, 300.0),
        grid=tuple(tuple(_text(given) for _ in range(cols)) for _ in range(rows)),
        cells=tuple(tuple(box() for _ in range(cols)) for _ in range(rows)),
    )
    words = [(*box(), _text(given) or "w") for _ in range(given.ConsumeIntInRange(0, 20))]
    lines = [
        tuple(sorted((float(given.ConsumeIntInRange(0, 300)), *box()[:2])))
        for _ in range(given.ConsumeIntInRange(0, 6))
    ]
    half = len(lines) // 2
    fixed, merged, _ = repaired(layout, words, Rules(across=tuple(lines[:half]), down=tuple(lines[half:])))  # type: ignore[arg-type]
    if len({len(row) for row in fixed.grid}) > 1 or [len(row) for row in fixed.grid] != [
        len(row) for row in fixed.cells
    ]:
        raise Broken("rows of different lengths")
    table = table_of(fixed, merged)
    grid = table.grid()
    if len(grid) != table.n_rows or any(len(row) != table.n_cols for row in grid):
        raise Broken("not the grid it says")


def _table_question(given: Any) -> None:
    """A small table and a question in its words."""
    rows, cols = given.ConsumeIntInRange(1, 6), given.ConsumeIntInRange(1, 4)
    cells = tuple(Cell(row=row, col=col, text=_text(given)) for row in range(rows) for col in range(cols))
    table = Table(cells=cells, n_rows=rows, n_cols=cols, header_rows=given.ConsumeIntInRange(0, 1))
    asked = [QUESTION[given.ConsumeIntInRange(0, len(QUESTION) - 1)] for _ in range(given.ConsumeIntInRange(0, 14))]
    compute_from(" ".join(asked), Sheet(table))


def _question(given: Any) -> None:
    """Any text as a question, after any text."""
    earlier, question = given.ConsumeUnicodeNoSurrogates(200), given.ConsumeUnicodeNoSurrogates(400)
    condensed = condense_by_rule(question, [HumanMessage(earlier)] if earlier else [])
    decompose_by_rule(condensed, 4)
    names_in(question)
    numbers(question)
    bounds = list(sentences(question))
    if any(start >= end for start, end in bounds) or bounds != sorted(bounds):
        raise Broken(f"sentences {bounds}")


def _sidecar(given: Any) -> None:
    """Any bytes beside a source: it names readers, or the source is not taken in."""
    source = FOLDER / "b.md"
    Path(f"{source}.meta.json").write_bytes(given.ConsumeBytes(given.remaining_bytes()))
    said, problems = accesses([str(source)], None)
    if bool(said) == bool(problems):
        raise Broken(f"{said} {problems}")


def _list(given: Any) -> None:
    """Any bytes as a list of sources, but for what would lead out of its folder: a disk takes long to search."""
    path = FOLDER / "lists" / "list.txt"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(re.sub(rb"[/~]|\.\.", b"_", given.ConsumeBytes(given.remaining_bytes())))
    expand([f"@{path}"])


TARGETS: dict[str, Callable[[Any], None]] = {
    "html": _parse(parse_web, ".html", hop=_offline),
    "markdown": _parse(parse_markdown, ".md", hop=_offline),
    "plain": _parse(parse_plain, ".txt"),
    "pdf-tables": _pdf_table,
    "table-questions": _table_question,
    "questions": _question,
    "sidecar": _sidecar,
    "lists": _list,
}
