"""Replies written to a file as they come, from which a run that was cut off resumes."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from io import StringIO
from pathlib import Path
from typing import Any, Literal

from errors import PackError
from evaluation.packs import Question
from evaluation.systems import Location, Reply, ReplyCitation, ReplyStatement, System

Within = Literal["store", "document"]


class Run:
    """The replies of one system to one pack's questions: ``<folder>/<system>-<digest>.jsonl``, a reply a line.

    The digest covers the system's settings, its code where it is ours, what is in the index and what a reply tells, so a
    reply is never taken for that of another version.
    """

    def __init__(self, folder: Path, system: System, contents: str, *, kept: bool = True) -> None:
        """``kept``: whether replies go to the file; else they are asked for anew each time, and leave no trace."""
        self._system = system
        self._kept = kept
        shape = [[field.name for field in fields(kind)] for kind in (Reply, Location, ReplyCitation, ReplyStatement)]
        described = json.dumps([system.name, system.settings(), contents, shape], sort_keys=True, default=str)
        digest = hashlib.sha256(described.encode()).hexdigest()[:12]
        self.path = folder / f"{re.sub(r'[^a-z0-9]+', '-', system.name.lower()).strip('-')}-{digest}.jsonl"
        self._replies = self._read() if kept else {}

    def ask(
        self, questions: Sequence[Question], within: Within, on_reply: Callable[[], None] = lambda: None
    ) -> dict[str, Reply]:
        """Return a reply for each question id; those on file are not asked again."""
        return dict(self._ask(questions, within, on_reply))

    def _ask(
        self, questions: Sequence[Question], within: Within, on_reply: Callable[[], None]
    ) -> Iterator[tuple[str, Reply]]:
        if self._kept:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") if self._kept else StringIO() as file:
            for question in questions:
                inside = within == "document"
                text = question.text if inside else question.query
                key = _key(question.id, within, text)
                reply = self._replies.get(key)
                if reply is None:
                    reply = self._system.ask(text, [question.document] if inside else None)
                    file.write(json.dumps({"key": key, "reply": reply.as_json()}, ensure_ascii=False) + "\n")
                    file.flush()
                    self._replies[key] = reply
                on_reply()
                yield question.id, reply

    def _read(self) -> dict[str, Reply]:
        replies: dict[str, Reply] = {}
        if not self.path.is_file():
            return replies
        data = self.path.read_bytes()
        whole = data.rfind(b"\n") + 1
        if whole != len(data):  # the run was cut off in the middle of a line
            with self.path.open("rb+") as file:
                file.truncate(whole)
        for number, line in enumerate(data[:whole].splitlines(), start=1):
            try:
                stored: dict[str, Any] = json.loads(line)
                replies[stored["key"]] = Reply.from_json(stored["reply"])
            except (ValueError, KeyError, TypeError) as error:
                raise PackError(
                    f"{self.path}:{number}: not a reply ({error}). Delete the file to run again."
                ) from error
        return replies


def _key(id_: str, within: Within, text: str) -> str:
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    return f"{within}/{id_}/{digest}"
