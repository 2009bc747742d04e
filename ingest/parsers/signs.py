"""By which bytes file types are told, whatever the file is called."""

from __future__ import annotations

import re

from ingest.connectors import outlook
from ingest.parsers.decoding import utf16_of
from records import Raw
from vision.pictures import is_heif

_HTML_DOCUMENT = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*|<!--.*?-->\s*)*<(?:!doctype\s+html|html[\s>])", re.IGNORECASE | re.DOTALL
)
_HTML_FRAGMENT = re.compile(
    r"\s*<(?:head|body|title|meta|main|article|section|div|table|p|h[1-6]|ul|ol|script|style)[\s>]", re.IGNORECASE
)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"II*\0", b"MM\0*")
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")


def is_package(kind: str, raw: Raw) -> bool:
    """Return whether it is a ZIP file that says it is of the Office or EPUB ``kind``."""
    if not raw.data.startswith(b"PK"):
        return False
    from ingest.parsers.office.package import package_type

    return package_type(raw.data) == kind


def is_rtf(raw: Raw) -> bool:
    """Return whether it begins as RTF does."""
    return raw.data.lstrip()[:5] == b"{\\rtf"


def is_msg(raw: Raw) -> bool:
    """Return whether it is a mail as Outlook keeps one."""
    return outlook.is_msg(raw.data)


def is_html(raw: Raw) -> bool:
    """Return whether it begins as an HTML document does; a fragment may as well stand at the top of a Markdown file."""
    return bool(_HTML_DOCUMENT.match(_head(raw.data)))


def is_picture(raw: Raw) -> bool:
    """Return whether it begins as a picture does that can be read."""
    data = raw.data
    is_bmp = data[:2] == b"BM" and int.from_bytes(data[2:6], "little") == len(data)
    return data.startswith(_PICTURES) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP") or is_bmp or is_heif(data)


def looks_like_html(raw: Raw) -> bool:
    """Return whether it begins with a tag, as a fragment of HTML does."""
    return bool(_HTML_FRAGMENT.match(_head(raw.data)))


def _head(data: bytes) -> str:
    head = data[:4096]
    if head.startswith(_UTF16_BOMS):
        return head.decode("utf-16", errors="replace")
    if unmarked := utf16_of(data):
        return head.decode(unmarked, errors="replace")
    return head.removeprefix(b"\xef\xbb\xbf").decode("latin-1")


def is_binary(data: bytes) -> bool:
    """Return whether no text begins so: control characters are rare in text of any encoding but UTF-16."""
    head = data[:65536]
    return not (head.startswith(_UTF16_BOMS) or utf16_of(data)) and len(_CONTROL.findall(head)) > max(
        1, len(head) // 500
    )
