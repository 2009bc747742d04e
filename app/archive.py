"""What evidence is shown from: tables, pictures and pages in store, and the passages around one."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image, UnidentifiedImageError

from app.office_places import DrawnPages
from errors import StoreError
from records import Chunk, Principal
from store.assets import Assets
from store.index import Index
from store.originals import Originals

AROUND = 1  # passages before and after the cited one


@dataclass(frozen=True)
class Archive:
    """The stores behind the evidence, as far as somebody may read them."""

    assets: Assets
    originals: Originals
    drawn: DrawnPages  # of Office files
    neighbours: Callable[[Chunk], list[Chunk]]  # of a passage in its source, itself among them, in reading order

    def page_size(self, original: str, number: int) -> tuple[float, float] | None:
        """Return width and height of a page in points; None when it cannot be drawn."""
        try:
            return self.originals.size(original, number)
        except StoreError:
            return None

    def picture_size(self, asset: str) -> tuple[int, int] | None:
        """Return width and height of a picture in pixels; None when it cannot be shown."""
        try:
            with Image.open(io.BytesIO(self.assets.read(asset))) as image:
                return image.size
        except (StoreError, UnidentifiedImageError, OSError, ValueError):
            return None


def archive_of(index: Index, principal: Principal) -> Archive:
    """Return the archive of ``index`` as ``principal`` may read it."""

    def neighbours(chunk: Chunk) -> list[Chunk]:
        return index.documents.between(chunk.source, chunk.ordinal - AROUND, chunk.ordinal + AROUND, principal)

    drawn = DrawnPages(index.originals, index.office_pages, index.assets)
    return Archive(index.assets, index.originals, drawn, neighbours)
