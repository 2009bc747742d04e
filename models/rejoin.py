"""Words that OCR tore apart, made whole: "Numbe r of ind ividua ls" as axis titles come out of it.

The vocabulary is that of the packaged embedder: about 22,000 whole English words (Devlin et al. 2019, BERT).
"""

from __future__ import annotations

import json
import re
from collections.abc import Set
from functools import cache
from pathlib import Path

from models.embed import model_path

MOST_PIECES = 4  # that one word was torn into
SHORTEST = 4  # letters of a word that is made whole
_PIECE = re.compile(r"[^\W\d_]+")
_LAST = re.compile(r"([^\W\d_]+)[,.;:]?")


@cache
def vocabulary_ranks() -> dict[str, int]:
    """Return whole words in small letters with their place in the vocabulary, which goes from common to rare."""
    stored = json.loads((Path(model_path("")) / "tokenizer.json").read_text(encoding="utf-8"))
    return {word: int(rank) for word, rank in stored["model"]["vocab"].items() if word.isalpha()}


@cache
def vocabulary() -> frozenset[str]:
    """Return whole words in small letters."""
    return frozenset(vocabulary_ranks())


def rejoined(text: str, known: Set[str]) -> str:
    """Join each run of pieces of ``text`` that are together a word of ``known``, and are not all words by themselves.

    >>> rejoined("Numbe r of m ills", {"number", "of", "mills"})
    'Number of mills'
    """
    pieces = text.split(" ")
    done: list[str] = []
    at = 0
    while at < len(pieces):
        size = next((n for n in range(MOST_PIECES, 1, -1) if _is_torn(pieces[at : at + n], n, known)), 1)
        done.append("".join(pieces[at : at + size]))
        at += size
    return " ".join(done)


def _is_torn(run: list[str], size: int, known: Set[str]) -> bool:
    *first, last = run
    end = _LAST.fullmatch(last)
    if len(run) < size or end is None or not all(_PIECE.fullmatch(piece) for piece in first):
        return False
    words = [*(piece.lower() for piece in first), end[1].lower()]
    whole = "".join(words)
    stray = any(word not in known or (len(word) == 1 and word != "a") for word in words)
    return stray and len(whole) >= SHORTEST and whole in known
