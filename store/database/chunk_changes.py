"""Which chunks came, changed and went in a catalog that machines share, so that the lexical index of each can follow.

The database notes it by itself, in the transaction that changes the chunks: no writer can forget it.
"""

from __future__ import annotations

from typing import Any

from errors import StoreError
from store.database.base import DatabaseFault
from store.database.postgres import PostgresDatabase

KEPT = 1_000_000  # changes; who was away for longer reads the catalog whole
_TABLES = (
    "CREATE TABLE IF NOT EXISTS chunk_changes (number INTEGER PRIMARY KEY, id TEXT NOT NULL)",
    """CREATE OR REPLACE FUNCTION note_chunk() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN INSERT INTO chunk_changes (id) VALUES (coalesce(NEW.id, OLD.id)); RETURN NULL; END'""",
    """CREATE OR REPLACE TRIGGER chunk_changed AFTER INSERT OR UPDATE OR DELETE ON chunks
    FOR EACH ROW EXECUTE FUNCTION note_chunk()""",
)


class ChunkChanges:
    """The changes of the catalog at ``url``, which must be there. Numbers grow in the order in which changes can be seen, for
    writers of a catalog come one at a time.

    Raises:
        StoreError: the database cannot be used, here and below.
    """

    def __init__(self, url: str) -> None:
        try:
            self._database = PostgresDatabase(url, "chunk_changes")
            if not self._database.has_table("chunk_changes"):
                with self._database.transaction() as db:
                    for statement in _TABLES:
                        db.execute(statement)
        except DatabaseFault as error:
            raise _unreadable(error) from error

    def last(self) -> int:
        """Return the number of the last change; 0 when there was none."""
        return int(self._rows("SELECT coalesce(max(number), 0) FROM chunk_changes")[0][0])

    def since(self, number: int, limit: int) -> tuple[list[str], int] | None:
        """Return the chunks of the next changes after ``number``, at most ``limit``, and the number of the last of these.
        None where older ones than these are forgotten, or a later one than there ever was is asked for."""
        first, last = self._rows("SELECT coalesce(min(number), 1), coalesce(max(number), 0) FROM chunk_changes")[0]
        if not first - 1 <= number <= last:
            return None
        query = "SELECT number, id FROM chunk_changes WHERE number > ? ORDER BY number LIMIT ?"
        rows = self._rows(query, (number, limit))
        return list(dict.fromkeys(id_ for _, id_ in rows)), max((n for n, _ in rows), default=number)

    def forget(self, kept: int = KEPT) -> None:
        """Forget all changes but the last ``kept``."""
        try:
            with self._database.transaction() as db:
                db.execute(
                    "DELETE FROM chunk_changes WHERE number <= (SELECT max(number) FROM chunk_changes) - ?", (kept,)
                )
        except DatabaseFault as error:
            raise _unreadable(error) from error

    def _rows(self, query: str, parameters: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        try:
            return self._database.rows(query, parameters)
        except DatabaseFault as error:
            raise _unreadable(error) from error


def _unreadable(error: DatabaseFault) -> StoreError:
    return StoreError(f"The changes of the catalog cannot be read ({error}). Is the database there?")
