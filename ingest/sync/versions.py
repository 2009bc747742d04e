"""Whether links have changed, asked of their servers without reading them (conditional GET)."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event

from config import Settings
from errors import FetchError
from ingest.connectors.address import is_url
from ingest.connectors.base import Item
from ingest.connectors.web import link_version
from records import Loss
from store.catalog import Catalog

AT_ONCE = 4  # requests


def present_versions(
    items: Sequence[Item], catalog: Catalog, settings: Settings, stop: Event
) -> tuple[dict[str, str], list[Loss]]:
    """Return the present versions of ``items``, and of which the server refused to tell. A version that is the one in the
    catalog means that nothing need be read; one without a version must be read to be compared.
    """
    versions = {item.source: item.version for item in items if not is_url(item.source)}
    links = [item for item in items if is_url(item.source)]

    def ask(item: Item) -> str | Loss:
        known = catalog.fingerprint(item.source)
        try:
            return "" if stop.is_set() else _version(item, known.stamp if known else "", settings)
        except FetchError as error:
            return Loss(item.source, str(error))

    with ThreadPoolExecutor(AT_ONCE) as threads:
        said = list(threads.map(ask, links))
    versions |= {item.source: one for item, one in zip(links, said, strict=True) if isinstance(one, str)}
    return versions, [one for one in said if isinstance(one, Loss)]


def _version(item: Item, known: str, settings: Settings) -> str:
    """Return three lines: ETag, time of the last change, and the version in the listing. The same version there (``lastmod``
    of a sitemap) spares the request."""
    validators, _, listed = known.rpartition("\n") if known.count("\n") == 2 else ("", "", "")
    if item.version and item.version == listed:
        return known
    said = link_version(item.source, validators, settings)
    if said and said == validators:
        return known
    nothing = "\n"  # two empty lines
    return f"{said or nothing}\n{item.version}" if said or item.version else ""
