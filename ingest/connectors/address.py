"""What the name of a source says: whether it is a file or a link, and what the source may be called."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit


def scheme_of(source: str) -> str:
    """Return what stands before ``://`` in small letters, "https" for one; "" for a path of a file."""
    scheme, mark, _ = source.partition("://")
    return scheme.lower() if mark and "/" not in scheme else ""


def is_path(source: str) -> bool:
    """Return whether a source is a file of this machine, or a folder."""
    return not scheme_of(source)


def is_url(source: str) -> bool:
    """Return whether a source is a link to the web."""
    return scheme_of(source) in ("http", "https")


def stored_names(source: str) -> tuple[str, ...]:
    """Return the names by which a source may be known that somebody calls ``source``: that, and of a file its whole path."""
    return (source, str(Path(source).expanduser().resolve())) if is_path(source) else (source,)


def suffix_of(source: str) -> str:
    """Return the suffix of a source's name in small letters, ".pdf" for one; "" when it has none."""
    return _path(source).suffix.lower()


def source_name(source: str) -> str:
    """Return a title for a source without one: the last part of its path, without the suffix."""
    return re.sub(r"[_\s]+", " ", _path(source).stem).strip() or source


def _path(source: str) -> PurePosixPath:
    return PurePosixPath(unquote(urlsplit(source).path) if is_url(source) else source)
