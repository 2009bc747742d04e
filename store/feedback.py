"""What people said of answers and passages: ``feedback.jsonl`` in the data folder, to which lines are only ever added.

A line is written in one piece and flushed to disk before the writer goes on, so whoever is told "saved" has it saved. A
line that a kill cut off is no longer than itself: the next one begins on a line of its own, and readers leave it out.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from errors import StoreError
from records import Principal
from store.locks import exclusive

FILE = "feedback.jsonl"
GUEST = "guest"  # who speaks where nobody has to say who they are

Verdict = Literal["good", "bad", "withdrawn"]
Relevance = Literal["answer", "relevant", "not"]


@dataclass(frozen=True, kw_only=True)
class CitedPlace:
    """A place that an answer cited."""

    source: str
    page: int
    quote: str = ""


@dataclass(frozen=True, kw_only=True)
class AnswerVerdict:
    """Thumbs up or down for an answer, and perhaps what would have been right."""

    who: str
    when: str  # ISO 8601, UTC
    question: str  # understandable without what was said before
    answer: str
    abstained: bool
    citations: tuple[CitedPlace, ...]
    verdict: Verdict
    correction: str = ""


@dataclass(frozen=True, kw_only=True)
class PassageLabel:
    """Whether a passage answers a question, helps to, or does neither."""

    who: str
    when: str  # ISO 8601, UTC
    question: str
    chunk: str  # id
    source: str
    page: int
    text: str
    rank: int  # where the product's own ranking had it, from 1; 0 when it did not
    relevance: Relevance


@dataclass(frozen=True, kw_only=True)
class GoldAnswer:
    """The answer that a person holds to be right; "" says that the documents hold none."""

    who: str
    when: str  # ISO 8601, UTC
    question: str
    answer: str


FeedbackEntry = AnswerVerdict | PassageLabel | GoldAnswer


def author_name(principal: Principal) -> str:
    """Return the name under which ``principal`` is remembered."""
    return principal.name or GUEST


def question_key(question: str) -> str:
    """Return what is the same for the same question, however it is spaced and capitalised."""
    return " ".join(question.casefold().split())


def latest_entries(entries: Iterable[FeedbackEntry]) -> list[FeedbackEntry]:
    """Keep of what one person said of one thing (an answer, a passage, the right answer) only the last, for people change
    their minds; in the order in which it was said."""
    last: dict[tuple[str, ...], FeedbackEntry] = {}
    for one in entries:
        thing = one.chunk if isinstance(one, PassageLabel) else ""
        key = (type(one).__name__, one.who, question_key(one.question), thing)
        last.pop(key, None)
        last[key] = one
    return list(last.values())


_KINDS: dict[str, type[FeedbackEntry]] = {"verdict": AnswerVerdict, "label": PassageLabel, "answer": GoldAnswer}
_NAMES = {kind: name for name, kind in _KINDS.items()}


class Feedback:
    """The file in ``folder``; any number of processes may add to it and read it at once."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        self._lock = folder / "feedback.lock"

    def add(self, entry: FeedbackEntry) -> None:
        """Store ``entry`` for good.

        Raises:
            StoreError: the folder cannot be written to; nothing that was stored is lost.
        """
        line = json.dumps({"kind": _NAMES[type(entry)], **asdict(entry)}, ensure_ascii=False) + "\n"
        try:
            with exclusive(self._lock), self.path.open("ab+") as file:
                if file.tell() and not self._ends_whole(file):
                    line = "\n" + line
                file.write(line.encode())
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise StoreError(
                f"{self.path} cannot be written ({error.strerror}). Your verdict was not saved."
            ) from error

    @staticmethod
    def _ends_whole(file: Any) -> bool:
        file.seek(-1, os.SEEK_END)
        return bool(file.read(1) == b"\n")

    def all(self) -> list[FeedbackEntry]:
        """Return everything that was said, in the order in which it was.

        Raises:
            StoreError: the file cannot be read.
        """
        return list(self._read())

    def _read(self) -> Iterator[FeedbackEntry]:
        try:
            lines = self.path.read_bytes().split(b"\n")
        except FileNotFoundError:
            return
        except OSError as error:
            raise StoreError(f"{self.path} cannot be read ({error.strerror}).") from error
        for line in lines:
            entry = _load_entry(line)
            if entry is not None:
                yield entry


def _load_entry(line: bytes) -> FeedbackEntry | None:
    """Return the record in a line; None for one that was cut off, or that another version wrote."""
    try:
        fields = json.loads(line)
        kind = _KINDS[fields.pop("kind")]
        if kind is AnswerVerdict:
            fields["citations"] = tuple(CitedPlace(**one) for one in fields["citations"])
        return kind(**fields)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
