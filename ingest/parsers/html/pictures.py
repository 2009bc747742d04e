"""From the places of pictures to elements: load, keep, and say what was lost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from errors import FetchError, ParseError
from ingest.parsers.base import AssetSink
from ingest.parsers.html.blocks import Block, PictureSpot
from ingest.parsers.html.images import Pixels, is_file_name
from records import Element, Line, Loss, Picture

MAX_MENTION = 300  # characters of surrounding text kept beside a picture


class PictureLoader(Protocol):
    """What brings the pixels of pictures by their addresses."""

    def resolve(self, address: str) -> str:
        """Return the whole address of a picture; raises FetchError where it is none."""
        ...

    def load(self, address: str) -> Pixels:
        """Return the pixels at a whole address; raises FetchError or ParseError where there are none."""
        ...


def place_pictures(
    blocks: Sequence[Block], loader: PictureLoader, assets: AssetSink
) -> tuple[list[Element], list[Loss]]:
    """Return elements for all blocks in their order, and what pictures were lost.

    A picture that cannot be loaded leaves its alternative text and caption as text. One that is shown several times
    counts once. Icons are left out.
    """
    elements: list[Element] = []
    losses: list[Loss] = []
    seen: set[str] = set()
    said: set[str] = set()  # captions of pictures that are not shown
    for index, block in enumerate(blocks):
        if isinstance(block, Element):
            elements.append(block)
            continue
        alt = "" if is_file_name(block.alt) else block.alt
        try:
            address = loader.resolve(block.address)
            if address in seen:
                elements.extend(_as_text(block, "", said))
                continue
            seen.add(address)
            pixels = loader.load(address)
        except (FetchError, ParseError) as error:
            losses.append(Loss(f"image {block.address[:200]}", str(error)))
            elements.extend(_as_text(block, alt, said))
            continue
        if pixels.is_small:
            elements.extend(_as_text(block, "", said))
            continue
        elements.append(
            Element(
                kind="image",
                section=block.section,
                caption=block.caption,
                mentions=_surroundings(blocks, index),
                picture=Picture(
                    asset=assets.put(pixels.data, pixels.suffix),
                    width=pixels.width,
                    height=pixels.height,
                    alt=alt,
                    url="" if address.startswith("data:") else address,
                ),
            )
        )
    return elements, losses


def _as_text(spot: PictureSpot, alt: str, said: set[str]) -> list[Element]:
    """What is left of a picture that is not shown."""
    lines = [text for text in dict.fromkeys((alt, spot.caption)) if text and text not in said]
    said.update(lines)
    return [Element(kind="text", lines=tuple(map(Line, lines)), section=spot.section)] if lines else []


def _surroundings(blocks: Sequence[Block], index: int) -> tuple[str, ...]:
    """The end of the text before a picture and the beginning of the text after it, within its section."""
    spot = blocks[index]
    if isinstance(spot, PictureSpot) and spot.beside:
        return (_start(spot.beside),)
    found = []
    for step in (-1, 1):
        at = index + step
        while 0 <= at < len(blocks) and isinstance(blocks[at], PictureSpot):
            at += step
        near = blocks[at] if 0 <= at < len(blocks) else None
        if isinstance(near, Element) and near.kind == "text" and not near.heading and near.section == spot.section:
            text = " ".join(near.text.split())
            found.append(_tail(text) if step < 0 else _start(text))
    return tuple(found)


def _start(text: str) -> str:
    return text if len(text) <= MAX_MENTION else text[:MAX_MENTION].rsplit(" ", 1)[0] + " …"


def _tail(text: str) -> str:
    return text if len(text) <= MAX_MENTION else "… " + text[-MAX_MENTION:].split(" ", 1)[-1]
