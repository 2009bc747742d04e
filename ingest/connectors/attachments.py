"""What is attached to mails: sources of their own, named after their mail (``store.attached``)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesParser

from config import Settings
from errors import FetchError
from ingest.connectors.base import EVERYTHING, Item, Selection
from ingest.connectors.outlook import mime_of
from records import Raw
from store.attached import belongs_to, depth_of

MAX_DEPTH = 3  # mails in mails that are opened
MAX_ATTACHED = 100  # to one mail
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_UNSAFE = re.compile(r"[\x00-\x1f\x7f/\\]+")


@dataclass(frozen=True)
class Attached:
    """One file that is attached to a mail."""

    name: str  # unique among those of the mail
    data: bytes
    media_type: str = ""


def attached_to(data: bytes) -> list[Attached]:
    """Return the files that are attached to the mail in ``data`` (MIME or Outlook's), at most ``MAX_ATTACHED``."""
    found = list(_mime_attachments(BytesParser().parsebytes(mime_of(data))))
    named: dict[str, Attached] = {}
    for one in found[:MAX_ATTACHED]:
        name, number = one.name, 2
        while name in named:
            stem, dot, suffix = one.name.rpartition(".")
            name = f"{stem or suffix}-{number}{dot}{suffix if stem else ''}"
            number += 1
        named[name] = Attached(name, one.data, one.media_type)
    return list(named.values())


def parts_of(message: Message) -> Iterator[Message]:
    """Yield the parts of a mail that hold something, in their order; an attached mail is one part."""
    waiting = [message]
    while waiting:
        part = waiting.pop()
        inner = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(inner, list):
            waiting.extend(one for one in reversed(inner) if isinstance(one, Message))
        else:
            yield part


def is_attached(part: Message) -> bool:
    """Tell whether a part is a file of its own: not the text of the mail, nor a picture that stands in it."""
    if part.get_content_type() == "message/rfc822" or part.get_content_disposition() == "attachment":
        return True
    if part.get("Content-ID") and part.get_content_maintype() == "image":
        return False
    return bool(part.get_filename()) or part.get_content_maintype() not in ("text", "multipart")


def header_text(value: object) -> str:
    """Return a header decoded, on one line."""
    text = str(value or "")
    with suppress(LookupError, ValueError):  # an unknown or wrong encoding: as it stands
        text = str(make_header(decode_header(text)))
    return " ".join(_CONTROL.sub(" ", text).split())


def payload(part: Message) -> bytes:
    """Return the bytes of a part."""
    if part.get_content_type() == "message/rfc822":
        inner = part.get_payload()
        return inner[0].as_bytes() if isinstance(inner, list) and inner and isinstance(inner[0], Message) else b""
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def safe_name(name: str, default: str) -> str:
    """Return a file name without strokes and control characters, ``default`` where nothing is left."""
    return " ".join(_UNSAFE.sub("_", name).split()).strip(". ")[:150] or default


def _mime_attachments(message: Message) -> Iterator[Attached]:
    for number, part in enumerate(filter(is_attached, parts_of(message)), start=1):
        name = header_text(part.get_filename())
        if part.get_content_type() == "message/rfc822":
            inner = part.get_payload()
            first = inner[0] if isinstance(inner, list) and inner else None
            subject = header_text(first.get("Subject")) if isinstance(first, Message) else ""
            name = name or f"{subject or f'mail {number}'}.eml"
        yield Attached(safe_name(name, f"attachment {number}"), payload(part), part.get_content_type())


@dataclass(frozen=True)
class Attachments:
    """Connector of attachments. ``read_mail`` reads the source that one belongs to."""

    read_mail: Callable[[str, Settings], Raw]

    def list(self, location: str, selection: Selection = EVERYTHING) -> Iterator[Item]:
        """Yield the attachment itself; whether it has changed, only reading its mail tells."""
        yield Item(location)

    def read(self, source: str, *, settings: Settings) -> Raw:
        """Return the bytes of an attachment.

        Raises:
            FetchError: the mail cannot be read, lies too deep in others, or has no such attachment (any more).
        """
        if depth_of(source) > MAX_DEPTH:
            raise FetchError(f"{source} lies more than {MAX_DEPTH} mails deep.")
        name = source.rpartition("/")[2]
        mail = self.read_mail(belongs_to(source), settings)
        found = next((one for one in attached_to(mail.data) if one.name == name), None)
        if found is None:
            raise FetchError(f"{mail.source} has no attachment {name!r}.")
        return Raw(source=source, data=found.data, media_type=found.media_type)
