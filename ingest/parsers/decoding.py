"""From bytes to text, whatever the encoding."""

from __future__ import annotations

import codecs

from bs4.dammit import EncodingDetector
from charset_normalizer import from_bytes

# What pages call these encodings is, by the WHATWG encoding standard, the larger one.
_LARGER = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
}
ZEROS = 0.4  # share of every other byte that is 0 at least in UTF-16
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark is the start of this one
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def decode(data: bytes, *, charset: str = "", html: bool = False) -> str:
    """Return the text of ``data``: by its byte order mark, as UTF-16 without one, by the server's ``charset``, by its
    ``<meta>``, as UTF-8, or as guessed.

    An encoding that does not fit the bytes is passed over; when none fits, the first one named is used and the bytes
    that it cannot read become U+FFFD. Never fails.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, errors="replace")
    if unmarked := utf16_of(data):
        return data.decode(unmarked, errors="replace")
    declared = EncodingDetector.find_declared_encoding(data, is_html=True) if html else None
    named = [encoding for encoding in (_codec(charset), _meta(declared)) if encoding]
    for encoding in (*named, "utf-8"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    if not named:
        guess = from_bytes(data[:100_000]).best()
        named = [_codec(guess.encoding) if guess else "cp1252"]
    return data.decode(named[0], errors="replace")


def utf16_of(data: bytes) -> str:
    """Return "utf-16-le" or "utf-16-be" where bytes without a mark are text in it, "" where they are not: every other byte of
    Latin letters, blanks and signs is 0 there, and no others are."""
    head = data[:4096]
    if len(head) < 4 or len(data) % 2:
        return ""
    half = len(head) // 2
    zeros = [head[start::2].count(0) for start in (0, 1)]
    if max(zeros) < ZEROS * half or min(zeros) > half // 100:
        return ""
    codec = "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"
    text = head[: 2 * half].decode(codec, errors="replace")
    strange = sum(not (sign.isprintable() or sign.isspace()) or sign == "\ufffd" for sign in text)
    return codec if strange <= len(text) // 100 else ""


def _codec(label: str) -> str:
    """Python's name for a charset label, "" when it has none or is no text encoding."""
    try:
        name = codecs.lookup(label.strip().strip("\"'")).name
        "".encode(name)
    except (LookupError, ValueError):
        return ""
    return _LARGER.get(name, name)


def _meta(label: str | None) -> str:
    # A <meta> that could be read as ASCII cannot stand in a UTF-16 page (HTML standard, prescan step 14).
    name = _codec(label) if label else ""
    return "utf-8" if name.startswith(("utf-16", "utf-32")) else name
