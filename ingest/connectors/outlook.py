"""Outlook's own files of mails (.msg), made into mails as all others are, by extract-msg where it is installed."""

from __future__ import annotations

import io
import logging
from email.message import Message

from errors import ParseError

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PROPERTIES = "__properties_version1.0".encode("utf-16-le")  # the stream that only a mail has


def is_msg(data: bytes) -> bool:
    """Return whether the bytes are those of an Outlook file with a mail in it."""
    return data.startswith(_OLE) and _PROPERTIES in data


def mime_of(data: bytes) -> bytes:
    """Return the mail in ``data`` as MIME, which it is already unless it is Outlook's.

    Raises:
        ParseError: extract-msg is not installed, or cannot read it.
    """
    if not is_msg(data):
        return data
    try:
        import extract_msg
    except ImportError as error:
        raise ParseError(
            "Reading Outlook's .msg files needs: pip install extract-msg -c constraints.txt (or save the mail as .eml)."
        ) from error
    logging.getLogger("extract_msg").setLevel(logging.CRITICAL)
    try:
        with extract_msg.openMsg(io.BytesIO(data)) as opened:
            message: Message = opened.asEmailMessage()
            return message.as_bytes()
    except Exception as error:
        raise ParseError(
            f"The mail is damaged ({type(error).__name__}: {str(error)[:200]}). Save it as .eml."
        ) from error
