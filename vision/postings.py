"""Which of many pictures share features with one: multi-index hashing (Norouzi, Punjani and Fleet 2012,
https://doi.org/10.1109/CVPR.2012.6248043).

The 256 bits of a feature are cut into words of 16; two features of the same corner differ in a few bits and so still share
some words whole. A word votes for the pictures that have it at the same place, with its inverse document frequency: what
all charts of one template share says little.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from vision.signature import Signature

TABLES = 16  # words of a feature that are looked up; it has 16
_WORDS = 1 << 16


class Postings:
    """For each word the pictures that have it; 4 bytes for each word of each feature, in a file without a name that is mapped
    into memory: the system reads what is asked for, and takes back the room when others need it.

    Args:
        names: of the pictures.
        signatures: of each of them, in this order; read once.
        folder: where the file lies, on a disk with room for some 20 kB a picture; by default where temporary files do.

    Raises:
        OSError: the file cannot be written.
    """

    def __init__(self, names: Sequence[str], signatures: Iterable[Signature], folder: Path | None = None) -> None:
        self.names = list(names)
        self._starts: list[NDArray[np.int64]] = []
        lengths: list[int] = []
        with TemporaryFile(dir=folder) as spooled, TemporaryFile(dir=folder) as file:
            counts = [spooled.write(_words(signature.bits).tobytes()) // (2 * TABLES) for signature in signatures]
            words = _mapped(spooled, np.dtype("<u2")).reshape(-1, TABLES)
            pictures = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
            for table in range(TABLES):
                column = np.array(words[:, table])
                order = np.argsort(column, kind="stable")  # by word, and within it by picture
                word, picture = column[order], pictures[order]
                first = np.ones(len(word), bool)
                first[1:] = (np.diff(word.astype(np.int32)) != 0) | (np.diff(picture) != 0)  # each picture once a word
                lengths.append(file.write(picture[first].tobytes()) // 4)
                self._starts.append(np.concatenate([[0], np.cumsum(np.bincount(word[first], minlength=_WORDS))]))
            whole = _mapped(file, np.dtype(np.int32))
        self._pictures = np.split(whole, np.cumsum(lengths)[:-1])

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


def _mapped(file: BinaryIO, kind: np.dtype[Any]) -> NDArray[Any]:
    """What was written to ``file``; it stays there when the file is closed. An empty one cannot be mapped."""
    file.flush()
    return np.memmap(file, kind, "r") if file.tell() else np.zeros(0, kind)


def _words(bits: NDArray[np.uint8]) -> NDArray[np.uint16]:
    return np.ascontiguousarray(bits).view("<u2")[:, :TABLES]
