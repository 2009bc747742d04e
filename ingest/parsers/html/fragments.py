"""HTML that a parser of another kind has made: a document, a slide, a chapter. All of it is content."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from bs4 import BeautifulSoup

from config import Settings
from errors import FetchError
from ingest.parsers.base import AssetSink
from ingest.parsers.html.blocks import read_blocks
from ingest.parsers.html.deleted import without_deleted
from ingest.parsers.html.images import Pixels, read_pixels
from ingest.parsers.html.pictures import PictureLoader, place_pictures
from records import Element, Loss

OUTSIDE = "it lies outside of this file; what a file links to is not fetched."
_NEVER_TEXT = ["script", "style", "template", "noscript", "iframe", "object", "embed", "head", "svg"]


@dataclass(frozen=True)
class PartPictures:
    """Loader of pictures that lie in the file itself, by the address that its HTML has for them. It fetches nothing."""

    settings: Settings
    parts: Mapping[str, Callable[[], bytes]]

    def resolve(self, address: str) -> str:
        """Return the address."""
        return address

    def load(self, address: str) -> Pixels:
        """Return the pixels of a picture.

        Raises:
            FetchError: it is none of the file's own.
            ParseError: it is no picture that can be decoded.
        """
        part = self.parts.get(address)
        if part is None:
            raise FetchError(OUTSIDE)
        return read_pixels(part(), max_bytes=self.settings.max_image_bytes)


def read_fragment(
    html: str, pictures: PictureLoader, assets: AssetSink, *, page: int = 1, section: tuple[str, ...] = ()
) -> tuple[list[Element], list[Loss]]:
    """Return the blocks of ``html`` in reading order, on ``page`` and below the headings ``section``, and what was lost."""
    soup = BeautifulSoup(html.replace("\0", ""), "lxml")
    for tag in soup.find_all(_NEVER_TEXT):
        tag.extract()
    deleted = without_deleted(soup)
    elements, losses = place_pictures(read_blocks(soup.body or soup), pictures, assets)
    placed = [replace(one, page=page, section=(*section, *one.section)) for one in elements]
    return [_without_address(one) for one in placed], [*losses, *deleted]


def _without_address(element: Element) -> Element:
    """The element; where its picture lies within the file is nothing that could be followed."""
    return replace(element, picture=replace(element.picture, url="")) if element.picture else element


def grouped(losses: Iterable[Loss], most: int = 3) -> tuple[Loss, ...]:
    """Return ``losses``; where more than ``most`` have one reason, their number instead."""
    every = list(losses)
    counts = Counter(loss.why for loss in every)
    many = {why: Loss(f"{count:,} parts", why) for why, count in counts.items() if count > most}
    return (*many.values(), *(loss for loss in every if loss.why not in many))
