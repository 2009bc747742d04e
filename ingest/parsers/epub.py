"""EPUB: the chapters of its spine, each a page, by way of HTML."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from bs4 import BeautifulSoup

from config import Settings
from errors import ParseError
from ingest.connectors.address import source_name
from ingest.parsers.base import AssetSink
from ingest.parsers.decoding import decode
from ingest.parsers.html.fragments import PartPictures, grouped, read_fragment
from ingest.parsers.office.package import Package, resolved
from records import Document, Element, Loss, Raw

_PAGES = ("application/xhtml+xml", "text/html")


def parse_epub(raw: Raw, *, assets: AssetSink, settings: Settings) -> Document:
    """Return an EPUB as a document with a page for each part of its spine; its own table of contents is left out.

    Raises:
        ParseError: it is damaged, protected, unpacks to too much, or holds nothing.
    """
    package = Package(raw.data, raw.source, settings)
    if "META-INF/encryption.xml" in package and b"http://www.idpf.org/2008/embedding" not in package.read(
        "META-INF/encryption.xml"
    ):  # fonts may be scrambled; a book that is has a lock
        raise ParseError(f"{raw.source} is protected against copying and cannot be read.")
    book = next((tag.get("full-path", "") for tag in package.xml("META-INF/container.xml").iter("{*}rootfile")), "")
    root = package.xml(book)
    folder = book.rpartition("/")[0]
    items = {tag.get("id", ""): tag for tag in root.iterfind("{*}manifest/{*}item")}
    spine = [
        items[tag.get("idref", "")] for tag in root.iterfind("{*}spine/{*}itemref") if tag.get("idref", "") in items
    ]
    chapters = [
        resolved(folder, item.get("href", ""))
        for item in spine
        if item.get("media-type") in _PAGES and "nav" not in item.get("properties", "").split()
    ]
    if len(chapters) > settings.max_pages:
        raise ParseError(f"{raw.source} has {len(chapters):,} parts, the limit is {settings.max_pages:,}. Split it.")
    elements: list[Element] = []
    losses: list[Loss] = []
    for page, name in enumerate(chapters, start=1):
        if name not in package:
            losses.append(Loss(f"section {page}", f"its file {name} is missing."))
            continue
        html, pictures = _with_part_addresses(decode(package.read(name), html=True), name, package)
        found, lost = read_fragment(html, PartPictures(settings, pictures), assets, page=page)
        elements += found
        losses += lost
    if not elements:
        raise ParseError(f"{raw.source} has no text, table or picture.")
    title = " ".join((root.findtext("{*}metadata/{http://purl.org/dc/elements/1.1/}title") or "").split())
    return Document(
        source=raw.source,
        kind="epub",
        title=title or source_name(raw.source),
        pages=max(len(chapters), 1),
        elements=tuple(elements),
        losses=grouped(losses),
        unit="section",
    )


def _with_part_addresses(html: str, name: str, package: Package) -> tuple[str, dict[str, Callable[[], bytes]]]:
    """A chapter with the addresses of its pictures as names of parts, and these parts."""
    soup = BeautifulSoup(html, "lxml")
    folder = name.rpartition("/")[0]
    pictures: dict[str, Callable[[], bytes]] = {}
    for tag in soup.find_all("img", src=True):
        part = resolved(folder, str(tag["src"]).partition("#")[0])
        if "://" not in str(tag["src"]) and part in package:
            tag["src"] = part
            pictures[part] = partial(package.read, part)
    return str(soup), pictures
