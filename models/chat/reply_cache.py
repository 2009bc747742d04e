"""Replies kept by prompt and model in a file, so that an evaluation that was cut off resumes where it was.

LangChain's interface for such caches, on SQLite of the standard library: LangChain's own SQLite cache is in
langchain-community, which is being sunset.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from langchain_core.caches import BaseCache
from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGeneration, Generation

from errors import ModelError

TABLE = "CREATE TABLE IF NOT EXISTS replies (key TEXT PRIMARY KEY, messages TEXT NOT NULL) WITHOUT ROWID"


class ReplyCache(BaseCache):
    """Replies in the SQLite file ``path``, for any number of threads and processes."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def lookup(self, prompt: str, llm_string: str) -> Sequence[Generation] | None:
        """Return what the model that ``llm_string`` describes replied to ``prompt``; None when it was not asked yet.

        Raises:
            ModelError: the file cannot be used.
        """
        with self._open() as database:
            row = database.execute("SELECT messages FROM replies WHERE key = ?", (_key(prompt, llm_string),)).fetchone()
        return None if row is None else [ChatGeneration(message=AIMessage(**one)) for one in json.loads(row[0])]

    def update(self, prompt: str, llm_string: str, return_val: Sequence[Generation]) -> None:
        """Keep a reply.

        Raises:
            ModelError: the file cannot be used.
        """
        messages = [
            one.message.model_dump(exclude={"id", "type"}) for one in return_val if isinstance(one, ChatGeneration)
        ]
        with self._open() as database, database:
            database.execute(
                "INSERT OR REPLACE INTO replies VALUES (?, ?)",
                (_key(prompt, llm_string), json.dumps(messages, default=repr)),
            )

    def clear(self, **kwargs: Any) -> None:
        """Forget all replies."""
        with self._open() as database, database:
            database.execute("DELETE FROM replies")

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self._path, timeout=30)) as database:
                database.execute(TABLE)
                yield database
        except (sqlite3.Error, OSError) as error:
            raise ModelError(f"CHAT_CACHE={str(self._path)!r} cannot be used ({error}). Name another file.") from error


def _key(prompt: str, llm_string: str) -> str:
    return hashlib.sha256(f"{llm_string}\n{prompt}".encode()).hexdigest()
