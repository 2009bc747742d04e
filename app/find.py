"""Words looked for within one document: pages, rectangles and the words around."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from app.text import one_line
from errors import StoreError
from records import BBox, Chunk, Source
from store.originals import Originals

MATCHES = 200  # that are told; what is more than that is no longer a search
_AROUND = 40  # characters before and after a match


@dataclass(frozen=True)
class Match:
    """One place at which words were found."""

    page: int
    marks: tuple[BBox, ...]
    before: str
    text: str
    after: str


def find(text: str, chunks: Sequence[Chunk], source: Source, originals: Originals) -> tuple[Match, ...]:
    """Return where ``chunks``, all of one source in reading order, have ``text``; if none has it as it is, those that have
    all its words. Case does not matter. Rectangles are those of the words on the page, on a scan those of their lines."""
    wanted = one_line(text).casefold()
    if not wanted:
        return ()

    @cache
    def on_page(page: int, term: str) -> tuple[BBox, ...]:
        if source.kind != "pdf" or not source.original:
            return ()
        try:
            return originals.found(source.original, page, term)
        except StoreError:
            return ()

    whole = _matches([wanted], chunks, on_page)
    return whole or (_matches(sorted(set(wanted.split())), chunks, on_page) if " " in wanted else ())


def find_on_pages(text: str, source: Source, originals: Originals) -> tuple[Match, ...]:
    """Return where the drawn pages of an Office file have ``text``: what they are, its passages do not know."""
    wanted = one_line(text)
    found: list[Match] = []
    try:
        for page in range(1, len(originals.page_words(source.original)) + 1 if wanted else 1):
            for box in originals.found(source.original, page, wanted):
                if len(found) == MATCHES:
                    return tuple(found)
                found.append(Match(page, (box,), "", wanted, ""))
    except StoreError:
        return ()
    return tuple(found)


def _matches(
    terms: Sequence[str], chunks: Sequence[Chunk], on_page: Callable[[int, str], tuple[BBox, ...]]
) -> tuple[Match, ...]:
    found: list[Match] = []
    for chunk in chunks:
        words = chunk.text.casefold()
        if chunk.author or len(words) != len(chunk.text) or not all(term in words for term in terms):
            continue  # a model's words are none of the document; of some letters the lower case has another length
        for term in terms:
            for start in _occurrences(term, words):
                if len(found) == MATCHES:
                    return tuple(found)
                found.append(_match(chunk, start, start + len(term), on_page(chunk.page, term)))
    return tuple(found)


def _occurrences(term: str, words: str) -> Iterator[int]:
    start = words.find(term)
    while start >= 0:
        yield start
        start = words.find(term, start + len(term))


def _match(chunk: Chunk, start: int, end: int, printed: tuple[BBox, ...]) -> Match:
    lines = tuple(span.bbox for span in chunk.spans if span.start < end and span.end > start)
    areas = lines or ((chunk.bbox,) if chunk.bbox else ())
    text = chunk.text
    return Match(
        page=chunk.page,
        marks=tuple(box for box in printed if any(_middle_in(box, area) for area in areas)) or areas,
        before=one_line(text[max(start - _AROUND, 0) : start]),
        text=text[start:end],
        after=one_line(text[end : end + _AROUND]),
    )


def _middle_in(box: BBox, area: BBox) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return area[0] <= x <= area[2] and area[1] <= y <= area[3]
