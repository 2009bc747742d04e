"""Text that knows where its characters stand on the page, and how to cut it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from models.rejoin import vocabulary as common_words
from records import Line, Span
from text.tokens import sentences, words
from text.word_lists import word_set

Count = Callable[[str], int]  # length of a text in the embedder's tokens


@dataclass(frozen=True)
class Passage:
    """A text and the rectangles of its parts."""

    text: str
    spans: tuple[Span, ...] = ()

    def slice(self, start: int, end: int) -> Passage:
        """Return characters ``[start, end)`` with the spans that touch them."""
        kept = (
            Span(max(span.start, start) - start, min(span.end, end) - start, span.bbox, span.page)
            for span in self.spans
            if span.start < end and span.end > start
        )
        return Passage(self.text[start:end], tuple(kept))


def join(passages: Iterable[Passage], separator: str = "\n") -> Passage:
    """Return the passages one after the other as one."""
    text = ""
    spans: list[Span] = []
    for passage in passages:
        if not passage.text:
            continue
        offset = len(text) + (len(separator) if text else 0)
        text = text + separator + passage.text if text else passage.text
        spans += [Span(span.start + offset, span.end + offset, span.bbox, span.page) for span in passage.spans]
    return Passage(text, tuple(spans))


def paragraph(lines: Sequence[Line], vocabulary: frozenset[str] = frozenset()) -> Passage:
    """Return printed lines as one running text: white space between them, words broken by a hyphen at a line's end joined.

    ``vocabulary`` holds the words that the document prints unbroken (``known_words``): a hyphen between two of them, or
    between two English words that are none as one, stays ("well-known"), as it does in codes and numbers ("555-0142"). Any
    other is taken for a broken word ("conver-sation").
    """
    text = ""
    spans: list[Span] = []
    for line in lines:
        if not line.text:
            continue
        if text and _broken_word(text, line.text, vocabulary):
            text = text[:-1]
            if spans and spans[-1].end > len(text):
                spans[-1] = replace(spans[-1], end=len(text))
        elif text and not (text.endswith("-") and text[-2:-1].isalnum() and line.text[:1].isalnum()):
            text += " "
        start = len(text)
        text += line.text
        if line.bbox is not None:
            spans.append(Span(start, len(text), line.bbox, line.page))
    return Passage(text, tuple(spans))


def _broken_word(text: str, following: str, vocabulary: frozenset[str]) -> bool:
    if not text.endswith("-") or not text[-2:-1].isalpha() or not following[:1].islower():
        return False
    head = _trailing_letters(text[:-1]).lower()
    tail = "".join(_leading_letters(following)).lower()
    if head + tail in vocabulary:
        return True
    if _are_two_words(head, tail):
        return False
    return not (head in vocabulary and tail in vocabulary)


def _are_two_words(head: str, tail: str) -> bool:
    """Whether both are English words, and neither is a mere part of words nor both together one."""
    if head in word_set("word_beginnings") or tail in word_set("word_ends") or len(head) < 3:
        return False
    english = common_words()
    return head in english and tail in english and head + tail not in english


def known_words(lines: Iterable[str]) -> frozenset[str]:
    """Return the lower-case words of ``lines`` without those that a line's end may have broken."""
    known: set[str] = set()
    broken = False
    for line in lines:
        found = words(line)
        known.update(found[1 if broken else 0 : -1 if line.endswith("-") else None])
        broken = line.endswith("-")
    return frozenset(known)


def _trailing_letters(text: str) -> str:
    end = len(text)
    while end and text[end - 1].isalpha():
        end -= 1
    return text[end:]


def _leading_letters(text: str) -> Iterable[str]:
    for letter in text:
        if not letter.isalpha():
            return
        yield letter


def split(passage: Passage, limit: int, count: Count) -> list[Passage]:
    """Cut ``passage`` at sentence ends into pieces of at most ``limit`` tokens; a sentence that is longer is cut at white
    space, a word that is longer between its letters. Joined, the pieces hold every word."""
    if count(passage.text) <= limit:
        return [passage]
    pieces: list[tuple[int, int]] = []
    for start, end in sentences(passage.text):
        if count(passage.text[start:end]) <= limit:
            pieces.append((start, end))
        else:
            pieces += _cut(passage.text, start, end, limit, count)
    merged: list[tuple[int, int]] = []
    for start, end in pieces:
        if merged and count(passage.text[merged[-1][0] : end]) <= limit:
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return [passage.slice(start, end) for start, end in merged]


def _cut(text: str, start: int, end: int, limit: int, count: Count) -> list[tuple[int, int]]:
    """Halves at white space (or in the middle of a word) until each piece fits."""
    if count(text[start:end]) <= limit or end - start < 2:
        return [(start, end)]
    middle = (start + end) // 2
    space = max(text.rfind(" ", start + 1, middle), text.rfind("\n", start + 1, middle))
    if space < 0:
        after = text.find(" ", middle, end - 1)
        space = after if after >= 0 else middle
    return _cut(text, start, space, limit, count) + _cut(text, space, end, limit, count)
