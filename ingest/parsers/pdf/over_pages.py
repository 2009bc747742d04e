"""What goes on over the end of a page: a table, and a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from records import Cell, Element, Line, Table
from text.tokens import STOPWORDS, sentences

BESIDE_THE_TEXT = (
    "page-header",
    "page-footer",
    "footnote",
    "note",
    "running",
)  # boxes between the text of one page and the next
SAME_COLUMN = 0.3  # of the narrower of two columns, that they must share to be one
MOST_WORDS = 60  # of a sentence's end on the next page
LEAST_WORDS = 5  # of its beginning


@dataclass(frozen=True)
class Placed:
    """An element with the kind of box that it was made from."""

    kind: str
    element: Element


Page = list[Placed]


def joined(pages: Sequence[Page]) -> list[Page]:
    """Return the pages with a table that goes on over pages as one, at its beginning, and with the end of a sentence that
    goes on over the page at its beginning, too."""
    found = [list(page) for page in pages]
    for at in range(len(found) - 1, 0, -1):
        _join_tables(found[at - 1], found[at])
    for page, following in pairwise(found):
        _complete_sentence(page, following)
    return found


def _last(page: Page) -> int | None:
    return next((at for at in range(len(page) - 1, -1, -1) if page[at].kind not in BESIDE_THE_TEXT), None)


def _first(page: Page) -> int | None:
    return next((at for at in range(len(page)) if page[at].kind not in BESIDE_THE_TEXT), None)


# --- tables ----------------------------------------------------------------------------------------------------------


def _join_tables(page: Page, following: Page) -> None:
    last, first = _last(page), _first(following)
    if last is None or first is None:
        return
    upper, lower = page[last].element, following[first].element
    if upper.table is None or lower.table is None or lower.caption:
        return
    columns = _columns(upper.table, upper.page, lower.table, lower.page)
    if columns is None:
        return
    page[last] = replace(
        page[last], element=replace(upper, table=_as_one(upper.table, lower.table, columns, lower.page))
    )
    del following[first]


def _columns(upper: Table, upper_page: int, lower: Table, lower_page: int) -> list[int] | None:
    """The column of ``upper`` that each of ``lower`` goes on with, by their places; None when they are other columns."""
    above, below = _extents(upper), _extents(lower)
    found = []
    for extent in below:
        shares = [_shared(extent, other) for other in above]
        best = max(range(len(shares)), key=shares.__getitem__, default=-1)
        if best < 0 or shares[best] < SAME_COLUMN:
            return None
        found.append(best)
    return found if found and found == sorted(set(found)) and 2 * len(found) > len(above) else None


def _extents(table: Table) -> list[tuple[float, float]]:
    """From where to where the cells of each column reach."""
    found = []
    for col in range(table.n_cols):
        boxes = [cell.bbox for cell in table.cells if cell.col == col and cell.colspan == 1 and cell.bbox]
        found.append((min(box[0] for box in boxes), max(box[2] for box in boxes)) if boxes else (0.0, 0.0))
    return found


def _shared(one: tuple[float, float], other: tuple[float, float]) -> float:
    narrow = min(one[1] - one[0], other[1] - other[0])
    return (min(one[1], other[1]) - max(one[0], other[0])) / narrow if narrow > 0 else 0.0


def _as_one(upper: Table, lower: Table, columns: Sequence[int], page: int) -> Table:
    """``upper`` with the rows of ``lower`` below its own; a header that is said again is left out."""
    header = upper.grid()[: upper.header_rows]
    grid = lower.grid()
    repeated = 0
    while repeated < min(len(header), len(grid)) and _same(header[repeated], grid[repeated], columns):
        repeated += 1
    repeated = repeated if repeated == len(header) else 0
    moved = [
        Cell(
            row=upper.n_rows + cell.row - repeated,
            col=columns[cell.col],
            text=cell.text,
            rowspan=cell.rowspan,
            colspan=columns[cell.col + cell.colspan - 1] - columns[cell.col] + 1,
            bbox=cell.bbox,
            page=cell.page or page,
        )
        for cell in lower.cells
        if cell.row >= repeated
    ]
    return replace(upper, cells=(*upper.cells, *moved), n_rows=upper.n_rows + lower.n_rows - repeated)


def _same(header: Sequence[str], row: Sequence[str], columns: Sequence[int]) -> bool:
    def letters(text: str) -> str:
        return "".join(text.lower().split())

    return all(letters(header[at]) == letters(text) for at, text in zip(columns, row, strict=True))


# --- sentences -------------------------------------------------------------------------------------------------------


def _complete_sentence(page: Page, following: Page) -> None:
    last, first = _last(page), _first(following)
    if last is None or first is None:
        return
    begun, going_on = page[last].element, following[first].element
    if begun.kind != "text" or going_on.kind != "text" or begun.heading or going_on.heading:
        return
    if "field" in (page[last].kind, following[first].kind) or not _goes_on(begun.text, going_on.text):
        return
    rest = tuple(_sentence_end(going_on))
    if rest:
        page[last] = replace(page[last], element=replace(begun, lines=(*begun.lines, *rest)))


def _goes_on(begun: str, following: str) -> bool:
    """Whether a text stops in the middle of a sentence, and the other begins there."""
    words = begun.split()
    if len(words) < LEAST_WORDS or not following or not (words[-1][-1].isalnum() or words[-1][-1] in ",-–—"):
        return False
    cut = words[-1].strip(",").lower() in STOPWORDS or words[-1].endswith((",", "-"))
    return following[0].islower() or following[0].isdigit() or (cut and following[0].isalpha())


def _sentence_end(element: Element) -> list[Line]:
    """The lines of an element up to the end of its first sentence, as lines of another page; [] when it is too long."""
    text = " ".join(line.text for line in element.lines)
    end = next((end for _, end in sentences(text)), 0)
    if len(text[:end].split()) > MOST_WORDS:
        return []
    found = []
    for line in element.lines:
        if end <= 0:
            break
        found.append(Line(line.text[:end], line.bbox, element.page))
        end -= len(line.text) + 1
    return found
