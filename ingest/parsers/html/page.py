"""A web page as a document: headings, text, tables and pictures of its main content, in reading order."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urljoin

from bs4 import BeautifulSoup, Tag

from config import Settings
from errors import ParseError
from ingest.connectors.address import is_path, source_name
from ingest.connectors.download import Hop
from ingest.connectors.web import network
from ingest.parsers.base import AssetSink
from ingest.parsers.decoding import decode
from ingest.parsers.html.blocks import read_blocks
from ingest.parsers.html.boilerplate import find_content, whole_body
from ingest.parsers.html.deleted import without_deleted
from ingest.parsers.html.elsewhere import not_followed
from ingest.parsers.html.images import ImageLoader
from ingest.parsers.html.pictures import place_pictures
from ingest.parsers.html.tree import attribute
from records import Document, Element, Raw


def parse_web(raw: Raw, *, assets: AssetSink, settings: Settings, hop: Hop | None = None) -> Document:
    """Return a page of HTML as a document of one page without rectangles.

    Raises:
        ParseError: there is no content in it.
    """
    return parse_html(
        decode(raw.data, charset=raw.charset, html=True), raw=raw, kind="web", assets=assets, settings=settings, hop=hop
    )


def parse_html(
    html: str,
    *,
    raw: Raw,
    kind: str,
    assets: AssetSink,
    settings: Settings,
    title: str = "",
    hop: Hop | None = None,
) -> Document:
    """Return HTML text as a document; ``title`` wins over the page's own.

    Raises:
        ParseError: there is no content in it.
    """
    # A null character would end the text for the parser.
    soup = BeautifulSoup(html.replace("\0", ""), "lxml")
    base = _base(soup, raw)
    titles = _titles(soup)
    lost = [*not_followed(soup), *without_deleted(soup)]
    content, hidden = find_content(soup)
    blocks = read_blocks(content)
    if not blocks:
        whole = BeautifulSoup(html.replace("\0", ""), "lxml")
        without_deleted(whole)
        blocks = read_blocks(whole_body(whole))
    loader = ImageLoader(raw, base, settings, hop or network(settings.allow_hosts))
    elements, losses = place_pictures(blocks, loader, assets)
    if not elements:
        raise ParseError(f"{raw.source} has no readable content; a page that scripts fill in must be saved first.")
    return Document(
        source=raw.source,
        kind=kind,
        title=title or _choose_title(titles, elements) or source_name(raw.source),
        pages=1,
        elements=tuple(elements),
        losses=(*losses, *hidden, *lost),
    )


def _base(soup: BeautifulSoup, raw: Raw) -> str:
    """What relative addresses start from."""
    address = raw.url or (Path(raw.source).resolve().as_uri() if is_path(raw.source) else raw.source)
    tag = soup.find("base", href=True)
    try:
        return urljoin(address, attribute(tag, "href")) if isinstance(tag, Tag) else address
    except ValueError:
        return address


def _titles(soup: BeautifulSoup) -> list[str]:
    """What the page calls itself, the most telling first; read before anything is taken out of it."""
    found = [soup.title.get_text(" ")] if soup.title else []
    found += [attribute(tag, "content") for tag in soup.find_all("meta", property="og:title")]
    return [" ".join(text.split()) for text in found if text.strip()]


def _choose_title(titles: list[str], elements: list[Element]) -> str:
    """The first heading when the page's title contains it, since that adds the name of the site; else the title."""
    heading = next((" ".join(element.text.split()) for element in elements if element.heading), "")
    if not titles:
        return heading
    return heading if heading and heading.lower() in titles[0].lower() else titles[0]
