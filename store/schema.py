"""The tables of the catalog: made in an empty file, and brought up from those of older versions."""

from __future__ import annotations

import uuid

from store.auth.access import READERS_TABLE
from store.database.base import Database, newer, statements

SCHEMA_VERSION = 9
# With a column ``source``, and nothing in them of a source that was removed.
TABLES_OF_SOURCE = (
    "chunks",
    "sources",
    "embedded",
    "readers",
    "waiting",
    "names",
    "relabel",
    "unlabelled",
    "being_read",
)
# Signatures are a cache: they follow from assets, and are made when they are missing.
_PICTURES = (
    "CREATE TABLE signatures (asset TEXT PRIMARY KEY, recipe TEXT NOT NULL, features BLOB NOT NULL)",
    "CREATE INDEX pictures_of_chunks ON chunks (json_extract(record, '$.picture'), source, id) "
    "WHERE json_extract(record, '$.picture') <> ''",
)
_SOURCES = """CREATE TABLE sources (
    source TEXT PRIMARY KEY, kind TEXT NOT NULL, title TEXT NOT NULL, pages INTEGER NOT NULL, chunks INTEGER NOT NULL,
    whenever TEXT NOT NULL, content_hash TEXT NOT NULL, original TEXT NOT NULL, losses TEXT NOT NULL,
    stamp TEXT NOT NULL, parser TEXT NOT NULL, assets TEXT NOT NULL, owner TEXT NOT NULL DEFAULT '')"""
_FORMER_COLUMNS = (
    "source, kind, title, pages, chunks, whenever, content_hash, original, losses, stamp, parser, assets, owner"
)
_ABOUT = "ALTER TABLE sources ADD COLUMN about TEXT NOT NULL DEFAULT ''"  # what is known of a source, as JSON
SOURCE_COLUMNS = f"{_FORMER_COLUMNS}, about"
# In which collection (key) the vectors of a source lie, for each named embedding space.
_EMBEDDED = (
    "CREATE TABLE embedded (source TEXT NOT NULL, space TEXT NOT NULL, key TEXT NOT NULL, PRIMARY KEY (source, space))"
)
# Names that people gave to sources: they outlive that a source is read again.
_NAMES = "CREATE TABLE names (source TEXT PRIMARY KEY, name TEXT NOT NULL)"
# What was removed and may come back for a while (store.removed): in no other table, so that nothing finds it.
_REMOVED = (
    "CREATE TABLE removed (source TEXT PRIMARY KEY, whenever REAL NOT NULL, fields TEXT NOT NULL, readers TEXT NOT NULL, "
    "name TEXT NOT NULL, chunks TEXT NOT NULL)",
    "CREATE TABLE removed_vectors (source TEXT NOT NULL, key TEXT NOT NULL, id TEXT NOT NULL, vector BLOB NOT NULL, "
    "PRIMARY KEY (source, key, id))",
)
# Sources whose chunks may stand in the indexes with other readers than ``readers`` has.
_RELABEL = "CREATE TABLE IF NOT EXISTS relabel (source TEXT PRIMARY KEY)"
# Sources whose vectors know no readers yet: older versions stored none there (store.labeller).
_UNLABELLED = "CREATE TABLE IF NOT EXISTS unlabelled (source TEXT PRIMARY KEY)"
# Sources of which the plain words alone are in yet (store.being_read).
_BEING_READ = (
    "CREATE TABLE IF NOT EXISTS being_read (source TEXT PRIMARY KEY, words INTEGER NOT NULL, done INTEGER NOT NULL)"
)
_TABLES = f"""
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
{_SOURCES};
{_ABOUT};
{_EMBEDDED};
CREATE TABLE IF NOT EXISTS chunks (
    id TEXT PRIMARY KEY, source TEXT NOT NULL, ordinal INTEGER NOT NULL, record TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS chunks_of_source ON chunks (source, ordinal);
CREATE TABLE IF NOT EXISTS journal (id TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS waiting (source TEXT PRIMARY KEY, work TEXT NOT NULL, access TEXT NOT NULL DEFAULT '');
{READERS_TABLE};
{";".join((*_PICTURES, _NAMES, *_REMOVED, _RELABEL, _UNLABELLED, _BEING_READ))};
"""
UPSERT_META = "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
# What turns a catalog of one version into the next. The rest of the folder is repaired by store.maintenance.doctor.
_MIGRATIONS = {
    1: (
        "CREATE TABLE waiting (source TEXT PRIMARY KEY, work TEXT NOT NULL)",
        "ALTER TABLE sources ADD COLUMN space TEXT NOT NULL DEFAULT ''",
    ),
    2: (
        "ALTER TABLE waiting ADD COLUMN access TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE sources ADD COLUMN owner TEXT NOT NULL DEFAULT ''",
        READERS_TABLE,
        *_PICTURES,
    ),
    3: (
        "ALTER TABLE sources RENAME TO sources_3",
        _SOURCES,
        f"INSERT INTO sources SELECT {_FORMER_COLUMNS} FROM sources_3",
        _EMBEDDED,
        "INSERT INTO embedded SELECT source, 'text', space FROM sources_3 WHERE space <> ''",
        "DROP TABLE sources_3",
    ),
    # chunks have a language, too, which is told when the lexical index of that version is written (store.lexical_folder)
    4: (_NAMES, *_REMOVED),
    5: (_ABOUT,),
    6: (_RELABEL,),  # the lexical index is written anew, for it has a field more
    7: (_BEING_READ,),
    8: (_UNLABELLED, "INSERT INTO unlabelled SELECT source FROM sources"),
}


def prepare(database: Database) -> None:
    """Make an empty database a catalog, and one of an older version one of this.

    Raises:
        StoreError: it is of a version that this program does not know.
        DatabaseFault: it cannot be read or written.
    """
    if _version(database) == SCHEMA_VERSION:
        return
    with database.transaction() as db:
        version = _version(database)  # another process may have been faster
        if version == 0:
            for statement in statements(_TABLES):
                db.execute(statement)
            db.execute("INSERT INTO meta VALUES ('index', ?)", (uuid.uuid4().hex[:12],))
        for step in range(version or SCHEMA_VERSION, SCHEMA_VERSION):
            for statement in _MIGRATIONS[step]:
                db.execute(statement)
        db.execute(UPSERT_META, ("schema", str(SCHEMA_VERSION)))


def _version(database: Database) -> int:
    """The version of the tables, 0 where there are none."""
    if not database.has_table("meta"):
        return 0
    rows = database.rows("SELECT value FROM meta WHERE key = 'schema'")
    version = rows[0][0] if rows else "1"
    if not version.isdigit() or not 1 <= int(version) <= SCHEMA_VERSION:
        raise newer(database.place, version, SCHEMA_VERSION)
    return int(version)
