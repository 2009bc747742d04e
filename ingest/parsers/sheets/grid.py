"""A sheet of cells as elements: its tables apart, each with header rows, caption, and the address of every cell."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from records import Cell, Element, Line, Table
from text.cell_address import cell_box

MAX_ROWS = 100_000  # of a sheet that are read
MAX_CELLS = 600_000  # of a workbook that are read
MAX_REGIONS = 500  # a sheet of more is no tables but scattered cells, and is read as one
TITLE_GAP = 2  # empty rows between a title and the table below it
_YEAR = re.compile(r"(?:FY ?)?(?:19|20)\d\d[AEF]?")

Position = tuple[int, int]  # row and column, from 0


@dataclass(frozen=True)
class Value:
    """A cell as it is shown. Dates count as numbers, for they name no column as a rule."""

    text: str
    number: bool = False


@dataclass(frozen=True)
class Sheet:
    """The filled cells of a sheet, and how many rows and columns those reach that are merged."""

    name: str
    values: Mapping[Position, Value]
    merged: Mapping[Position, Position] = field(default_factory=dict)


@dataclass(frozen=True)
class Region:
    """A rectangle of cells, ends left out."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def height(self) -> int:
        """Its number of rows."""
        return self.bottom - self.top

    @property
    def width(self) -> int:
        """Its number of columns."""
        return self.right - self.left

    def touches(self, other: Region) -> bool:
        """Tell whether both have a cell in common."""
        return (
            self.top < other.bottom and other.top < self.bottom and self.left < other.right and other.left < self.right
        )

    def joined(self, other: Region) -> Region:
        """Return the rectangle around both."""
        return Region(
            min(self.top, other.top),
            min(self.left, other.left),
            max(self.bottom, other.bottom),
            max(self.right, other.right),
        )


def sheet_elements(sheet: Sheet, page: int) -> list[Element]:
    """Return the tables and texts of ``sheet`` from top to bottom.

    Cells that empty rows or columns part are different tables; but what begins with numbers has no names of its own, and
    belongs to the table beside or above it. A lone cell above a table is its caption.
    """
    by_row: dict[int, list[int]] = defaultdict(list)
    for row, col in sheet.values:
        by_row[row].append(col)
    regions = sorted(_regions(sheet), key=lambda one: (one.top, one.left))
    elements: list[Element] = []
    titles: list[tuple[Region, str]] = []
    for region in regions:
        rows = {row: by_row[row] for row in range(region.top, region.bottom) if row in by_row}
        inside = [(row, col) for row, cols in rows.items() for col in sorted(cols) if region.left <= col < region.right]
        if region.width == 1 or len(inside) == 1:
            text = _text(sheet, inside, page)
            if len(inside) == 1 and not sheet.values[inside[0]].number:
                titles.append((region, text.text))
            elements.append(text)
            continue
        above = [
            (title, text)
            for title, text in titles
            if 0 <= region.top - title.bottom <= TITLE_GAP and region.left <= title.left < region.right
        ]
        for title, _ in above:  # said by the table
            elements = [one for one in elements if one.bbox != _box(title)]
        elements.append(_table(sheet, region, inside, page, [text for _, text in above]))
    return elements


def _regions(sheet: Sheet) -> list[Region]:
    """Rectangles of cells that touch each other, corners included."""
    runs = _runs(sheet)
    parents = list(range(len(runs)))

    def root(index: int) -> int:
        while parents[index] != index:
            parents[index] = parents[parents[index]]
            index = parents[index]
        return index

    previous: list[int] = []
    current: list[int] = []
    row = -1
    for index, run in enumerate(runs):
        if run.top != row:
            previous = current if run.top == row + 1 else []
            current, row = [], run.top
        current.append(index)
        for above in previous:
            if runs[above].left <= run.right and run.left <= runs[above].right:
                parents[root(above)] = root(index)
    found: dict[int, Region] = {}
    for index, run in enumerate(runs):
        key = root(index)
        found[key] = found[key].joined(run) if key in found else run
    regions = list(found.values())
    if len(regions) > MAX_REGIONS:
        whole = regions[0]
        for one in regions[1:]:
            whole = whole.joined(one)
        return [whole]
    return _merged_regions(sheet, regions)


def _runs(sheet: Sheet) -> list[Region]:
    """Filled cells side by side, row by row; a merged cell fills all that it reaches."""
    filled: dict[int, set[int]] = defaultdict(set)
    last_row = max((row for row, _ in sheet.values), default=0)
    last_col = max((col for _, col in sheet.values), default=0)
    for (row, col), (rows, cols) in sheet.merged.items():
        if (row, col) in sheet.values:
            for covered in range(row, min(row + rows, last_row + 1)):
                filled[covered].update(range(col, min(col + cols, last_col + 1)))
    for row, col in sheet.values:
        filled[row].add(col)
    runs = []
    for row in sorted(filled):
        start = end = -1
        for col in sorted(filled[row]):
            if col != end:
                if end > start:
                    runs.append(Region(row, start, row + 1, end))
                start = col
            end = col + 1
        runs.append(Region(row, start, row + 1, end))
    return runs


def _merged_regions(sheet: Sheet, regions: list[Region]) -> list[Region]:
    """Regions, those that overlap or belong together as one."""
    changed = True
    while changed:
        changed = False
        regions.sort(key=lambda one: (one.top, one.left))
        for index, one in enumerate(regions):
            other = next((two for two in regions[index + 1 :] if one.touches(two) or _continues(sheet, one, two)), None)
            if other is not None:
                regions.remove(other)
                regions[index] = one.joined(other)
                changed = True
                break
    return regions


def _continues(sheet: Sheet, one: Region, two: Region) -> bool:
    """Whether ``two``, one empty column to the right of ``one`` or one empty row below it, has no names of its own."""
    if one.width == 1 and one.height == 1:
        return False
    if two.left == one.right + 1 and abs(one.top - two.top) <= 2 and abs(one.bottom - two.bottom) <= 2:
        first = [sheet.values.get((row, two.left)) for row in range(two.top, two.bottom)]
        return two.height > 1 and all(value is None or value.number for value in first[1:]) and any(first[1:])
    if two.top == one.bottom + 1 and one.left <= two.left and two.right <= one.right and one.height > 1:
        row = [sheet.values.get((two.top, col)) for col in range(two.left, two.right)]
        return any(value is not None and value.number and not _YEAR.fullmatch(value.text) for value in row)
    return False


def _text(sheet: Sheet, inside: Sequence[Position], page: int) -> Element:
    lines = tuple(Line(sheet.values[at].text, cell_box(*at)) for at in inside)
    region = Region(inside[0][0], inside[0][1], inside[-1][0] + 1, inside[-1][1] + 1)
    return Element(kind="text", lines=lines, page=page, bbox=_box(region), section=_section(sheet))


def _box(region: Region) -> tuple[float, float, float, float]:
    return cell_box(region.top, region.left, region.height, region.width)


def _section(sheet: Sheet) -> tuple[str, ...]:
    return (sheet.name,) if sheet.name else ()


def _table(sheet: Sheet, region: Region, inside: Sequence[Position], page: int, titles: Sequence[str]) -> Element:
    by_row: dict[int, list[Position]] = defaultdict(list)
    for at in inside:
        by_row[at[0]].append(at)
    captions = list(titles)
    top = region.top
    while len(by_row[top]) <= 1 and region.bottom - top > 1 and not _is_number(sheet, by_row[top]):
        captions += [sheet.values[at].text for at in by_row[top]]
        top += 1
    body = replace(region, top=top)
    cells = []
    for row in range(top, region.bottom):
        for _, col in by_row[row]:
            rows, cols = sheet.merged.get((row, col), (1, 1))
            rows, cols = min(rows, region.bottom - row), min(cols, region.right - col)
            cells.append(
                Cell(
                    row=row - top,
                    col=col - region.left,
                    text=sheet.values[row, col].text,
                    rowspan=rows,
                    colspan=cols,
                    bbox=cell_box(row, col, rows, cols),
                )
            )
    caption = ": ".join(" ".join(text.split()) for text in captions)
    table = Table(
        cells=tuple(cells),
        n_rows=body.height,
        n_cols=body.width,
        header_rows=_header_rows(sheet, body, by_row),
        caption=caption,
    )
    return Element(kind="table", page=page, bbox=_box(body), section=_section(sheet), caption=caption, table=table)


def _is_number(sheet: Sheet, row: Iterable[Position]) -> bool:
    return any(sheet.values[at].number for at in row)


def _header_rows(sheet: Sheet, region: Region, by_row: Mapping[int, Sequence[Position]]) -> int:
    """How many of the first rows name the columns: one without numbers (years may name them) above others with some, and
    the next one below it where the first has gaps or merged cells; of words alone, a first row that is full and says
    nothing twice."""
    first = by_row.get(region.top, ())
    if region.height < 2 or not first or not _may_name(sheet, first):
        return 0
    numbers = any(_is_number(sheet, by_row.get(row, ())) for row in range(region.top + 1, region.bottom))
    if not numbers:
        texts = [sheet.values[at].text for at in first]
        return int(len(texts) == region.width == len(set(texts)))
    groups = len(first) < region.width - 1 or any(sheet.merged.get(at, (1, 1))[1] > 1 for at in first)
    second = by_row.get(region.top + 1, ())
    if groups and region.height > 2 and len(second) > 1 and _may_name(sheet, second):
        return 2
    return 1


def _may_name(sheet: Sheet, row: Sequence[Position]) -> bool:
    values = [sheet.values[at] for at in row]
    return all(not value.number or _YEAR.fullmatch(value.text) for value in values)
