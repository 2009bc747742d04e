"""Encrypted PDFs, opened by a password. What is kept of one is not encrypted any more: its text is in the index anyway."""

from __future__ import annotations

from dataclasses import replace

from errors import ParseError, PasswordError
from records import Raw


def unlocked(raw: Raw, password: str) -> Raw:
    """Return a PDF without encryption; as it is where it opens without a password.

    Raises:
        ParseError: it is broken.
        PasswordError: it wants a password, or another one. The password is never in the message.
    """
    import pymupdf

    try:
        with pymupdf.open(stream=raw.data, filetype="pdf") as document:
            if not document.needs_pass:
                return raw
            if not password:
                raise PasswordError(
                    f"{raw.source} is encrypted. Add it again with its password: --password, or on the page under Documents."
                )
            if not document.authenticate(password):
                raise PasswordError(f"{raw.source} is encrypted, and the password does not open it. Try another one.")
            return replace(raw, data=document.tobytes(encryption=pymupdf.PDF_ENCRYPT_NONE))
    except (RuntimeError, ValueError):
        # None: MuPDF's own errors cannot leave the process
        raise ParseError(f"{raw.source} is broken: it does not open as a PDF. Get a fresh copy of it.") from None
