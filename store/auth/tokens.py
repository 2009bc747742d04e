"""The tokens with which programs act for a user: made on the page or by a command, shown once, kept as digests."""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from errors import AccessError, StoreError
from store.auth.users import User, Users

FILE = "tokens.sqlite"
PREFIX = "doc_"  # lets people, and scanners of repositories, tell what a string is
DAY = 86_400.0  # seconds
MOST = 50  # of a user
MAX_LABEL = 60  # characters
_TABLE = (
    "CREATE TABLE IF NOT EXISTS tokens (id TEXT PRIMARY KEY, digest TEXT UNIQUE, user TEXT, mark TEXT, label TEXT, "
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
    """

    def __init__(self, folder: Path, users: Users, clock: Callable[[], float] = time.time) -> None:
        self._path = folder / FILE
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
        with closing(self._open()) as db, db:
            row = (kept.id, _digest(text), name, user.mark, label, now, kept.ends, None)
            db.execute("INSERT INTO tokens VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
        return text, kept

    def user(self, token: str) -> User | None:
        """Return for whom ``token`` acts; None when it is unknown, revoked or over."""
        if not token.startswith(PREFIX) or not self._path.exists():
            return None
        now = self._clock()
        with closing(self._open()) as db:
            query = "SELECT id, user, mark, ends, used FROM tokens WHERE digest = ?"
            row = db.execute(query, (_digest(token),)).fetchone()
            if row is None or (row[3] is not None and row[3] < now):
                return None
            user = self._users.get(row[1])
            if user is None or user.mark != row[2]:
                return None
            if row[4] is None or now - row[4] >= 3600:  # not a write for each request
                with db:
                    db.execute("UPDATE tokens SET used = ? WHERE id = ?", (now, row[0]))
        return user

    def all(self) -> list[Token]:
        """Return the tokens that can still be used, the oldest first."""
        if not self._path.exists():
            return []
        users, now = self._users.all(), self._clock()
        with closing(self._open()) as db:
            rows = db.execute(
                "SELECT id, user, label, created, ends, used, mark FROM tokens ORDER BY created"
            ).fetchall()
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
        with closing(self._open()) as db, db:
            db.execute("DELETE FROM tokens WHERE id = ?", (id_,))

    def _open(self) -> sqlite3.Connection:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            db = sqlite3.connect(self._path, timeout=10)
            db.execute(_TABLE)
            self._path.chmod(0o600)
        except (sqlite3.Error, OSError) as error:
            raise StoreError(f"The tokens in {self._path} cannot be used ({error}). Delete the file.") from error
        return db


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
