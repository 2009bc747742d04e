"""The sessions of those who are logged in: in the data folder, so that they outlive a restart and several servers share
them."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from errors import StoreError
from store.auth.users import User, Users
from store.database.base import DatabaseFault
from store.database.opening import small_database

FILE = "sessions.sqlite"
_TABLE = "CREATE TABLE IF NOT EXISTS sessions (digest TEXT PRIMARY KEY, name TEXT, mark TEXT, ends REAL)"


class Sessions:
    """Tokens that browsers hold as cookies; the file holds their digests alone, so reading it lets nobody in.

    Args:
        folder: of the file.
        users: who there is.
        seconds: how long a session lasts.
        clock: seconds since 1970.
        url: of the database that machines share instead of the file; "" is none.
    """

    def __init__(
        self, folder: Path, users: Users, seconds: float, clock: Callable[[], float] = time.time, url: str = ""
    ) -> None:
        with _usable(folder / FILE):
            self._tables = small_database(folder / FILE, url, _TABLE, 1)
        self._users = users
        self._seconds = seconds
        self._clock = clock

    def begin(self, user: User) -> str:
        """Begin a session; return its token."""
        token = secrets.token_urlsafe(32)
        with _usable(self._tables.place), self._tables.transaction() as db:
            db.execute("DELETE FROM sessions WHERE ends < ?", (self._clock(),))
            ends = self._clock() + self._seconds
            db.execute("INSERT INTO sessions VALUES (?, ?, ?, ?)", (_digest(token), user.name, user.mark, ends))
        return token

    def user(self, token: str) -> User | None:
        """Return whose session it is; None when it is over, or that user was removed or has another password now."""
        if not token:
            return None
        with _usable(self._tables.place):
            rows = self._tables.rows("SELECT name, mark, ends FROM sessions WHERE digest = ?", (_digest(token),))
        if not rows:
            return None
        name, mark, ends = rows[0]
        user = self._users.get(name)
        return user if ends >= self._clock() and user is not None and user.mark == mark else None

    def end(self, token: str) -> None:
        """End a session."""
        with _usable(self._tables.place), self._tables.transaction() as db:
            db.execute("DELETE FROM sessions WHERE digest = ?", (_digest(token),))


@contextmanager
def _usable(place: Path | str) -> Iterator[None]:
    try:
        yield
    except DatabaseFault as error:
        raise StoreError(f"The sessions in {place} cannot be used ({error}). Delete the file.") from error


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
