"""Locks between programs on one store: between those of one machine by a file, between machines by the database they share.

Either kind is freed when its holder dies.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

from errors import StoreError
from store.database import postgres
from store.locks import exclusive, open_lock

# A machine that vanished is given up after a minute; the server's own default is two hours.
_KEEPALIVE = "SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3"


class StoreLock(Protocol):
    """What one program holds at a time."""

    def held(self) -> AbstractContextManager[None]:
        """Hold it, waiting for it."""
        ...

    def if_free(self) -> AbstractContextManager[bool]:
        """Hold it and give True, or give False where somebody else does."""
        ...


class FileLock:
    """The lock file ``path``."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def held(self) -> AbstractContextManager[None]:
        """Hold it, waiting for it."""
        return exclusive(self._path)

    @contextmanager
    def if_free(self) -> Iterator[bool]:
        """Hold it and give True, or give False where somebody else does."""
        handle = open_lock(self._path)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                free = True
            except BlockingIOError:
                free = False
            yield free
        finally:
            os.close(handle)


class DatabaseLock:
    """The advisory lock ``name`` of the database at ``url``: https://www.postgresql.org/docs/15/explicit-locking.html"""

    def __init__(self, url: str, name: str) -> None:
        self._url = url
        self._name = f"lock {name}"

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold it, waiting for it.

        Raises:
            StoreError: the database cannot be reached, or was lost meanwhile: then others may have written, too.
        """
        with self._connection() as connection:
            self._ask(connection, "SELECT pg_advisory_lock({})")
            yield
            self._ask(connection, "SELECT pg_advisory_unlock({})")

    @contextmanager
    def if_free(self) -> Iterator[bool]:
        """Hold it and give True, or give False where somebody else does."""
        with self._connection() as connection:
            yield self._ask(connection, "SELECT pg_try_advisory_lock({})")

    def take(self) -> Any:
        """Hold it until the connection that is returned is closed."""
        connection = self._connected()
        self._ask(connection, "SELECT pg_advisory_lock({})")
        return connection

    def is_held(self) -> bool:
        """Tell whether anybody holds it."""
        with self._connection() as connection:
            return not self._ask(connection, "SELECT pg_try_advisory_lock_shared({})")

    def _connected(self) -> Any:
        try:
            connection = postgres.connect(self._url)
            connection.execute(_KEEPALIVE)
        except postgres.errors() as error:
            raise self._lost(error) from error
        return connection

    @contextmanager
    def _connection(self) -> Iterator[Any]:
        connection = self._connected()
        try:
            yield connection
        finally:
            with suppress(postgres.errors()):
                connection.close()

    def _ask(self, connection: Any, query: str) -> bool:
        try:
            return bool(connection.execute(query.format(postgres.LOCK_KEY), (self._name,)).fetchone()[0])
        except postgres.errors() as error:
            raise self._lost(error) from error

    def _lost(self, error: Exception) -> StoreError:
        place = postgres.place_of(self._url)
        return StoreError(
            f"The database {place} was lost ({' '.join(str(error).split())}). Try again when it is there."
        )


def lock_of(folder: Path, name: str, url: str) -> StoreLock:
    """Return the lock ``name`` of the store in ``folder``, whose catalog lies at ``url``, or with "" in the folder."""
    return DatabaseLock(url, name) if url else FileLock(folder / f"{name}.lock")
