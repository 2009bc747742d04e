"""What a file on the web lists: a sitemap, an index of sitemaps, an RSS or Atom feed, or a text with a link a line."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from lxml import etree

from errors import FetchError
from ingest.connectors.base import Item

_GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class Listed:
    """What one such file says."""

    items: tuple[Item, ...] = ()
    children: tuple[str, ...] = ()  # links to further files that list links
    window: bool = False  # it lists the newest alone, so that what is not in it may still be there
    own_site: bool = False  # it speaks of the site alone that it lies on (sitemaps.org/protocol.html)


def parse(data: bytes, url: str, max_bytes: int) -> Listed | None:
    """Return what the file ``data``, which was read from ``url``, lists; None when it is of no kind that lists links.

    Raises:
        FetchError: it is cut off or broken, or holds more than ``max_bytes`` when it is unpacked.
    """
    if data.startswith(_GZIP):
        data = _unpacked(data, url, max_bytes)
    if not data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return _links(data)
    try:
        # a file from outside: it may not name others, nor swell by what it defines
        safe = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
        root = etree.fromstring(data, safe)
    except (etree.XMLSyntaxError, ValueError) as error:
        if b"<html" in data[:2_000].lower():
            return None
        raise FetchError(f"{url} is no whole list of links: {error}.") from error
    read = READERS.get(_name(root))
    return read(root, url) if read is not None else None


def _unpacked(data: bytes, url: str, max_bytes: int) -> bytes:
    try:
        unpacker = zlib.decompressobj(wbits=31)
        unpacked = unpacker.decompress(data, max_bytes)
    except zlib.error as error:
        raise FetchError(f"{url} cannot be unpacked: {error}.") from error
    if unpacker.unconsumed_tail:
        raise FetchError(f"{url} is too large: more than the limit of {max_bytes:,} bytes when it is unpacked.")
    if not unpacker.eof:
        raise FetchError(f"{url} is cut off.")
    return unpacked


def _links(data: bytes) -> Listed | None:
    """A text is a list when every line that is neither empty nor a comment is a link."""
    lines = [line.strip() for line in data.decode("utf-8-sig", errors="replace").splitlines()]
    named = [line for line in lines if line and not line.startswith("#")]
    links = [line for line in named if _is_link(line)]
    return Listed(tuple(Item(link) for link in links)) if links and len(links) == len(named) else None


def _sitemap(root: etree._Element, url: str) -> Listed:
    entries = [(_text(entry, "loc"), _text(entry, "lastmod")) for entry in _all(root, "url")]
    return Listed(tuple(Item(urljoin(url, loc), lastmod) for loc, lastmod in entries if loc), own_site=True)


def _index(root: etree._Element, url: str) -> Listed:
    locations = (_text(entry, "loc") for entry in _all(root, "sitemap"))
    return Listed(children=tuple(urljoin(url, loc) for loc in locations if loc), own_site=True)


def _rss(root: etree._Element, url: str) -> Listed:
    """RSS 0.9 to 2.0. The date of an entry is that of its publication, which stays when it is changed: no version."""
    links = (_text(entry, "link") or _permalink(entry) for entry in _all(root, "item"))
    return Listed(tuple(Item(urljoin(url, link)) for link in links if link), window=True)


def _permalink(entry: etree._Element) -> str:
    guid = _text(entry, "guid")
    return guid if _is_link(guid) else ""


def _atom(root: etree._Element, url: str) -> Listed:
    items = []
    for entry in _all(root, "entry"):
        links = {link.get("rel", "alternate"): link.get("href", "") for link in _all(entry, "link")}
        if link := links.get("alternate", ""):
            items.append(Item(urljoin(url, link), _text(entry, "updated")))
    return Listed(tuple(items), window=True)


# By the name of the outermost element. sitemaps.org/protocol.html, RSS 2.0, RSS 1.0 (RDF), RFC 4287
READERS: dict[str, Callable[[etree._Element, str], Listed]] = {
    "urlset": _sitemap,
    "sitemapindex": _index,
    "rss": _rss,
    "RDF": _rss,
    "feed": _atom,
}


def _is_link(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and not set(text) & set(" \t")
    except ValueError:
        return False


def _name(element: etree._Element) -> str:
    return str(etree.QName(element).localname)


def _all(element: etree._Element, name: str) -> Iterator[etree._Element]:
    """Elements of a name below ``element``, whatever their namespace."""
    return (found for found in element.iter(f"{{*}}{name}") if found is not element)


def _text(element: etree._Element, name: str) -> str:
    """The text of the first child of a name; "" when there is none."""
    found = element.find(f"{{*}}{name}")
    return str(found.text or "").strip() if found is not None else ""
