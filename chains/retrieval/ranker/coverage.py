"""Which words of a question the candidates hold, for all of them at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from chains.retrieval.ranker.chunk_terms import CONTEXT, PIECES, SECTION, TITLE, ChunkTerms
from chains.retrieval.terms import WeightedTerms

Column = NDArray[np.float64]  # a number for each candidate
Words = NDArray[np.bool_]  # candidates x words of the question: whether it holds the word
DIGITS = 9  # to which the worth of pieces is compared, so that no rounding in sums decides between equal ones


class Coverage:
    """The words of a question in the parts of each candidate.

    Attributes:
        title, section, context, text: the words in that part.
        piece: those in the sentence, or the row with its header, that holds most of the question; in the first of such.
    """

    def __init__(self, asked: WeightedTerms, chunks: Sequence[ChunkTerms]) -> None:
        self._weights = np.array(list(asked.weights.values()), dtype=float)
        self._total = asked.total
        held = _held(chunks, list(asked.weights))
        pieces = held[:, :, PIECES:]
        best = np.round(self._weights @ pieces, DIGITS).argmax(axis=1)
        self.title: Words = held[:, :, TITLE]
        self.section: Words = held[:, :, SECTION]
        self.context: Words = held[:, :, CONTEXT]
        self.text: Words = np.asarray(pieces.any(axis=2))
        self.piece: Words = pieces[np.arange(len(chunks)), :, best]

    def share(self, words: Words) -> Column:
        """Return the share of the question, from 0 to 1, that each row of ``words`` makes up by their rarity."""
        shares: Column = words @ self._weights / self._total
        return shares


def _held(chunks: Sequence[ChunkTerms], stems: Sequence[str]) -> Words:
    """Candidates x stems x parts: whether the part holds the stem."""
    masks = [chunk.parts.get(stem, 0) for chunk in chunks for stem in stems]
    size = max(masks, default=0).bit_length() // 8 + 1  # bytes, so that there is room for one piece at least
    octets = np.frombuffer(b"".join([mask.to_bytes(size, "little") for mask in masks]), dtype=np.uint8)
    bits = np.unpackbits(octets.reshape(len(chunks), len(stems), size), axis=2, bitorder="little")
    return bits.view(np.bool_)
