"""A sketch of a text's words, from which it is told how much two texts have in common.

MinHash over runs of four words (Broder 1997, "On the resemblance and containment of documents").
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from zlib import crc32

import numpy as np

from text.tokens import words

HASHES = 64  # the share is told to within about 6 %
RUN = 4  # words
_RANDOM = np.random.default_rng(20_240_301)
# multiply, add, shift (Dietzfelbinger et al. 1997): what 64 bits do not hold falls off
_FACTORS = _RANDOM.integers(1, 1 << 63, HASHES, dtype=np.uint64) | np.uint64(1)
_ADDENDS = _RANDOM.integers(0, 1 << 63, HASHES, dtype=np.uint64)


def sketch_of(texts: Iterable[str]) -> str:
    """Return the sketch of ``texts``, 64 numbers of 32 bits as base64; "" where they have less than a run of words."""
    runs: set[int] = set()
    for text in texts:
        said = words(text)
        runs.update(crc32(" ".join(said[at : at + RUN]).encode()) for at in range(len(said) - RUN + 1))
    if not runs:
        return ""
    least = np.full(HASHES, 0xFFFFFFFF, dtype=np.uint64)
    every = np.fromiter(runs, dtype=np.uint64, count=len(runs))
    for start in range(0, len(every), 4_096):
        part = every[start : start + 4_096]
        hashed = (part[:, None] * _FACTORS + _ADDENDS) >> np.uint64(32)
        least = np.minimum(least, hashed.min(axis=0))
    return base64.b64encode(least.astype("<u4").tobytes()).decode("ascii")


def resemblance(one: str, other: str) -> float:
    """Return the share of runs of words that two sketched texts have in common, of all that either has: 0 to 1."""
    if not (one and other):
        return 0.0
    left, right = (np.frombuffer(base64.b64decode(sketch), dtype="<u4") for sketch in (one, other))
    return float((left == right).mean())
