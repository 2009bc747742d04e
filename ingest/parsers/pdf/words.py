"""The words of a PDF page by their places: which stand in a rectangle, on one line, in one phrase."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

from ingest.parsers.pdf.layout import clean
from records import BBox
from text.geometry import union

Word = tuple[float, float, float, float, str]  # x0, y0, x1, y1 in points from the page's top left, text

SAME_LINE = 0.5  # of a word's height, by which the middles of words on one line differ at most
SPACE = 0.35  # of a word's height: as wide is a space at most, and anything wider a gap


def middle(word: Word) -> tuple[float, float]:
    """Return the point at which a word stands."""
    return (word[0] + word[2]) / 2, (word[1] + word[3]) / 2


class Words:
    """Words that are looked for by place again and again."""

    def __init__(self, words: Iterable[Word]) -> None:
        self._words = sorted(words, key=lambda word: middle(word)[1])
        self._heights = [middle(word)[1] for word in self._words]

    def within(self, area: BBox) -> list[Word]:
        """Return the words that stand in ``area``, from top to bottom."""
        first, last = bisect_left(self._heights, area[1]), bisect_right(self._heights, area[3])
        return [word for word in self._words[first:last] if area[0] <= (word[0] + word[2]) / 2 <= area[2]]


def words_in(words: Sequence[Word], area: BBox) -> list[Word]:
    """Return the words that stand in ``area``, in the order of ``words``."""
    return [word for word in words if area[0] <= middle(word)[0] <= area[2] and area[1] <= middle(word)[1] <= area[3]]


def lines(words: Sequence[Word]) -> list[list[Word]]:
    """Return the words line by line from top to bottom, each line from left to right."""
    found: list[list[Word]] = []
    for word in sorted(words, key=lambda word: middle(word)[1]):
        height = word[3] - word[1]
        if found and abs(middle(word)[1] - middle(found[-1][0])[1]) <= SAME_LINE * height:
            found[-1].append(word)
        else:
            found.append([word])
    return [sorted(line) for line in found]


def phrases(line: Sequence[Word]) -> list[list[Word]]:
    """Return a line's words in runs with no more than a space between two."""
    found: list[list[Word]] = []
    for word in line:
        if found and word[0] - found[-1][-1][2] <= SPACE * (word[3] - word[1]):
            found[-1].append(word)
        else:
            found.append([word])
    return found


def text_of(words: Sequence[Word]) -> str:
    """Return the words as a text, line by line."""
    return clean(" ".join(word[4] for line in lines(words) for word in line))


def box_of(words: Sequence[Word]) -> BBox:
    """Return the smallest rectangle around one word or more."""
    found = union(word[:4] for word in words)
    assert found is not None
    return found
