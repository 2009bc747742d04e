"""What a file says of itself besides its content: author, date, modified, version, subject, keyword, and what else a front
matter names. Read beside the parsers, so that nothing of it is in the text that is searched."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable
from email.parser import BytesHeaderParser
from typing import Any

from lxml import etree

from config import Settings
from errors import ParseError
from ingest.connectors.attachments import header_text
from ingest.connectors.outlook import mime_of
from ingest.parsers.decoding import decode
from ingest.parsers.markdown import front_matter_of
from ingest.parsers.office.package import Package
from records import Fields, Raw
from text.dates import iso_date

MOST = 40  # fields of a source
LONGEST = 200  # characters of a value
DATES = frozenset({"date", "modified"})
_SEVERAL = re.compile(r"\s*;\s*")
_DC = "{http://purl.org/dc/elements/1.1/}"
_TERMS = "{http://purl.org/dc/terms/}"
_CORE = "{http://schemas.openxmlformats.org/package/2006/metadata/core-properties}"
_META = "{urn:oasis:names:tc:opendocument:xmlns:meta:1.0}"
_IN_XML = {
    **{f"{_DC}creator": "author", f"{_DC}subject": "subject", f"{_DC}date": "date"},
    **{f"{_TERMS}created": "date", f"{_TERMS}modified": "modified"},
    **{f"{_CORE}keywords": "keyword", f"{_CORE}version": "version"},
    **{f"{_META}creation-date": "date", f"{_META}keyword": "keyword", f"{_META}initial-creator": "author"},
}
_IN_HTML = {
    **{"author": "author", "article:author": "author", "dc.creator": "author", "keywords": "keyword"},
    **{"article:published_time": "date", "date": "date", "dc.date": "date", "dcterms.created": "date"},
    **{"article:modified_time": "modified", "last-modified": "modified", "dcterms.modified": "modified"},
    **{"version": "version", "article:tag": "keyword"},
}


def stated_fields(kind: str, raw: Raw, settings: Settings) -> Fields:
    """Return what the file ``raw`` of a file type says of itself; () where it says nothing, or nothing that can be read."""
    read = _READ.get(kind)
    if read is None:
        return ()
    with contextlib.suppress(ParseError, RuntimeError, ValueError, KeyError, LookupError, etree.LxmlError):
        return cleaned(read(raw, settings))
    return ()


def cleaned(said: Iterable[tuple[str, str]]) -> Fields:
    """Return fields without empty and repeated ones; dates as ISO 8601 has them, where they are dates."""
    found: dict[tuple[str, str], None] = {}
    for name, value in said:
        text = " ".join(value.replace("\0", "").split())[:LONGEST]
        text = (iso_date(text) or text) if name in DATES else text
        if name and text:
            found[name.lower(), text] = None
    return tuple(found)[:MOST]


def _of_pdf(raw: Raw, settings: Settings) -> Iterable[tuple[str, str]]:
    import pymupdf

    with pymupdf.open(stream=raw.data, filetype="pdf") as document:
        stated: dict[str, Any] = document.metadata or {}
    names = {
        "author": "author",
        "subject": "subject",
        "keywords": "keyword",
        "creationDate": "date",
        "modDate": "modified",
    }
    for key, name in names.items():
        yield from _each(name, str(stated.get(key) or ""))


def _each(name: str, text: str) -> Iterable[tuple[str, str]]:
    """A field; of authors and keywords each by itself."""
    parts = _SEVERAL.split(text) if name == "author" else re.split(r"[;,]", text) if name == "keyword" else [text]
    return ((name, part) for part in parts)


def _of_package(raw: Raw, settings: Settings) -> Iterable[tuple[str, str]]:
    package = Package(raw.data, raw.source, settings)
    for part in ("docProps/core.xml", "meta.xml"):
        if part in package:
            yield from _of_xml(package.xml(part))
    if "META-INF/container.xml" in package:
        for tag in package.xml("META-INF/container.xml").iter("{*}rootfile"):
            yield from _of_xml(package.xml(tag.get("full-path", "")))


def _of_xml(root: etree._Element) -> Iterable[tuple[str, str]]:
    for tag in root.iter(*_IN_XML):
        yield from _each(_IN_XML[str(tag.tag)], tag.text or "")


def _of_web(raw: Raw, settings: Settings) -> Iterable[tuple[str, str]]:
    from bs4 import BeautifulSoup
    from bs4.filter import SoupStrainer

    soup = BeautifulSoup(decode(raw.data, charset=raw.charset, html=True), "lxml", parse_only=SoupStrainer("meta"))
    for tag in soup.find_all("meta"):
        key = str(tag.get("name") or tag.get("property") or "").lower()
        if key in _IN_HTML:
            yield from _each(_IN_HTML[key], str(tag.get("content") or ""))


def _of_markdown(raw: Raw, settings: Settings) -> Iterable[tuple[str, str]]:
    return (one for one in front_matter_of(decode(raw.data, charset=raw.charset)) if one[0].lower() != "title")


def _of_mail(raw: Raw, settings: Settings) -> Iterable[tuple[str, str]]:
    message = BytesHeaderParser().parsebytes(mime_of(raw.data))
    return (
        (field, header_text(message.get(name))) for name, field in (("From", "author"), ("To", "to"), ("Date", "date"))
    )


_READ: dict[str, Callable[[Raw, Settings], Iterable[tuple[str, str]]]] = {
    "pdf": _of_pdf,
    **dict.fromkeys(("docx", "pptx", "xlsx", "odt", "odp", "ods", "epub"), _of_package),
    "web": _of_web,
    "markdown": _of_markdown,
    "mail": _of_mail,
}
