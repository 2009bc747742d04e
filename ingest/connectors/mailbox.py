"""Mailboxes by IMAP: imaps://host/MAILBOX with TLS, imap://host/MAILBOX without. A mail is called as RFC 5092 has it,
imaps://host/INBOX;UIDVALIDITY=7/;UID=12, and never changes; nothing is marked as read."""

from __future__ import annotations

import imaplib
import re
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.parser import BytesParser
from typing import Any
from urllib.parse import unquote

from config import Settings
from errors import FetchError
from ingest.connectors.attachments import header_text
from ingest.connectors.base import EVERYTHING, Item, Selection
from ingest.connectors.credentials import EXAMPLE, login_for
from ingest.connectors.guard import Guard
from records import Raw

MAX_MAILS = 50_000  # of one mailbox
AT_ONCE = 500  # mails whose subjects are asked for together
_MAIL = re.compile(r"(?P<box>.+);UIDVALIDITY=(?P<validity>\d+)/;UID=(?P<uid>\d+)")
_UID = re.compile(rb"UID (\d+)")


@dataclass(frozen=True)
class Mailbox:
    """Connector of mailboxes."""

    def list(self, location: str, selection: Selection = EVERYTHING) -> Iterator[Item]:
        """Yield the mail itself, which does not change."""
        yield Item(location, location.rpartition("/")[2] if _MAIL.fullmatch(_split(location)[3]) else "")

    def list_place(self, location: str, selection: Selection, settings: Settings) -> Iterator[Item]:
        """Yield the mails of a mailbox, INBOX where none is named. Patterns are held against the subject.

        Raises:
            FetchError: it cannot be listed, or holds too many.
        """
        scheme, host, port, box = _split(location)
        box = box.strip("/") or "INBOX"
        with _connected(location, settings) as mail:
            validity = _examine(mail, box, location)
            found = _said(mail.uid("SEARCH", "ALL"), location)
            uids = [int(uid) for uid in b" ".join(part for part in found if isinstance(part, bytes)).split()]
            if len(uids) > MAX_MAILS:
                raise FetchError(f"{location} holds more than {MAX_MAILS:,} mails. Name another mailbox.")
            subjects = _subjects(mail, uids, location) if selection.include or selection.exclude else {}
        place = f"{scheme}://{host}{'' if port in (143, 993) else f':{port}'}/{box};UIDVALIDITY={validity}"
        chosen = Selection(None, selection.include, selection.exclude)
        for uid in uids:
            if chosen.takes(subjects.get(uid, "")):
                yield Item(f"{place}/;UID={uid}", f";UID={uid}")

    def read(self, source: str, *, settings: Settings) -> Raw:
        """Return a mail as it came.

        Raises:
            FetchError: it is gone, too large, or the server cannot be used.
        """
        named = _MAIL.fullmatch(_split(source)[3])
        if named is None:
            raise FetchError(f"{source} is a mailbox. Read it by a sync: python -m ingest --sync NAME --from {source}")
        with _connected(source, settings) as mail:
            if _examine(mail, named["box"], source) != named["validity"]:
                raise FetchError(f"{source} is gone: the server has numbered this mailbox anew.")
            size = _said(mail.uid("FETCH", named["uid"], "(RFC822.SIZE)"), source)
            stated = re.search(rb"RFC822\.SIZE (\d+)", b" ".join(part for part in size if isinstance(part, bytes)))
            if stated is None:
                raise FetchError(f"{source} is not there any more.")
            if int(stated[1]) > settings.max_source_bytes:
                raise FetchError(
                    f"{source} is too large: {int(stated[1]):,} bytes, the limit is {settings.max_source_bytes:,}."
                )
            parts = _said(mail.uid("FETCH", named["uid"], "(BODY.PEEK[])"), source)
        data = next((part[1] for part in parts if isinstance(part, tuple)), b"")
        return Raw(source=source, data=data, media_type="message/rfc822")


class _Imap(imaplib.IMAP4):
    """A connection to where ``guard`` lets it go, that takes no more bytes and no more time than it may."""

    def __init__(self, host: str, port: int, guard: Guard, *, tls: bool, settings: Settings) -> None:
        self._guard = guard
        self._tls = ssl.create_default_context() if tls else None
        self._seconds = settings.fetch_timeout
        self._deadline = time.monotonic() + self._seconds
        self._left = settings.max_source_bytes + 20_000_000  # bytes: one mail, and lists
        super().__init__(host, port, timeout=self._seconds)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        failed: OSError | None = None
        for address in self._guard.addresses(self.host, self.port):
            try:
                plain = socket.create_connection((address, self.port), timeout)
            except OSError as error:
                failed = error
                continue
            return self._tls.wrap_socket(plain, server_hostname=self.host) if self._tls else plain
        raise failed or OSError("it has no address")

    def read(self, size: int) -> bytes:
        """Read ``size`` bytes of an answer."""
        self._take(size)
        return super().read(size)

    def readline(self) -> bytes:
        """Read a line of an answer."""
        self._take(0)
        line = super().readline()
        self._take(len(line))
        return line

    def _take(self, size: int) -> None:
        left = self._deadline - time.monotonic()
        self._left -= size
        if left <= 0 or self._left < 0:
            raise self.abort("it took too long" if left <= 0 else "it sends more than was asked for")
        self.sock.settimeout(left)


def _split(location: str) -> tuple[str, str, int, str]:
    """Scheme, host, port and what follows them, decoded."""
    scheme, _, rest = location.partition("://")
    place, _, box = rest.partition("/")
    host, mark, port = place.partition(":")
    if not host or "@" in place or (mark and not port.isdigit()):
        raise FetchError(f"{location} names no host. Write imaps://host/INBOX; a login belongs into SYNC_CREDENTIALS.")
    return scheme.lower(), host, int(port) if mark else 993 if scheme.lower() == "imaps" else 143, unquote(box)


@contextmanager
def _connected(location: str, settings: Settings) -> Iterator[_Imap]:
    scheme, host, port, _ = _split(location)
    login = login_for(f"{host}:{port}", settings, encrypted=scheme == "imaps")
    if login is None:
        raise FetchError(f"{location} needs a login. Example: {EXAMPLE}")
    try:
        mail = _Imap(host, port, Guard.of(settings.allow_hosts), tls=scheme == "imaps", settings=settings)
        try:
            mail.login(*login)
            yield mail
        finally:
            with suppress(OSError, imaplib.IMAP4.error):
                mail.logout()
    except imaplib.IMAP4.error as error:
        said = str(error).replace(login[1], "…") if login[1] else str(error)
        raise FetchError(
            f"{location} cannot be read: the server says {said[:200]!r}."
        ) from None  # the cause may show a login
    except OSError as error:
        raise FetchError(f"{location} cannot be reached: {error.strerror or error or type(error).__name__}.") from error


def _examine(mail: _Imap, box: str, location: str) -> str:
    """Open a mailbox to read alone; return the number that tells whether its mails are numbered as before."""
    if set(box) & set('"\\\r\n\0'):
        raise FetchError(f"{location} names no mailbox.")
    _said(mail.select(f'"{box}"', readonly=True), location)
    validity = mail.response("UIDVALIDITY")[1]
    return validity[0].decode() if validity and isinstance(validity[0], bytes) else "0"


def _subjects(mail: _Imap, uids: list[int], location: str) -> dict[int, str]:
    subjects: dict[int, str] = {}
    for start in range(0, len(uids), AT_ONCE):
        some = ",".join(map(str, uids[start : start + AT_ONCE]))
        for part in _said(mail.uid("FETCH", some, "(UID BODY.PEEK[HEADER.FIELDS (SUBJECT)])"), location):
            if isinstance(part, tuple) and (uid := _UID.search(part[0])):
                subjects[int(uid[1])] = header_text(BytesParser().parsebytes(part[1]).get("Subject"))
    return subjects


def _said(answer: tuple[str, list[Any]], location: str) -> list[Any]:
    status, parts = answer
    if status != "OK":
        said = parts[0].decode(errors="replace")[:200] if parts and isinstance(parts[0], bytes) else status
        raise FetchError(f"{location} cannot be read: the server says {said!r}.")
    return parts
