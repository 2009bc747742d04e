"""Pages and files of the web."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from config import Settings
from ingest.connectors.base import EVERYTHING, Item, Selection
from ingest.connectors.download import Hop, HttpHop, download
from ingest.connectors.guard import Guard
from ingest.connectors.robots import RobotsHop
from records import Raw


@lru_cache(maxsize=8)
def network(allow_hosts: tuple[str, ...]) -> Hop:
    """Return the way to the web of this process: what it has read of a site's robots.txt serves for the next source too."""
    return RobotsHop(HttpHop(Guard.of(allow_hosts)))


@dataclass(frozen=True)
class Web:
    """Connector of http and https links. A link has no version: it must be read to be compared."""

    hop: Hop | None = None  # None is the network, as far as the settings allow

    def list(self, location: str, selection: Selection = EVERYTHING) -> Iterator[Item]:
        """Yield the link itself."""
        yield Item(location)

    def read(self, source: str, *, settings: Settings) -> Raw:
        """Return what the server sends.

        Raises:
            FetchError: as ``download``.
        """
        hop = self.hop or network(settings.allow_hosts)
        answer = download(source, max_bytes=settings.max_source_bytes, settings=settings, hop=hop)
        return Raw(
            source=source, data=answer.data, media_type=answer.media_type, charset=answer.charset, url=answer.url
        )
