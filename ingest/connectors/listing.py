"""What is at a place now, whole or not: a folder, a list of links, a sitemap, a feed, or what another connector lists."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import unquote, urldefrag, urlsplit

from config import Settings
from errors import FetchError
from ingest.connectors.address import is_path, is_url
from ingest.connectors.base import Item, Place, Selection
from ingest.connectors.download import download
from ingest.connectors.files import Files
from ingest.connectors.listed import Listed, parse
from ingest.connectors.registry import connector_of
from ingest.connectors.web import network
from records import Loss

MAX_ITEMS = 50_000  # of a place on the web; the sitemaps protocol allows as many in one file
MAX_LISTS = 200  # files that one index of sitemaps may lead to


@dataclass(frozen=True)
class Listing:
    """The sources at a place."""

    items: tuple[Item, ...] = ()
    problems: tuple[Loss, ...] = ()  # parts that could not be listed: what is not listed may still be there
    notes: tuple[Loss, ...] = ()  # what was left out on purpose
    window: bool = False  # only the newest are listed


def listing_of(location: str, selection: Selection, settings: Settings) -> Listing:
    """Return what is at ``location``: an absolute path of a file or folder, a link, or what another connector lists.

    Raises:
        FetchError: nothing could be listed; what was there before may still be.
    """
    if is_url(location):
        return _on_the_web(location, replace(selection, suffixes=None), settings)
    if is_path(location):
        return Listing(tuple(Files(whole=True).list(location, selection)))
    connector = connector_of(location)
    if isinstance(connector, Place):
        return Listing(_once(connector.list_place(location, selection, settings)))
    return Listing(_once(connector.list(location, selection)))


def _on_the_web(url: str, selection: Selection, settings: Settings) -> Listing:
    items: list[Item] = []
    problems: list[Loss] = []
    notes: list[Loss] = []
    window = False
    waiting, seen = [url], {url}
    while waiting:
        here = waiting.pop(0)
        try:
            answer = download(
                here, max_bytes=settings.max_source_bytes, settings=settings, hop=network(settings.allow_hosts)
            )
            listed = parse(answer.data, answer.url, settings.max_source_bytes)
        except FetchError as error:
            if here == url:
                raise
            problems.append(Loss(here, str(error)))
            continue
        if listed is None:
            if here == url:
                return Listing((Item(url),))  # a page like any other
            problems.append(Loss(here, "It is no sitemap."))
            continue
        window = window or listed.window
        own, foreign = _sorted_out(listed, {_host(url), _host(answer.url)})
        if foreign:
            notes.append(Loss(here, f"{len(foreign)} links that lead elsewhere were left out, such as {foreign[0]}."))
        items += own.items
        waiting += [child for child in own.children if child not in seen]
        seen.update(own.children)
        if len(seen) > MAX_LISTS or len(items) > MAX_ITEMS:
            raise FetchError(
                f"{url} lists too much: more than {MAX_ITEMS:,} links, or {MAX_LISTS} lists. Name one of its parts."
            )
    taken = _once(item for item in items if selection.takes(_path(item.source)))
    return Listing(taken, tuple(problems), tuple(notes), window)


def _sorted_out(listed: Listed, hosts: set[str]) -> tuple[Listed, list[str]]:
    """What a list may name, and the links that it may not: none but http and https, and of a site's own list the site's."""

    def allowed(link: str) -> bool:
        return is_url(link) and (_host(link) in hosts or not listed.own_site)

    items = tuple(item for item in listed.items if allowed(item.source))
    children = tuple(child for child in listed.children if allowed(child))
    foreign = [link for link in (*(item.source for item in listed.items), *listed.children) if not allowed(link)]
    return replace(listed, items=items, children=children), foreign


def _once(items: Iterable[Item]) -> tuple[Item, ...]:
    """Each source once, the first version of it; the part of a page that a link points to does not count."""
    found: dict[str, Item] = {}
    for item in items:
        source = urldefrag(item.source).url if is_url(item.source) else item.source
        found.setdefault(source, Item(source, item.version))
    return tuple(found.values())


def _host(url: str) -> str:
    try:
        return (urlsplit(url).netloc.rpartition("@")[2]).lower()
    except ValueError:
        return ""


def _path(url: str) -> str:
    """The path of a link without its first stroke: what patterns are held against."""
    return unquote(urlsplit(url).path).lstrip("/") or "index"
