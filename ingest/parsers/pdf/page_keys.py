"""What a page of a PDF is made of, as one short key: pages with equal keys are read alike, in whatever file they stand.

A key covers all that a page refers to (contents, fonts, pictures, notes, form fields), whatever the numbers of these objects
are, so that a page keeps its key when others are put in before it or the file is written anew.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any

_REFERENCE = re.compile(r"\b(\d+) 0 R\b")
# what leads from an object back to its page, or on to others
_ABOVE = re.compile(r"/(?:Parent|P|B|Dest|D|Prev|Next)\s*(?:\d+ 0 R|\[\s*\d+ 0 R[^\]]*\])|/StructParents?\s*\d+")
_INHERITED = ("Resources", "MediaBox", "CropBox", "Rotate")  # by a page from what stands above it
DEEPEST = 40  # objects below each other


def page_keys(document: Any) -> tuple[str, ...]:
    """Return a key for each page of an open PDF; "" for one that cannot be told by its objects: they lead back to themselves,
    or a form field's value may stand elsewhere."""
    known: dict[int, str] = {}
    # which layers are shown is said once for all pages
    layers = document.xref_get_key(document.pdf_catalog(), "OCProperties")[1]
    return tuple(_key(document, number, layers, known) for number in range(document.page_count))


def _key(document: Any, number: int, layers: str, known: dict[int, str]) -> str:
    try:
        if next(document[number].widgets(), None) is not None:
            return ""
        at = document.page_xref(number)
        said = [layers, document.xref_object(at, compressed=True)]
        above = document.xref_get_key(at, "Parent")
        for _ in range(DEEPEST):
            if above[0] != "xref":
                return _digest(document, "\n".join(said), known)
            parent = int(above[1].split()[0])
            said += [f"/{name} {document.xref_get_key(parent, name)[1]}" for name in _INHERITED]
            above = document.xref_get_key(parent, "Parent")
    except (RuntimeError, ValueError):
        pass  # MuPDF cannot read an object, or it leads back to itself
    return ""


def _digest(document: Any, text: str, known: dict[int, str], depth: int = 0) -> str:
    """The hash of an object's text, with the hash of what each reference leads to in place of the reference."""
    if depth > DEEPEST:
        raise ValueError("too deep")

    def resolved(reference: re.Match[str]) -> str:
        at = int(reference[1])
        if at not in known:
            known[at] = ""  # until all below it is known
            inner = _digest(document, document.xref_object(at, compressed=True), known, depth + 1)
            stream = document.xref_stream_raw(at) if document.xref_is_stream(at) else None
            known[at] = hashlib.sha256(inner.encode() + (stream or b"")).hexdigest()
        if not known[at]:
            raise ValueError("leads back to itself")
        return known[at]

    return hashlib.sha256(_REFERENCE.sub(resolved, _ABOVE.sub("", text)).encode()).hexdigest()
