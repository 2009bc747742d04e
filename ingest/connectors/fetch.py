"""The bytes of a source, and what kind of thing they are."""

from __future__ import annotations

import mimetypes
import re
import stat
from functools import lru_cache
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from config import Settings
from errors import FetchError, ParseError
from ingest.connectors.download import Hop, HttpHop, download
from ingest.connectors.expand import is_url
from ingest.connectors.guard import Guard
from ingest.connectors.robots import Polite
from records import Raw, SourceKind

SUPPORTED = "PDF, HTML, Markdown, plain text, PNG, JPEG and WebP"

_BY_MEDIA_TYPE: dict[str, SourceKind] = {
    "application/pdf": "pdf",
    "text/html": "web",
    "application/xhtml+xml": "web",
    "text/markdown": "markdown",
    "text/x-markdown": "markdown",
    "image/png": "image",
    "image/jpeg": "image",
    "image/webp": "image",
}
_BY_SUFFIX: dict[str, SourceKind] = {
    ".pdf": "pdf",
    ".html": "web",
    ".htm": "web",
    ".xhtml": "web",
    ".md": "markdown",
    ".markdown": "markdown",
    ".txt": "text",
    ".text": "text",
    ".png": "image",
    ".jpg": "image",
    ".jpeg": "image",
    ".webp": "image",
}
# A document says what it is; a fragment may as well stand at the top of a Markdown file.
_HTML_DOCUMENT = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*|<!--.*?-->\s*)*<(?:!doctype\s+html|html[\s>])", re.IGNORECASE | re.DOTALL
)
_HTML_FRAGMENT = re.compile(
    r"\s*<(?:head|body|title|meta|main|article|section|div|table|p|h[1-6]|ul|ol|script|style)[\s>]", re.IGNORECASE
)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")


@lru_cache(maxsize=8)
def network(allow_hosts: tuple[str, ...]) -> Hop:
    """The way to the web of this process: what it has read of a site's robots.txt serves for the next source too."""
    return Polite(HttpHop(Guard.of(allow_hosts)))


def read_source(source: str, settings: Settings, *, hop: Hop | None = None) -> Raw:
    """The bytes of a file or link.

    Raises:
        FetchError: it does not exist, may not be read, is too large, too slow, or the server refuses it.
    """
    if is_url(source):
        hop = hop or network(settings.allow_hosts)
        answer = download(source, max_bytes=settings.max_source_bytes, settings=settings, hop=hop)
        return Raw(
            source=source, data=answer.data, media_type=answer.media_type, charset=answer.charset, url=answer.url
        )
    if "://" in source:
        raise FetchError(f"{source} is not a file, and of links only http and https can be read.")
    data = read_file(Path(source), settings.max_source_bytes)
    return Raw(source=source, data=data, media_type=mimetypes.guess_type(source)[0] or "")


def read_file(path: Path, max_bytes: int) -> bytes:
    """The bytes of a regular file of at most ``max_bytes``.

    Raises:
        FetchError: it is missing, unreadable, too large, or no regular file (a pipe would block for ever).
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise FetchError(f"{path} is not a file.")
        if status.st_size > max_bytes:
            raise FetchError(f"{path} is too large: {status.st_size:,} bytes, the limit is {max_bytes:,}.")
        return path.read_bytes()
    except FileNotFoundError as error:
        raise FetchError(f"{path} does not exist.") from error
    except (OSError, ValueError) as error:
        raise FetchError(f"{path} cannot be read: {error}.") from error


def sniff(raw: Raw) -> SourceKind:
    """What a source is: by its content where that is certain, then by the server's word, then by its name.

    Raises:
        ParseError: it is empty, or binary of a kind that is not supported.
    """
    if not raw.data.strip(b"\0 \t\r\n"):
        raise ParseError(f"{raw.source} is empty.")
    certain = _by_magic(raw.data) or ("web" if _HTML_DOCUMENT.match(_head(raw.data)) else None)
    if certain:
        return certain
    suffix = PurePosixPath(unquote(urlsplit(raw.url or raw.source).path if is_url(raw.source) else raw.source)).suffix
    named = _BY_MEDIA_TYPE.get(raw.media_type) or _BY_SUFFIX.get(suffix.lower())
    if named in ("pdf", "image"):
        return named  # damaged perhaps; its parser says so
    if _is_binary(raw.data):
        kind = raw.media_type or suffix or "unknown"
        raise ParseError(
            f"{raw.source} is a binary file of a kind that cannot be read ({kind}). Supported: {SUPPORTED}."
        )
    if named:
        return named
    return "web" if _HTML_FRAGMENT.match(_head(raw.data)) else "text"


def _by_magic(data: bytes) -> SourceKind | None:
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if data.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP"):
        return "image"
    return None


def _head(data: bytes) -> str:
    head = data[:4096]
    if head.startswith(_UTF16_BOMS):
        return head.decode("utf-16", errors="replace")
    return head.removeprefix(b"\xef\xbb\xbf").decode("latin-1")


def _is_binary(data: bytes) -> bool:
    """Control characters are rare in text in any encoding but UTF-16, which announces itself by a byte order mark."""
    head = data[:65536]
    return not head.startswith(_UTF16_BOMS) and len(_CONTROL.findall(head)) > max(1, len(head) // 500)
