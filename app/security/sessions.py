"""The sessions of those who are logged in: in the data folder, so that they outlive a restart and several servers share
them."""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from errors import StoreError
from store.auth.users import User, Users

FILE = "sessions.sqlite"


class Sessions:
    """Tokens that browsers hold as cookies; the file holds their digests alone, so reading it lets nobody in.

    Args:
        folder: of the file.
        users: who there is.
        seconds: how long a session lasts.
        clock: seconds since 1970.
    """

    def __init__(self, folder: Path, users: Users, seconds: float, clock: Callable[[], float] = time.time) -> None:
        self._path = folder / FILE
        self._users = users
        self._seconds = seconds
        self._clock = clock

    def begin(self, user: User) -> str:
        """Begin a session; return its token."""
        token = secrets.token_urlsafe(32)
        with closing(self._open()) as db, db:
            db.execute("DELETE FROM sessions WHERE ends < ?", (self._clock(),))
            ends = self._clock() + self._seconds
            db.execute("INSERT INTO sessions VALUES (?, ?, ?, ?)", (_digest(token), user.name, user.mark, ends))
        return token

    def user(self, token: str) -> User | None:
        """Return whose session it is; None when it is over, or that user was removed or has another password now."""
        if not token or not self._path.exists():
            return None
        with closing(self._open()) as db:
            row = db.execute("SELECT name, mark, ends FROM sessions WHERE digest = ?", (_digest(token),)).fetchone()
        if row is None or row[2] < self._clock():
            return None
        user = self._users.get(row[0])
        return user if user is not None and user.mark == row[1] else None

    def end(self, token: str) -> None:
        """End a session."""
        if self._path.exists():
            with closing(self._open()) as db, db:
                db.execute("DELETE FROM sessions WHERE digest = ?", (_digest(token),))

    def _open(self) -> sqlite3.Connection:
        try:
            db = sqlite3.connect(self._path, timeout=10)
            db.execute("CREATE TABLE IF NOT EXISTS sessions (digest TEXT PRIMARY KEY, name TEXT, mark TEXT, ends REAL)")
            self._path.chmod(0o600)
        except (sqlite3.Error, OSError) as error:
            raise StoreError(f"The sessions in {self._path} cannot be used ({error}). Delete the file.") from error
        return db


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
