"""What the embedder sees of a chunk."""

from __future__ import annotations

import re

from records import Chunk
from text.years import YEAR

_NUMBER = re.compile(rf"(?<![\w.,])(?!{YEAR}(?![\w.,%]))[-+−$€£¥]?\d[\d.,]*[%*]*(?!\w)")
_WORD = re.compile(r"[^\W\d_]{2}")


def embedded_text(chunk: Chunk) -> str:
    """Return the text of ``chunk`` with title and section; of a figure its words, for the numbers at an axis say nothing of
    what it is about."""
    return _without_numbers(chunk.searched_text) if chunk.kind == "image" else chunk.searched_text


def _without_numbers(text: str) -> str:
    """``text`` without numbers other than years, and without lines in which no word is left; as it is where none is."""
    lines = (" ".join(_NUMBER.sub(" ", line).split()) for line in text.splitlines())
    return "\n".join(line for line in lines if _WORD.search(line)) or text
