"""What the ranker compares of a chunk, taken apart once: the next question that finds the chunk need not do it again."""

from __future__ import annotations

from functools import cached_property, lru_cache

from chains.retrieval.rows import rows_of
from records import Chunk
from text.tokens import content_stems, sentences
from text.values import numbers
from text.years import years_in

CHUNKS = 10_000  # that are kept, at some 4 kB each

Stems = frozenset[str]


class ChunkTerms:
    """The stems of the content words of a chunk's parts, and its numbers and years; the latter are taken apart when a
    question asks for them."""

    def __init__(self, chunk: Chunk, language: str) -> None:
        self._chunk = chunk
        self._language = language
        self.words = content_stems(chunk.text, language)  # in their order
        self.text = frozenset(self.words)
        self.context = frozenset(content_stems(chunk.context, language))
        self.title = frozenset(content_stems(chunk.title, language))
        self.section = frozenset(content_stems(" ".join(chunk.section), language))

    @cached_property
    def pieces(self) -> tuple[Stems, ...]:
        """The stems of each sentence; of each row of a table with its caption and header."""
        text = self._chunk.text
        if self._chunk.kind == "table":
            head, rows = rows_of(self._chunk)
            above = content_stems(head, self._language)
            return tuple(frozenset((*above, *content_stems(row, self._language))) for row in rows)
        return tuple(frozenset(content_stems(text[start:end], self._language)) for start, end in sentences(text))

    @cached_property
    def numbers(self) -> frozenset[float]:
        """The numbers in the text."""
        return frozenset(numbers(self._chunk.text))

    @cached_property
    def years(self) -> frozenset[int]:
        """The years in title and text."""
        return years_in(f"{self._chunk.title}\n{self._chunk.text}")

    @cached_property
    def years_of_source(self) -> frozenset[int]:
        """The years in title and file name."""
        return years_in(f"{self._chunk.title} {self._chunk.source.rsplit('/', 1)[-1]}")


@lru_cache(CHUNKS)
def chunk_terms(chunk: Chunk, language: str) -> ChunkTerms:
    """Return what is compared of ``chunk`` with a question in ``language`` (ISO 639-1)."""
    return ChunkTerms(chunk, language)
