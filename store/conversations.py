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
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from errors import StoreError
from records import Chunk, Citation, Computation, Hit, Principal, Statement, SubAnswer, Turn
from store.database.base import DatabaseFault, Session
from store.database.opening import small_database
from store.documents import Documents
from vision.scaled import scaled

FILE = "conversations.sqlite"
SCHEMA_VERSION = 2
MOST_CONVERSATIONS = 500  # of one owner; the one that was left longest goes
MOST_EXCHANGES = 200  # of one conversation
MOST_CHARACTERS = 20_000  # of a question, an answer, and of a quote
PICTURE_BYTES = 2_000_000  # of a picture that was asked about; of a larger one a smaller copy is kept
PICTURE_SIDE = 2_048  # pixels: the longer side of that copy
NAME_CHARACTERS = 120
SHOWN_HITS = 5  # passages of a part that are kept by their ids
LOCAL = ""  # the owner where nobody logs in and everybody is whoever runs the program

LISTED = "Documents were listed here. Ask again to see those there are now."
GONE = "This answer rested on a source that was removed, or that you may not read any more."

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

_LISTING = ("documents", "help", "summary")
Status = Literal["done", "stopped", "failed"]


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
class Said:
    """A question with its answer as it was kept."""

    turn: Turn
    status: Status = "done"
    error: str = ""


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
        record = json.dumps({**_dump(said), "picture": hash_}, ensure_ascii=False)
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
                _load(stored, pictures.get(stored.get("picture", ""), b""), readable, documents, principal)
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


def _dump(said: Said) -> dict[str, Any]:
    turn = said.turn
    return {
        "status": said.status,
        "error": said.error[:MOST_CHARACTERS],
        "question": turn.question[:MOST_CHARACTERS],
        "standalone": turn.standalone[:MOST_CHARACTERS],
        "intent": turn.intent,
        # a list of documents is as old as it is, and names some that may be hidden by now
        "answer": LISTED
        if turn.outcome == "conversation" and turn.intent in _LISTING
        else turn.answer[:MOST_CHARACTERS],
        "outcome": turn.outcome,
        "model": turn.model,
        "notices": list(turn.notices),
        "statements": [asdict(one) for one in turn.statements],
        "citations": [_dump_citation(one) for one in turn.citations],
        "hits": _dump_hits(turn.hits),
        "parts": [
            {
                "question": part.question[:MOST_CHARACTERS],
                "outcome": part.outcome,
                "statements": [asdict(one) for one in part.statements],
                "citations": [one.n for one in part.citations],
                "hits": _dump_hits(part.hits),
                "out_of_corpus": list(part.out_of_corpus),
            }
            for part in turn.parts
        ],
    }


def _dump_citation(one: Citation) -> dict[str, Any]:
    chunk = one.chunk
    return {
        "n": one.n,
        "chunk": chunk.id,
        "source": chunk.source,
        "kind": chunk.kind,
        "title": chunk.title,
        "section": list(chunk.section),
        "page": chunk.page,
        "quote": one.quote[:MOST_CHARACTERS],
        "bbox": one.bbox,
        "checked": one.checked,
        "disputed": one.disputed,
    }


def _dump_hits(hits: Sequence[Hit]) -> list[list[Any]]:
    return [[hit.chunk.id, hit.chunk.source, hit.score] for hit in hits[:SHOWN_HITS]]


def _load(
    stored: Mapping[str, Any], picture: bytes, readable: set[str], documents: Documents, principal: Principal
) -> Said:
    """What was said, and the picture that was asked about, as far as the answer rests on ``readable`` sources."""
    hits = [hit for part in (stored, *stored["parts"]) for hit in part["hits"]]
    sources = {one["source"] for one in stored["citations"]} | {source for _, source, _ in hits}
    turn = Turn(question=stored["question"], picture=picture)
    if not sources <= readable:
        return Said(turn=replace(turn, answer=GONE, outcome="nothing"), status="done")
    ids = {one["chunk"] for one in stored["citations"]} | {id_ for id_, _, _ in hits}
    chunks = {chunk.id: chunk for chunk in documents.chunks(sorted(ids), principal)}
    citations = tuple(_load_citation(one, chunks) for one in stored["citations"])
    by_number = {one.n: one for one in citations}
    parts = tuple(
        SubAnswer(
            question=part["question"],
            outcome=part["outcome"],
            statements=tuple(map(_load_statement, part["statements"])),
            citations=tuple(by_number[n] for n in part["citations"] if n in by_number),
            hits=_load_hits(part["hits"], chunks),
            out_of_corpus=tuple(part["out_of_corpus"]),
            done=True,
        )
        for part in stored["parts"]
    )
    turn = replace(
        turn,
        standalone=stored["standalone"],
        intent=stored["intent"],
        answer=stored["answer"],
        outcome=stored["outcome"],
        model=stored["model"],
        notices=tuple(stored["notices"]),
        statements=tuple(map(_load_statement, stored["statements"])),
        citations=citations,
        hits=_load_hits(stored["hits"], chunks),
        parts=parts,
        stage="check",
    )
    return Said(turn=turn, status=stored["status"], error=stored["error"])


def _load_citation(one: Mapping[str, Any], chunks: Mapping[str, Chunk]) -> Citation:
    """A citation with its passage; where the source was read anew and has it no more, with the words that were quoted."""
    bbox = tuple(one["bbox"]) if one["bbox"] else None
    chunk = chunks.get(one["chunk"]) or Chunk(
        id=one["chunk"],
        source=one["source"],
        kind="text",
        text=one["quote"],
        title=one["title"],
        section=tuple(one["section"]),
        page=one["page"],
    )
    return Citation(
        n=one["n"],
        chunk=chunk,
        quote=one["quote"],
        bbox=bbox,  # type: ignore[arg-type]
        checked=one["checked"],
        disputed=one["disputed"],
    )


def _load_hits(stored: Sequence[Sequence[Any]], chunks: Mapping[str, Chunk]) -> tuple[Hit, ...]:
    return tuple(Hit(chunk=chunks[id_], score=score) for id_, _, score in stored if id_ in chunks)


def _load_statement(stored: Mapping[str, Any]) -> Statement:
    computed = stored["computed"]
    return Statement(
        text=stored["text"],
        citations=tuple(stored["citations"]),
        added=stored["added"],
        checked=stored["checked"],
        answer=tuple(stored["answer"]),
        computed=computed and Computation(**{name: _as_tuple(value) for name, value in computed.items()}),
    )


def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
