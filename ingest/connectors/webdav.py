"""Folders on WebDAV servers (RFC 4918): webdav://host/path over https, webdav+http://host/path without encryption."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, unquote, urljoin, urlsplit

from config import Settings
from errors import FetchError
from ingest.connectors.base import EVERYTHING, Item, Selection
from ingest.connectors.credentials import basic, login_for
from ingest.connectors.remote import MAX_LIST_BYTES, request, xml_of
from records import Raw

MAX_FOLDERS = 5_000  # below one place
MAX_ITEMS = 50_000
_ASKED = (
    b'<?xml version="1.0"?><propfind xmlns="DAV:"><prop><resourcetype/><getetag/><getlastmodified/><getcontentlength/>'
    b"</prop></propfind>"
)


@dataclass(frozen=True)
class WebDav:
    """Connector of WebDAV. The version of a file is its ETag, time of change and size; names are not percent-encoded."""

    def list(self, location: str, selection: Selection = EVERYTHING) -> Iterator[Item]:
        """Yield the file itself; whether it has changed, reading it tells."""
        yield Item(location)

    def list_place(self, location: str, selection: Selection, settings: Settings) -> Iterator[Item]:
        """Yield the files below ``location`` that ``selection`` takes, folder by folder; hidden ones are left out.

        Raises:
            FetchError: one of the folders cannot be listed, or there is too much.
        """
        top = location.rstrip("/")
        waiting, folders, items = [top + "/"], 0, 0
        while waiting:
            folder = waiting.pop(0)
            folders += 1
            for name, is_folder, version in _members(folder, settings):
                relative = name.removeprefix(top).strip("/")
                if name.rstrip("/").rpartition("/")[2].startswith(".") or selection.excludes(relative):
                    continue
                if is_folder:
                    waiting.append(name.rstrip("/") + "/")
                elif selection.takes(relative):
                    items += 1
                    yield Item(name, version)
            if folders + len(waiting) > MAX_FOLDERS or items > MAX_ITEMS:
                raise FetchError(
                    f"{location} lists too much: more than {MAX_ITEMS:,} files or {MAX_FOLDERS:,} folders. Name a part of it."
                )

    def read(self, source: str, *, settings: Settings) -> Raw:
        """Return the bytes of a file.

        Raises:
            FetchError: as ``request``.
        """
        answer = request(
            _link(source), source, settings, headers=_login(source, settings), max_bytes=settings.max_source_bytes
        )
        return Raw(source=source, data=answer.data, media_type=answer.media_type, charset=answer.charset)


def _link(source: str) -> str:
    scheme, _, rest = source.partition("://")
    host, stroke, path = rest.partition("/")
    if not host or "@" in host:
        raise FetchError(f"{source} names no host alone. A login belongs into SYNC_CREDENTIALS, not into the address.")
    return f"{'http' if scheme.lower() == 'webdav+http' else 'https'}://{host}{stroke}{quote(path)}"


def _login(source: str, settings: Settings) -> dict[str, str]:
    link = urlsplit(_link(source))
    return basic(login_for(link.netloc, settings, encrypted=link.scheme == "https"))


def _members(folder: str, settings: Settings) -> Iterator[tuple[str, bool, str]]:
    """What lies in ``folder``: its name, whether it is a folder, its version. What is named elsewhere is left."""
    link = _link(folder)
    answer = request(
        link,
        folder,
        settings,
        method="PROPFIND",
        headers={**_login(folder, settings), "Depth": "1", "Content-Type": "application/xml"},
        content=_ASKED,
        max_bytes=MAX_LIST_BYTES,
        status=207,
    )
    here = urlsplit(link)
    before = folder.removesuffix(unquote(here.path))
    for entry in xml_of(answer.data, folder).iter("{DAV:}response"):
        there = urlsplit(urljoin(link, (entry.findtext("{DAV:}href") or "").strip()))
        path = unquote(there.path)
        inside = path.startswith(unquote(here.path)) and ".." not in path.split("/")
        if there.netloc != here.netloc or not inside or path.rstrip("/") == unquote(here.path).rstrip("/"):
            continue
        if "/" in path.removeprefix(unquote(here.path)).strip("/"):
            continue  # deeper than was asked for
        fields = (
            entry.findtext(f".//{{DAV:}}{name}") or "" for name in ("getetag", "getlastmodified", "getcontentlength")
        )
        version = "/".join(fields)
        yield before + path, entry.find(".//{DAV:}collection") is not None, version if version.strip("/") else ""
