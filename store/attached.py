"""What is attached to a source: sources of their own, named after it, with its readers, and removed with it.

attachment:///home/ada/mail.eml/budget.xlsx      budget.xlsx of /home/ada/mail.eml
"""

from __future__ import annotations

from collections.abc import Iterator

from store.database.base import Session

SCHEME = "attachment://"


def attached_name(source: str, name: str) -> str:
    """Return what the file ``name``, which has no stroke in it, is called that is attached to ``source``."""
    return f"{SCHEME}{source}/{name}"


def belongs_to(source: str) -> str:
    """Return the source that an attached one belongs to; "" where ``source`` is none."""
    return source.removeprefix(SCHEME).rpartition("/")[0] if source.startswith(SCHEME) else ""


def depth_of(source: str) -> int:
    """Return in how many sources, one in the other, ``source`` lies."""
    depth = 0
    while source := belongs_to(source):
        depth += 1
    return depth


def attached_in(db: Session, source: str) -> list[str]:
    """Return the sources in the catalog ``db`` that are attached to ``source``."""
    start = attached_name(source, "")
    rows: list[tuple[str]] = db.execute(
        "SELECT source FROM sources WHERE substr(source, 1, ?) = ?", (len(start), start)
    ).fetchall()
    return [name for (name,) in rows]


def family(db: Session, source: str) -> Iterator[str]:
    """Yield ``source`` and all in the catalog ``db`` that are attached to it, and to these."""
    waiting = [source]
    while waiting:
        yield waiting[-1]
        waiting += attached_in(db, waiting.pop())
