"""The layer of descriptions: chunks with what a model says of pictures, beside what stands in the source itself.

A description follows the first place of its picture in the source. It can be laid over chunks, taken off and laid anew
without a look at the source; all other chunks keep their ids.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from ingest.chunk.chunker import Window, numbered
from ingest.chunk.passages import Passage, split
from models.language import language_of
from records import BBox, Chunk, Description


def undescribed(chunks: Iterable[Chunk]) -> list[Chunk]:
    """Return ``chunks`` without descriptions; a picture that had nothing else gets its chunk without words again."""
    listed = list(chunks)
    kept_places = {_place(chunk) for chunk in listed if not chunk.author}
    kept = []
    for chunk in listed:
        if not (chunk.author and chunk.picture):
            kept.append(chunk)
        elif _place(chunk) not in kept_places:
            kept_places.add(_place(chunk))
            kept.append(replace(chunk, text="", author="", spans=(), language=""))
    return list(numbered(kept))


def described(chunks: Sequence[Chunk], descriptions: Mapping[str, Description], window: Window) -> list[Chunk]:
    """Return ``chunks`` with ``descriptions``, by picture, instead of those that they have.

    Args:
        chunks: of one source, in reading order.
        window: the embedder's limit and tokenizer.
    """
    return list(numbered(_with(undescribed(chunks), dict(descriptions), window)))


def _with(chunks: Sequence[Chunk], left: dict[str, Description], window: Window) -> Iterator[Chunk]:
    for (picture, *_), group in groupby(chunks, _place):
        own = list(group)
        description = left.pop(picture, None)
        yield from (chunk for chunk in own if chunk.text or description is None)
        if description is not None:
            room = window.limit - window.count(own[-1].context)
            for piece in split(Passage(description.text), room, window.count):
                language = language_of(piece.text)
                yield replace(own[-1], text=piece.text, spans=(), author=description.author, language=language)


def _place(chunk: Chunk) -> tuple[str, int, BBox | None]:
    return chunk.picture, chunk.page, chunk.bbox
