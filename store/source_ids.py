"""Ids that stand for sources where a name would tell where they lie on this machine: in links, and to programs."""

from __future__ import annotations

import hashlib

LENGTH = 24  # hexadecimal digits: 96 bits


def source_id(source: str) -> str:
    """Return the id of ``source``."""
    return hashlib.sha256(source.encode(errors="surrogatepass")).hexdigest()[:LENGTH]


def is_source_id(text: str) -> bool:
    """Tell whether ``text`` has the form of an id."""
    return len(text) == LENGTH and set(text) <= set("0123456789abcdef")
