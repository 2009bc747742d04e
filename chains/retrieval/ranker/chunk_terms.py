"""What the ranker compares of a chunk, taken apart once: the next question that finds the chunk need not do it again."""

from __future__ import annotations

from functools import cached_property, lru_cache

from chains.retrieval.rows import rows_of
from records import Chunk
from text.tokens import content_stems, sentences
from text.values import numbers
from text.years import years_in

CHUNKS = 10_000  # that are kept, at some 5 kB for 1,000 characters
TITLE, SECTION, CONTEXT, PIECES = range(4)  # the parts of a chunk by number, and the number of the first of its pieces


class ChunkTerms:
    """The stems of the content words of a chunk, with the parts that hold them, and its numbers and years; the latter are
    taken apart when a question asks for them.

    Attributes:
        parts: for each stem a bit for each part that holds it. Pieces are the sentences; of a table the rows, each with
            caption and header.
        words: the stems of the text in their order, with a blank around each.
    """

    def __init__(self, chunk: Chunk, language: str) -> None:
        self._chunk = chunk
        head, pieces = rows_of(chunk) if chunk.kind == "table" else ("", _sentences(chunk.text))
        parts = [content_stems(one, language) for one in (chunk.title, " ".join(chunk.section), chunk.context, *pieces)]
        above = content_stems(head, language)
        self.words = f" {' '.join(word for part in (above, *parts[PIECES:]) for word in part)} "
        self.parts = dict.fromkeys(above, (1 << len(parts)) - (1 << PIECES))
        for number, part in enumerate(parts):
            for word in part:
                self.parts[word] = self.parts.get(word, 0) | 1 << number

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


def _sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]
