"""What sources are called on the page: by the names people gave, never by where they lie on the server."""

from __future__ import annotations

from pathlib import PurePath

from ingest.connectors.address import is_url
from records import Principal, Source


def name_of(source: str) -> str:
    """Return a source's name for people: the file's name, or the link itself."""
    return source if is_url(source) else PurePath(source).name or source


def shown_name(source: Source) -> str:
    """Return the name that somebody gave to a source, or its title, or that of its file."""
    return source.name or source.title or name_of(source.source)


def told_source(source: str, principal: Principal) -> str:
    """Return ``source`` as a program is told of it that acts for ``principal``: paths of this machine for those alone who
    look after it."""
    return source if principal.everything or principal.manages else name_of(source)
