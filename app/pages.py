"""Pictures of PDF pages, with the cited rectangle drawn on them."""

from __future__ import annotations

import io
import os
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from config import Settings
from errors import StoreError
from records import BBox
from store.assets import Assets
from store.originals import Originals

MARK = (214, 51, 108)  # outline of what is cited, RGB; as in page.css
NEAR = (71, 85, 105)  # of a passage that came near
_FILL = 36  # alpha within the outline, of 255
DRAFT_SECONDS = 60.0
_MARGIN = 3  # points between what is cited and its outline


class PageImages:
    """Page pictures under ``<data_dir>/pages/``, rendered once: a file is named by asset, page and resolution."""

    def __init__(self, settings: Settings, assets: Assets, originals: Originals) -> None:
        self._folder = settings.data_dir / "pages"
        self._dpi = settings.figure_dpi
        self._assets = assets
        self._originals = originals

    def page(
        self, original: str, number: int, rectangle: BBox | None = None, *, near: bool = False, sharp: bool = False
    ) -> bytes:
        """Return page ``number`` (from 1) of the PDF in asset ``original`` as PNG, with ``rectangle`` in points outlined, as
        cited or as ``near``; ``sharp``: at twice the resolution, to be enlarged.

        Raises:
            StoreError: there is no such asset or page, or it cannot be drawn.
        """
        dpi = self._dpi * 2 if sharp else self._dpi
        path = self._folder / f"{Path(original).stem}-{number}-{dpi}.png"
        if not path.is_file():
            self._write(path, self._originals.drawn(original, number, dpi))
        data = path.read_bytes()
        return data if rectangle is None else _outlined(data, rectangle, NEAR if near else MARK, per_unit=None)

    def picture(self, asset: str, rectangle: BBox | None = None, *, near: bool = False) -> bytes:
        """Return the picture in ``asset`` as it is, or as PNG with ``rectangle`` (pixels) outlined, as cited or as ``near``.

        Raises:
            StoreError: there is no such asset, or it is no picture.
        """
        data = self._assets.read(asset)
        return data if rectangle is None else _outlined(data, rectangle, NEAR if near else MARK, per_unit=1.0)

    def keep_only(self, originals: Iterable[str]) -> None:
        """Delete the pictures of pages whose asset is not among ``originals``: their sources were removed."""
        kept = {Path(original).stem for original in originals}
        for path in self._folder.glob("*.png"):
            if path.name.split("-")[0] not in kept:
                path.unlink(missing_ok=True)
        for draft in self._folder.glob(".draft-*"):  # of a program that was killed; a live one is quick
            if time.time() - draft.stat().st_mtime > DRAFT_SECONDS:
                draft.unlink(missing_ok=True)

    def _write(self, path: Path, data: bytes) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".draft-")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(data)
                Path(draft).replace(path)
            except OSError:
                Path(draft).unlink(missing_ok=True)
                raise
        except OSError as error:
            raise StoreError(
                f"Cannot write to {path.parent} ({error.strerror}). Free space or check its rights."
            ) from error


def _outlined(data: bytes, rectangle: BBox, colour: tuple[int, int, int], *, per_unit: float | None) -> bytes:
    """A picture with ``rectangle`` outlined; ``per_unit`` pixels a unit, None for points at the picture's own dpi."""
    from PIL import Image, ImageDraw, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data)) as opened:
            scale = per_unit or float(opened.info.get("dpi", (72.0, 72.0))[0]) / 72
            image: Any = opened.convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError) as error:
        raise StoreError(f"A stored picture cannot be read ({error}). Add its source again.") from error
    margin = _MARGIN * max(scale, 1.0)
    x0, y0, x1, y1 = (value * scale for value in rectangle)
    box = (
        max(min(x0, x1) - margin, 0),
        max(min(y0, y1) - margin, 0),
        min(max(x0, x1) + margin, image.width - 1),
        min(max(y0, y1) + margin, image.height - 1),
    )
    if box[0] < box[2] and box[1] < box[3]:
        draw = ImageDraw.Draw(image, "RGBA")
        draw.rectangle(box, fill=(*colour, _FILL), outline=colour, width=max(2, round(1.5 * scale)))
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()
