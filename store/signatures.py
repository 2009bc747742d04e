"""Signatures of pictures as rows of the catalog: made of assets, removed with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from records import Principal
from store.auth.access import readable
from store.catalog import PARAMETERS, Catalog


class Signatures:
    """Those in ``catalog``. Safe to use from several threads."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def pictures(self, sources: Iterable[str] | None, principal: Principal) -> dict[str, list[str]]:
        """Return the assets that chunks have as their picture, with the ids of those chunks: of the ``sources`` that
        ``principal`` may read, or with None of all it may read."""
        permitted, labels = readable(principal)
        query = (
            "SELECT json_extract(record, '$.picture'), source, id FROM chunks INDEXED BY pictures_of_chunks "
            f"WHERE json_extract(record, '$.picture') <> '' AND {permitted}"
        )
        allowed = None if sources is None else set(sources)
        found: dict[str, list[str]] = {}
        for asset, source, id_ in self._catalog.rows(query, labels):
            if allowed is None or source in allowed:
                found.setdefault(asset, []).append(id_)
        return found

    def of(self, recipe: str, assets: Sequence[str]) -> dict[str, bytes]:
        """Return the signatures of ``assets``, as far as there are any of this recipe."""
        found: dict[str, bytes] = {}
        for start in range(0, len(assets), PARAMETERS):
            part = assets[start : start + PARAMETERS]
            marks = ",".join("?" * len(part))
            query = f"SELECT asset, features FROM signatures WHERE recipe = ? AND asset IN ({marks})"
            found.update(self._catalog.rows(query, (recipe, *part)))
        return found

    def assets(self, recipe: str | None = None) -> set[str]:
        """Return the pictures that have a signature, of any recipe or of this one."""
        rows = self._catalog.rows("SELECT asset FROM signatures WHERE recipe = coalesce(?, recipe)", (recipe,))
        return {row[0] for row in rows}

    def put(self, recipe: str, signatures: Mapping[str, bytes]) -> None:
        """Store signatures of pictures; of those alone that a source uses."""
        query = (
            "INSERT INTO signatures SELECT ?, ?, ? WHERE EXISTS "
            "(SELECT 1 FROM chunks WHERE json_extract(record, '$.picture') = ? AND json_extract(record, '$.picture') <> '') "
            "ON CONFLICT (asset) DO UPDATE SET recipe = excluded.recipe, features = excluded.features"
        )
        with self._catalog.transaction() as db:
            db.executemany(query, ((asset, recipe, features, asset) for asset, features in signatures.items()))

    def remove(self, assets: Iterable[str]) -> None:
        """Remove the signatures of ``assets``."""
        with self._catalog.transaction() as db:
            db.executemany("DELETE FROM signatures WHERE asset = ?", ((asset,) for asset in assets))
