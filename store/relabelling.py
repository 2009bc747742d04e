"""Sources that may stand in the indexes with other readers than they have, or none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from store.catalog import Catalog
from store.readers import readers_of


def to_relabel(catalog: Catalog, limit: int) -> list[str]:
    """Return sources, at most ``limit``, that may stand in the indexes with other readers than they have."""
    return [source for (source,) in catalog.rows("SELECT source FROM relabel ORDER BY source LIMIT ?", (limit,))]


def relabelled(catalog: Catalog, readers: Mapping[str, Sequence[str]]) -> None:
    """Note that sources stand in the indexes with these ``readers``."""
    with catalog.transaction() as db:
        for source, labels in readers.items():
            if set(labels) == set(readers_of(db, source)):
                db.execute("UPDATE chunks SET ordinal = ordinal WHERE source = ?", (source,))  # for who follows them
                db.execute("DELETE FROM relabel WHERE source = ?", (source,))


def unlabelled(catalog: Catalog, limit: int) -> list[str]:
    """Return sources, at most ``limit``, whose vectors know no readers yet."""
    return [source for (source,) in catalog.rows("SELECT source FROM unlabelled ORDER BY source LIMIT ?", (limit,))]


def labelled(catalog: Catalog, sources: Iterable[str]) -> None:
    """Note that the vectors of ``sources`` know their readers; what changed meanwhile stands among ``to_relabel``."""
    with catalog.transaction() as db:
        db.executemany("DELETE FROM unlabelled WHERE source = ?", ((source,) for source in sources))
