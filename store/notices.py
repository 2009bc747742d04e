"""Rules that tell of new or changed sources, and what has fired: a SQLite file of its own in the data folder.

A rule reads as a user of its groups does, so that it tells of nothing that those whom it tells might not read.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

from errors import StoreError
from records import Principal

FILE = "notices.sqlite"
MOST_FIRED = 1_000  # that are kept; the oldest go
MOST_TRIES = 5  # to send one

Kind = Literal["words", "label", "question"]
KINDS: tuple[Kind, ...] = get_args(Kind)

_TABLES = """
CREATE TABLE IF NOT EXISTS rules (name TEXT PRIMARY KEY, rule TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS seen (rule TEXT NOT NULL, source TEXT NOT NULL, content TEXT NOT NULL,
    PRIMARY KEY (rule, source)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS fired (number INTEGER PRIMARY KEY, sent INTEGER NOT NULL, tries INTEGER NOT NULL,
    error TEXT NOT NULL, record TEXT NOT NULL);
"""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What is waited for, and who is told."""

    name: str
    kind: Kind
    text: str  # words that stand in one passage, a label, or a question
    to: str = ""  # an http(s) link that is posted to, mailto:ADDRESS, or "" for the list alone
    groups: tuple[str, ...] = ()  # as whom it reads; () is everybody, who reads what is open to all

    @property
    def principal(self) -> Principal:
        """Return as whom the rule reads; a group written ``user:NAME`` is that user."""
        users = [group.removeprefix("user:") for group in self.groups if group.startswith("user:")]
        groups = frozenset(group for group in self.groups if not group.startswith("user:"))
        return Principal(name=users[0] if users else "", groups=groups)


@dataclass(frozen=True, kw_only=True)
class Fired:
    """A rule that has found what it waited for."""

    rule: str
    to: str
    when: str  # ISO 8601, UTC
    source: str
    title: str
    place: str  # "page 3", "Budget!C14"
    quote: str
    number: int = 0  # its key, in the order in which they fired
    sent: bool = False
    tries: int = 0
    error: str = ""  # why it could not be sent


class Notices:
    """The rules of a data folder. Safe to use from several threads and programs."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self.lock = folder / "notices.lock"  # held by whoever looks whether rules fire

    def define(self, rule: Rule, present: Mapping[str, str]) -> None:
        """Keep ``rule``, in place of one of its name. It fires on what changes from now on: ``present`` are the sources that
        are here, each with the hash of its content."""
        with self._open() as db:
            db.execute("INSERT OR REPLACE INTO rules VALUES (?, ?)", (rule.name, json.dumps(asdict(rule))))
            db.execute("DELETE FROM seen WHERE rule = ?", (rule.name,))
            db.executemany("INSERT INTO seen VALUES (?, ?, ?)", ((rule.name, *one) for one in present.items()))

    def forget(self, name: str) -> bool:
        """Forget the rule ``name``, not what has fired; return False when there is none."""
        with self._open() as db:
            db.execute("DELETE FROM seen WHERE rule = ?", (name,))
            return db.execute("DELETE FROM rules WHERE name = ?", (name,)).rowcount > 0

    def rules(self) -> list[Rule]:
        """Return the rules, by name."""
        return [_rule(json.loads(text)) for (text,) in self._rows("SELECT rule FROM rules ORDER BY name")]

    def seen(self, rule: str) -> dict[str, str]:
        """Return the sources that ``rule`` has looked at, each with the hash of the content it had."""
        return dict(self._rows("SELECT source, content FROM seen WHERE rule = ?", (rule,)))

    def note(self, rule: str, seen: Mapping[str, str], gone: Iterable[str], fired: Iterable[Fired]) -> None:
        """Note in one step that ``rule`` has looked at ``seen``, that sources are ``gone``, and what has ``fired``."""
        with self._open() as db:
            db.executemany("INSERT OR REPLACE INTO seen VALUES (?, ?, ?)", ((rule, *one) for one in seen.items()))
            db.executemany("DELETE FROM seen WHERE rule = ? AND source = ?", ((rule, source) for source in gone))
            db.executemany(
                "INSERT INTO fired (sent, tries, error, record) VALUES (?, 0, '', ?)",
                ((not one.to, json.dumps(asdict(one), ensure_ascii=False)) for one in fired),
            )
            db.execute(
                "DELETE FROM fired WHERE number NOT IN (SELECT number FROM fired ORDER BY number DESC LIMIT ?)",
                (MOST_FIRED,),
            )

    def fired(self, limit: int = MOST_FIRED) -> list[Fired]:
        """Return what has fired, the last first."""
        return [_fired(row) for row in self._rows(f"{_FIRED} ORDER BY number DESC LIMIT ?", (limit,))]

    def unsent(self) -> list[Fired]:
        """Return what is still to be sent, the first first."""
        return [
            _fired(row) for row in self._rows(f"{_FIRED} WHERE NOT sent AND tries < ? ORDER BY number", (MOST_TRIES,))
        ]

    def note_sent(self, number: int, error: str = "") -> None:
        """Note that one was sent, or why not."""
        with self._open() as db:
            db.execute(
                "UPDATE fired SET sent = ?, tries = tries + 1, error = ? WHERE number = ?",
                (not error, error, number),
            )

    def _rows(self, query: str, parameters: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        if not self._path.exists():
            return []
        with self._open() as db:
            return db.execute(query, parameters).fetchall()

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self._path, timeout=60)) as db:
                db.executescript(_TABLES)
                with db:
                    yield db
        except (OSError, sqlite3.Error) as error:
            raise StoreError(f"The notices in {self._path} cannot be read or written ({error}).") from error


_FIRED = "SELECT number, sent, tries, error, record FROM fired"


def _rule(fields: dict[str, Any]) -> Rule:
    return Rule(**{**fields, "groups": tuple(fields["groups"])})


def _fired(row: tuple[Any, ...]) -> Fired:
    number, sent, tries, error, record = row
    return replace(Fired(**json.loads(record)), number=number, sent=bool(sent), tries=tries, error=error)
