"""Languages of the chunks that were stored before languages were."""

from __future__ import annotations

from collections.abc import Mapping

from store.catalog import Catalog


def without_language(catalog: Catalog, after: str, limit: int) -> list[tuple[str, str]]:
    """Return the ids, from ``after`` on, and texts of at most ``limit`` chunks that were stored before languages were."""
    query = (
        "SELECT id, json_extract(record, '$.text') FROM chunks WHERE id > ? "
        "AND json_extract(record, '$.language') IS NULL ORDER BY id LIMIT ?"
    )
    return [(id_, text) for id_, text in catalog.rows(query, (after, limit))]


def set_languages(catalog: Catalog, languages: Mapping[str, str]) -> None:
    """Note the languages of chunks, by their ids."""
    with catalog.transaction() as db:
        db.executemany(
            "UPDATE chunks SET record = json_set(record, '$.language', ?) WHERE id = ?",
            [(language, id_) for id_, language in languages.items()],
        )
