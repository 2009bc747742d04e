"""Rows of a table as a question sees them: "Which team drafted Bo Weir?" means the row of Bo Weir."""

from __future__ import annotations

import math

from records import Chunk
from text.tokens import content_words, held, stem


def rows_of(chunk: Chunk) -> tuple[str, list[str]]:
    """Return the caption and header of a chunk of a table, and its rows below them."""
    lines = chunk.text.split("\n")
    below = max(1, chunk.last_row - chunk.first_row)
    return "\n".join(lines[:-below]), lines[-below:]


def rows_asked(question: str, chunk: Chunk) -> list[tuple[str, float]]:
    """Return the rows of a chunk of a table as text, each with its match from 0 to 1: the words that it shares with
    ``question``, weighted by how few rows have them, against the best row's. [] where no row shares any, or all share the
    same."""
    asked = {stem(word) for word in content_words(question)}
    rows = rows_of(chunk)[1]
    shared = [held(asked, row) for row in rows]
    holding = {word: sum(word in words for words in shared) for word in asked}
    worth = {word: math.log(len(rows) / count) for word, count in holding.items() if count}
    matches = [sum(worth[word] for word in words) for words in shared]
    best = max(matches)
    return [(row, match / best) for row, match in zip(rows, matches, strict=True)] if best > 0 else []
