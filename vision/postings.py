"""Which of many pictures share features with one: multi-index hashing (Norouzi, Punjani and Fleet 2012,
https://doi.org/10.1109/CVPR.2012.6248043).

The 256 bits of a feature are cut into words of 16; two features of the same corner differ in a few bits and so still share
some words whole. A word votes for the pictures that have it at the same place, with its inverse document frequency: what
all charts of one template share says little.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from vision.signature import Signature

TABLES = 16  # words of a feature that are looked up; it has 16
_WORDS = 1 << 16


class Postings:
    """For each word the pictures that have it; 4 bytes for each word of each feature."""

    def __init__(self, names: Sequence[str], signatures: Iterable[Signature]) -> None:
        self.names = list(names)
        bits = [signature.bits for signature in signatures]
        pictures = np.repeat(np.arange(len(bits), dtype=np.int32), [len(one) for one in bits])
        words = _words(np.concatenate(bits) if bits else np.zeros((0, 32), np.uint8))
        self._pictures: list[NDArray[np.int32]] = []
        self._starts: list[NDArray[np.int64]] = []
        for table in range(TABLES):
            order = np.argsort(words[:, table], kind="stable")  # by word, and within it by picture
            word, picture = words[order, table], pictures[order]
            first = np.ones(len(word), bool)
            first[1:] = (np.diff(word.astype(np.int32)) != 0) | (np.diff(picture) != 0)  # each picture once a word
            self._pictures.append(picture[first])
            self._starts.append(np.concatenate([[0], np.cumsum(np.bincount(word[first], minlength=_WORDS))]))

    def votes(self, signature: Signature) -> NDArray[np.float64]:
        """Return one number for each of ``names``: 0 when they have nothing in common."""
        total = np.zeros(len(self.names))
        if not self.names:
            return total
        words = _words(signature.bits)
        for table, (pictures, starts) in enumerate(zip(self._pictures, self._starts, strict=True)):
            first, counts = starts[words[:, table]], np.diff(starts)[words[:, table]]
            steps = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
            having = pictures[np.repeat(first, counts) + steps]
            weights = np.log((1 + len(self.names)) / np.maximum(counts, 1))
            total += np.bincount(having, np.repeat(weights, counts), len(self.names))
        return total


def _words(bits: NDArray[np.uint8]) -> NDArray[np.uint16]:
    return np.ascontiguousarray(bits).view("<u2")[:, :TABLES]
