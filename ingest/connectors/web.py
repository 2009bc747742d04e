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
def network(allow_hosts: tuple[str, ...]) -> RobotsHop:
    """Return the way to the web of this process: what it has read of a site's robots.txt serves for the next source too."""
    return RobotsHop(HttpHop(Guard.of(allow_hosts)))


def link_version(url: str, known: str, settings: Settings) -> str:
    """Return the version of what is at ``url``: its ETag and the time of its last change, as the server says; "" where it
    says neither. The server is asked by what is ``known`` whether that has changed (RFC 9110, section 13.1).

    Raises:
        FetchError: as ``download``.
    """
    etag, _, modified = known.partition("\n")
    conditions = {
        name: value for name, value in {"If-None-Match": etag, "If-Modified-Since": modified}.items() if value
    }
    peek = HttpHop(Guard.of(settings.allow_hosts), conditions, body=False)
    hop = network(settings.allow_hosts).reading_by(peek)
    answer = download(
        url, max_bytes=settings.max_source_bytes, settings=settings, hop=hop, conditional=bool(conditions)
    )
    if answer.status == 304:
        return known
    return f"{answer.etag}\n{answer.modified}" if answer.etag or answer.modified else ""


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
