"""Who may read a source, in the tables of the catalog: for what is written there in one transaction."""

from __future__ import annotations

from records import Access
from store.attached import belongs_to, family
from store.auth.access import dump_access, load_access
from store.database.base import Session


def noted_access(db: Session, source: str) -> Access:
    """Return what was said of ``source`` when it was begun, or else as it is; what is attached has its source's readers."""
    while mail := belongs_to(source):
        source = mail
    row = db.execute("SELECT access FROM waiting WHERE source = ?", (source,)).fetchone()
    noted = load_access(row[0]) if row else None
    if noted is not None:
        return noted
    owner = db.execute("SELECT owner FROM sources WHERE source = ?", (source,)).fetchone()
    labels = db.execute("SELECT label FROM readers WHERE source = ?", (source,)).fetchall()
    return Access(tuple(label for (label,) in labels), owner[0] if owner else "")


def readers_of(db: Session, source: str) -> tuple[str, ...]:
    """Return the readers of a source that is here, or was begun."""
    if db.execute("SELECT 1 FROM sources WHERE source = ?", (source,)).fetchone() is None:
        return noted_access(db, source).readers
    labels = db.execute("SELECT label FROM readers WHERE source = ?", (source,)).fetchall()
    return tuple(label for (label,) in labels)


def set_access(db: Session, source: str, access: Access) -> bool:
    """Set who may read a source and what is attached to it; return False when it is not known."""
    changed = 0
    for name in family(db, source):
        here = db.execute("UPDATE sources SET owner = ? WHERE source = ?", (access.owner, name)).rowcount
        if here:
            note_relabel(db, name, access)
            set_readers(db, name, access)
            # what was said when its reading was begun does not come back when that ends
            db.execute("UPDATE waiting SET access = ? WHERE source = ? AND access <> ''", (dump_access(access), name))
        changed += here
    return bool(changed)


def note_relabel(db: Session, source: str, access: Access | None) -> None:
    """Note that the indexes have other readers of ``source``, unless they have those of ``access`` already."""
    rows = db.execute("SELECT label FROM readers WHERE source = ?", (source,)).fetchall()
    if access is None or {label for (label,) in rows} != set(access.readers):
        db.execute("INSERT INTO relabel VALUES (?) ON CONFLICT (source) DO NOTHING", (source,))


def set_readers(db: Session, source: str, access: Access) -> None:
    """Write the readers of ``source`` alone, as ``access`` has them."""
    db.execute("DELETE FROM readers WHERE source = ?", (source,))
    db.executemany("INSERT INTO readers VALUES (?, ?)", ((source, label) for label in access.readers))
