"""Pages of a PDF as they were read, kept beside their source: when it changes, those that did not are not read again."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pydantic import TypeAdapter

from ingest.parsers.base import Outline
from ingest.parsers.pdf.cells import MergedCell
from ingest.parsers.pdf.pages import PageContent

MOST_BYTES = 400_000_000  # of all pages, unpacked


@dataclass(frozen=True)
class _Kept:
    page: PageContent  # without ``merged``, since a key of JSON is no pair
    merged: tuple[tuple[int, tuple[tuple[int, int, MergedCell], ...]], ...]  # of each box: row, column, cell


_KEPT = TypeAdapter(dict[str, _Kept])


def dump_pages(pages: Sequence[PageContent], outline: Outline) -> bytes:
    """Return those of ``pages`` that need not be read again, by their keys. The first one is, with what is attached to the
    file, and so is one that lost something: what is said of the loss names its number."""
    kept = {}
    for page in pages:
        number = page.layout.number
        key = outline.keys[number - 1] if outline.keys else ""
        if key and number > 1 and not page.losses and not page.layout.error:
            merged = tuple(
                (box, tuple((*place, cell) for place, cell in cells.items())) for box, cells in page.merged.items()
            )
            kept[key] = _Kept(replace(page, merged={}), merged)
    return zlib.compress(_KEPT.dump_json(kept))


def restore_pages(data: bytes, outline: Outline, is_there: Callable[[str], bool]) -> dict[int, PageContent]:
    """Return by its number each page that was kept in ``data`` under the key that it has now, and whose pictures are there;
    none where the data is damaged."""
    try:
        kept = _KEPT.validate_json(zlib.decompressobj().decompress(data, MOST_BYTES))
    except (zlib.error, ValueError):
        return {}
    found = {}
    for number, key in enumerate(outline.keys, 1):
        one = kept.get(key)
        if one is not None and number > 1 and all(is_there(picture.asset) for picture in one.page.pictures.values()):
            merged = {box: {(row, column): cell for row, column, cell in cells} for box, cells in one.merged}
            found[number] = replace(one.page, layout=replace(one.page.layout, number=number), merged=merged)
    return found
