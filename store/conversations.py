"""Conversations, each its owner's alone: a SQLite file of its own in the data folder, or tables beside a shared
catalog.

Of a passage an answer rests on, the words that it quotes are kept, and where they stand; the passage itself is asked of the
catalog again when the conversation is opened, for whoever opens it then.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from errors import StoreError
from records import Principal
from store.database.base import DatabaseFault, Session
from store.database.opening import small_database
from store.documents import Documents
from store.said import MOST_CHARACTERS, Said, dump_said, load_said
from vision.scaled import scaled

FILE = "conversations.sqlite"
SCHEMA_VERSION = 2
MOST_CONVERSATIONS = 500  # of one owner; the one that was left longest goes
MOST_EXCHANGES = 200  # of one conversation
PICTURE_BYTES = 2_000_000  # of a picture that was asked about; of a larger one a smaller copy is kept
PICTURE_SIDE = 2_048  # pixels: the longer side of that copy
NAME_CHARACTERS = 120
LOCAL = ""  # the owner where nobody logs in and everybody is whoever runs the program


_TABLES = """
CREATE TABLE IF NOT EXISTS conversations (
    id TEXT PRIMARY KEY, owner TEXT NOT NULL, name TEXT NOT NULL, whenever TEXT NOT NULL, choices TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS conversations_of_owner ON conversations (owner, whenever);
CREATE TABLE IF NOT EXISTS exchanges (
    conversation TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE, number INTEGER NOT NULL,
    question TEXT NOT NULL, record TEXT NOT NULL, PRIMARY KEY (conversation, number));
CREATE TABLE IF NOT EXISTS pictures (
    conversation TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE, hash TEXT NOT NULL, data BLOB NOT NULL,
    PRIMARY KEY (conversation, hash));
"""


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What a conversation may use, as its owner chose it."""

    picked: tuple[str, ...] = ()  # sources, folders and tags, as the page names them; none is everything
    model: str = ""  # of CHAT_MODELS; "" is the one of the settings


@dataclass(frozen=True, kw_only=True)
class Summary:
    """A line in the list of conversations."""

    id: str
    name: str
    when: str  # of the last question; ISO 8601, UTC
    questions: int


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A conversation as its owner may see it now."""

    summary: Summary
    choices: Choices
    said: tuple[Said, ...]


def owner_of(principal: Principal) -> str | None:
    """Return under whose name conversations of ``principal`` are kept; None where nobody knows who asks, for another guest
    would see them."""
    if principal.name:
        return f"user:{principal.name}"
    return LOCAL if principal.everything else None


class Conversations:
    """The conversations in ``folder``, or with a ``url`` in a database that machines share. Safe to use from several threads
    and processes."""

    def __init__(self, folder: Path, url: str = "") -> None:
        self.path = folder / FILE
        with self._usable():
            self._tables = small_database(self.path, url, _TABLES, SCHEMA_VERSION)

    def begin(self, owner: str, name: str, choices: Choices = Choices()) -> str:
        """Begin a conversation and return its id; of too many the one that was left longest goes.

        Raises:
            StoreError: the file cannot be written, here and below.
        """
        id_ = secrets.token_urlsafe(9)
        with self._open() as db:
            db.execute(
                "INSERT INTO conversations VALUES (?, ?, ?, ?, ?)",
                (id_, owner, _named(name), _now(), json.dumps(asdict(choices))),
            )
            db.execute(
                "DELETE FROM conversations WHERE id IN (SELECT id FROM conversations WHERE owner = ? "
                "ORDER BY whenever DESC, rowid DESC LIMIT -1 OFFSET ?)",
                (owner, MOST_CONVERSATIONS),
            )
        return id_

    def keep(self, owner: str, id_: str, number: int, said: Said, choices: Choices = Choices()) -> bool:
        """Keep ``said`` as exchange ``number``, from 0, in place of what stood there and after it; return False where
        ``owner`` has no such conversation, or it is full."""
        picture = _kept_picture(said.turn.picture)
        hash_ = hashlib.sha256(picture).hexdigest() if picture else ""
        record = json.dumps({**dump_said(said), "picture": hash_}, ensure_ascii=False)
        with self._open() as db:
            changed = db.execute(
                "UPDATE conversations SET whenever = ?, choices = ? WHERE id = ? AND owner = ?",
                (_now(), json.dumps(asdict(choices)), id_, owner),
            )
            if not changed.rowcount or not 0 <= number < MOST_EXCHANGES:
                return False
            db.execute("DELETE FROM exchanges WHERE conversation = ? AND number >= ?", (id_, number))
            question = said.turn.question[:MOST_CHARACTERS]
            db.execute("INSERT INTO exchanges VALUES (?, ?, ?, ?)", (id_, number, question, record))
            if picture:
                db.execute("INSERT INTO pictures VALUES (?, ?, ?) ON CONFLICT DO NOTHING", (id_, hash_, picture))
            db.execute(
                "DELETE FROM pictures WHERE conversation = ? AND hash NOT IN "
                "(SELECT coalesce(json_extract(record, '$.picture'), '') FROM exchanges WHERE conversation = ?)",
                (id_, id_),
            )
        return True

    def all(self, owner: str, search: str = "") -> list[Summary]:
        """Return the conversations of ``owner`` whose name or questions hold all words of ``search``, the latest first."""
        rows = self._rows(
            "SELECT id, name, whenever, (SELECT count(*) FROM exchanges WHERE conversation = id), "
            "name || ' ' || coalesce((SELECT group_concat(question, ' ') FROM exchanges WHERE conversation = id), '') "
            "FROM conversations WHERE owner = ? ORDER BY whenever DESC, rowid DESC",
            (owner,),
        )
        words = search.casefold().split()
        return [
            Summary(id=id_, name=name, when=when, questions=count)
            for id_, name, when, count, text in rows
            if all(word in text.casefold() for word in words)
        ]

    def open(self, owner: str, id_: str, documents: Documents, principal: Principal) -> Opened | None:
        """Return the conversation ``id_`` of ``owner``, answers left out that rest on what ``principal`` may not read now;
        None where they have none of that id."""
        rows = self._rows("SELECT name, whenever, choices FROM conversations WHERE id = ? AND owner = ?", (id_, owner))
        if not rows:
            return None
        ((name, when, choices),) = rows
        records = self._rows("SELECT record FROM exchanges WHERE conversation = ? ORDER BY number", (id_,))
        pictures = {
            hash_: bytes(data)
            for hash_, data in self._rows("SELECT hash, data FROM pictures WHERE conversation = ?", (id_,))
        }
        readable = {source.source for source in documents.sources(principal)}
        return Opened(
            summary=Summary(id=id_, name=name, when=when, questions=len(records)),
            choices=_choices(json.loads(choices)),
            said=tuple(
                load_said(stored, pictures.get(stored.get("picture", ""), b""), readable, documents, principal)
                for (record,) in records
                for stored in [json.loads(record)]
            ),
        )

    def asked(self) -> list[tuple[str, str, bool]]:
        """Return of all questions of everybody, the oldest conversation first, when it was last asked in, the question, and
        whether it was answered: for figures over all of them, never to be shown."""
        rows = self._rows(
            "SELECT whenever, question, record FROM exchanges JOIN conversations ON id = conversation "
            "ORDER BY whenever, number",
            (),
        )
        said = [(when, question, json.loads(record)) for when, question, record in rows]
        return [
            (when, record["standalone"] or question, record["outcome"] == "answered")
            for when, question, record in said
            if record["status"] == "done" and record["outcome"] != "conversation" and question
        ]

    def rename(self, owner: str, id_: str, name: str) -> bool:
        """Rename a conversation; return False where ``owner`` has none of that id, or the name is empty."""
        if not name.strip():
            return False
        with self._open() as db:
            done = db.execute(
                "UPDATE conversations SET name = ? WHERE id = ? AND owner = ?", (_named(name), id_, owner)
            )
            return bool(done.rowcount)

    def delete(self, owner: str, id_: str) -> bool:
        """Delete a conversation; return False where ``owner`` has none of that id."""
        with self._open() as db:
            done = db.execute("DELETE FROM conversations WHERE id = ? AND owner = ?", (id_, owner))
            return bool(done.rowcount)

    def _rows(self, query: str, parameters: Sequence[object]) -> list[tuple[Any, ...]]:
        with self._usable():
            return self._tables.rows(query, parameters)

    @contextmanager
    def _open(self) -> Iterator[Session]:
        """A transaction: all of it is kept, or nothing."""
        with self._usable(), self._tables.transaction() as db:
            yield db

    @contextmanager
    def _usable(self) -> Iterator[None]:
        try:
            yield
        except DatabaseFault as error:
            raise StoreError(
                f"The conversations in {self.path.name} cannot be used ({error}). Free space and check the rights of the "
                "data folder."
            ) from error


def _kept_picture(picture: bytes) -> bytes:
    """The picture as it is kept; b"" for none, and for what is too large and no picture that can be read."""
    if len(picture) <= PICTURE_BYTES:
        return picture
    try:
        return scaled(picture, PICTURE_SIDE)[0]
    except (OSError, ValueError):
        return b""


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _named(name: str) -> str:
    line = " ".join(name.split()) or "A picture"
    return line if len(line) <= NAME_CHARACTERS else line[: NAME_CHARACTERS - 1].rstrip() + "…"


def _choices(stored: Mapping[str, Any]) -> Choices:
    return Choices(picked=tuple(stored.get("picked", ())), model=str(stored.get("model", "")))
