"""The tokens with which programs act for a user: made on the page or by a command, shown once, kept as digests."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from errors import AccessError, StoreError
from store.auth.users import User, Users
from store.database.base import DatabaseFault
from store.database.opening import small_database

FILE = "tokens.sqlite"
PREFIX = "doc_"  # lets people, and scanners of repositories, tell what a string is
DAY = 86_400.0  # seconds
MOST = 50  # of a user
MAX_LABEL = 60  # characters
_TABLE = (
    'CREATE TABLE IF NOT EXISTS tokens (id TEXT PRIMARY KEY, digest TEXT UNIQUE, "user" TEXT, mark TEXT, label TEXT, '
    "created REAL, ends REAL, used REAL)"
)


@dataclass(frozen=True)
class Token:
    """What is known of a token; times in seconds since 1970."""

    id: str
    user: str
    label: str  # what its user calls it
    created: float
    ends: float | None = None  # None: when it is revoked
    used: float | None = None  # the last time, to the hour


class Tokens:
    """The tokens in ``folder``. One ends when it is revoked, at its time, with its user, and with a new password as sessions
    do. A random 256-bit token cannot be guessed, so its digest needs no salt and wrong ones no throttle.

    Args:
        folder: of the file.
        users: who there is.
        clock: seconds since 1970.
        url: of the database that machines share instead of the file; "" is none.
    """

    def __init__(self, folder: Path, users: Users, clock: Callable[[], float] = time.time, url: str = "") -> None:
        with _usable(folder / FILE):
            self._tables = small_database(folder / FILE, url, _TABLE, 1)
        self._users = users
        self._clock = clock

    def create(self, name: str, label: str = "", days: float | None = None) -> tuple[str, Token]:
        """Make a token for the user ``name`` that ends after ``days``; return it, which is the only time it is seen, and
        what is kept of it.

        Raises:
            AccessError: there is no such user, the label or the days cannot be used, or there are too many.
        """
        user = self._users.get(name)
        if user is None:
            raise AccessError(
                f"There is no user {name!r}, and tokens are for users. `python -m store users` lists them."
            )
        label = " ".join(label.split())
        if len(label) > MAX_LABEL or not label.isprintable():
            raise AccessError(f"A label has {MAX_LABEL} printable characters or less. This one has not.")
        if days is not None and not 0 < days <= 3650:
            raise AccessError(f"A token lasts for more than 0 days and at most 3650, not {days:g}.")
        if len(self.of(name)) >= MOST:
            raise AccessError(f"{name} has {MOST} tokens, and may not have more. Revoke one.")
        now = self._clock()
        text = PREFIX + secrets.token_urlsafe(32)
        kept = Token(secrets.token_hex(4), name, label, now, None if days is None else now + days * DAY)
        with _usable(self._tables.place), self._tables.transaction() as db:
            row = (kept.id, _digest(text), name, user.mark, label, now, kept.ends, None)
            db.execute("INSERT INTO tokens VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
        return text, kept

    def user(self, token: str) -> User | None:
        """Return for whom ``token`` acts; None when it is unknown, revoked or over."""
        if not token.startswith(PREFIX):
            return None
        now = self._clock()
        rows = self._rows('SELECT id, "user", mark, ends, used FROM tokens WHERE digest = ?', (_digest(token),))
        if not rows:
            return None
        id_, name, mark, ends, used = rows[0]
        user = self._users.get(name)
        if (ends is not None and ends < now) or user is None or user.mark != mark:
            return None
        if used is None or now - used >= 3600:  # not a write for each request
            with _usable(self._tables.place), self._tables.transaction() as db:
                db.execute("UPDATE tokens SET used = ? WHERE id = ?", (now, id_))
        return user

    def all(self) -> list[Token]:
        """Return the tokens that can still be used, the oldest first."""
        users, now = self._users.all(), self._clock()
        rows = self._rows('SELECT id, "user", label, created, ends, used, mark FROM tokens ORDER BY created')
        return [
            Token(*row[:6])
            for row in rows
            if row[1] in users and users[row[1]].mark == row[6] and (row[4] is None or row[4] >= now)
        ]

    def of(self, name: str) -> list[Token]:
        """Return those of the user ``name``."""
        return [one for one in self.all() if one.user == name]

    def revoke(self, id_: str, name: str | None = None) -> None:
        """End the token ``id_``, at once; with ``name`` only if it is that user's.

        Raises:
            AccessError: there is no such token.
        """
        if not any(one.id == id_ and name in (None, one.user) for one in self.all()):
            raise AccessError(f"There is no token {id_[:40]!r}. It may have been revoked before.")
        with _usable(self._tables.place), self._tables.transaction() as db:
            db.execute("DELETE FROM tokens WHERE id = ?", (id_,))

    def _rows(self, query: str, parameters: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        with _usable(self._tables.place):
            return self._tables.rows(query, parameters)


@contextmanager
def _usable(place: Path | str) -> Iterator[None]:
    try:
        yield
    except DatabaseFault as error:
        raise StoreError(f"The tokens in {place} cannot be used ({error}). Delete the file.") from error


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
