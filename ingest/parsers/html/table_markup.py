"""Which parts of a page belong to which table, and which tables state data."""

from __future__ import annotations

from dataclasses import dataclass, field

from bs4 import Tag

from ingest.parsers.html.tree import BLOCKS, HEADINGS, InlineText, attribute, traverse


@dataclass
class Row:
    """One ``<tr>`` and the row group (thead, tbody, tfoot) it stands in."""

    cells: list[Tag] = field(default_factory=list)
    group: int = 0
    in_head: bool = False


@dataclass
class Markup:
    """What belongs to one ``<table>``, tables inside its cells left out."""

    tag: Tag
    rows: list[Row] = field(default_factory=list)
    caption: Tag | None = None
    nested: list[Markup] = field(default_factory=list)
    headings: int = 0
    paragraphs: int = 0
    stray: InlineText = field(default_factory=InlineText)  # text between cells, where none may stand
    is_data: bool = False


class _Open:
    """A table that is being collected."""

    def __init__(self, tag: Tag) -> None:
        self.markup = Markup(tag)
        self.inside: Tag | None = None  # the cell or caption that is open
        self.group = 0
        self.in_head = False
        self.row: Row | None = None

    def open(self, tag: Tag) -> None:
        if self.inside is not None:
            self.markup.headings += tag.name in HEADINGS
            self.markup.paragraphs += tag.name == "p"
        elif tag.name in ("td", "th"):
            if self.row is None:
                self.row = self._new_row()
            self.row.cells.append(tag)
            self.inside = tag
        elif tag.name == "tr":
            self.row = self._new_row()
        elif tag.name in ("thead", "tbody", "tfoot"):
            self.group += 1
            self.in_head = tag.name == "thead"
            self.row = None
        elif tag.name == "caption" and self.markup.caption is None:
            self.markup.caption = self.inside = tag
        elif tag.name in BLOCKS or tag.name == "br":
            self.markup.stray.break_line()

    def close(self, tag: Tag) -> None:
        if tag is self.inside:
            self.inside = None
        elif self.inside is None and tag.name in ("thead", "tbody", "tfoot"):
            self.group += 1
            self.in_head = False
            self.row = None
        elif self.inside is None and tag.name == "tr":
            self.row = None

    def _new_row(self) -> Row:
        row = Row(group=self.group, in_head=self.in_head)
        self.markup.rows.append(row)
        return row


class _Collector:
    """Collects all tables below a tag in one pass."""

    def __init__(self) -> None:
        self.found: list[Markup] = []  # in document order
        self._stack: list[_Open] = []

    def open(self, tag: Tag) -> bool:
        if tag.name == "table":
            table = _Open(tag)
            if self._stack:
                self._stack[-1].markup.nested.append(table.markup)
            self._stack.append(table)
            self.found.append(table.markup)
        elif self._stack:
            self._stack[-1].open(tag)
        return True

    def text(self, text: str) -> None:
        if self._stack and self._stack[-1].inside is None:
            self._stack[-1].markup.stray.add(text)

    def close(self, tag: Tag) -> None:
        if tag.name == "table":
            self._stack.pop()
        elif self._stack:
            self._stack[-1].close(tag)


def collect_tables(root: Tag) -> dict[int, Markup]:
    """Return all tables below ``root`` by ``id`` of their tag, each marked as data or as a means of layout."""
    collector = _Collector()
    traverse(root, collector)
    for markup in reversed(collector.found):  # inner tables before the ones around them
        markup.is_data = _is_data(markup)
    return {id(markup.tag): markup for markup in collector.found}


def _is_data(markup: Markup) -> bool:
    """Whether a table states facts by row and column, rather than places things on a page."""
    if attribute(markup.tag, "role").lower() in ("presentation", "none"):
        return False
    rows = [row for row in markup.rows if row.cells]
    widest = max((len(row.cells) for row in rows), default=0)
    if sum(len(row.cells) for row in rows) < 2:
        return False
    few = len(rows) <= 3
    if widest == 1 and any(inner.is_data for inner in markup.nested):
        return False
    if markup.headings and (few or any(inner.is_data for inner in markup.nested)):
        return False
    if any(row.in_head for row in rows) or any(cell.name == "th" for row in rows for cell in row.cells):
        return True
    if any(inner.is_data for inner in markup.nested) or (few and markup.paragraphs > 2 * len(rows)):
        return False
    if markup.caption is not None:
        return True
    return len(rows) > 1 and widest > 1
