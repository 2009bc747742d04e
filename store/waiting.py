"""Sources that are on their way in, as the catalog has them: which job takes each in, and who may read it then."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from records import Access
from store.auth.access import dump_access
from store.catalog import Catalog
from store.readers import set_access


def expect(catalog: Catalog, sources: Sequence[str], job: str, access: Mapping[str, Access]) -> None:
    """Note that ``job`` is going to take ``sources`` in, and who may read those in ``access``: sources that are here
    already from this moment on."""
    with catalog.transaction() as db:
        db.executemany(
            "INSERT INTO waiting VALUES (?, ?, ?) ON CONFLICT (source) DO UPDATE SET work = excluded.work, "
            "access = CASE excluded.access WHEN '' THEN waiting.access ELSE excluded.access END",
            ((source, job, dump_access(access.get(source))) for source in sources),
        )
        for source in access:
            set_access(db, source, access[source])


def expected(catalog: Catalog) -> dict[str, str]:
    """Return the sources that some job was going to take in, in their order, and that job."""
    return dict(catalog.rows("SELECT source, work FROM waiting ORDER BY rowid"))  # type: ignore[arg-type]


def cancel(catalog: Catalog, sources: Iterable[str]) -> None:
    """Let nobody wait for ``sources`` any more."""
    with catalog.transaction() as db:
        db.executemany("DELETE FROM waiting WHERE source = ?", ((source,) for source in sources))
