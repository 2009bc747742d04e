"""What a source is, by its content, by the server's word and by its name."""

from __future__ import annotations

import pytest
from web_page import png

from errors import ParseError
from ingest.parsers.base import Parser
from ingest.parsers.plain import parse_plain
from ingest.parsers.registry import PARSERS, kind_of
from records import Raw


@pytest.mark.parametrize(
    ("name", "media_type", "data", "kind"),
    [
        ("report.html", "text/html", b"\n%PDF-1.7 ...", "pdf"),  # content is certain
        ("x.pdf", "application/pdf", b"<!DOCTYPE html><title>moved</title>", "web"),
        ("x.txt", "", b"\xef\xbb\xbf<!-- hi -->\n<HTML lang=en>", "web"),
        ("x", "", "<html><p>hi".encode("utf-16"), "web"),
        ("photo.dat", "", png(1, 1), "image"),
        ("x", "", b"RIFF\x10\0\0\0WEBPVP8 ", "image"),
        ("readme.md", "", b"<h1 align=center>Tool</h1>\n\n# Usage", "markdown"),  # a fragment is not
        ("page", "text/html", b"just words", "web"),
        ("notes.md", "text/plain", b"# Title", "markdown"),
        ("notes.markdown", "", b"# Title", "markdown"),
        ("noname", "", b"<div>words</div>", "web"),
        ("noname", "", "Grüße".encode("cp1252"), "text"),
        ("broken.pdf", "", b"\0\1\2\3 no pdf at all", "pdf"),  # its parser tells what is wrong
    ],
)
def test_kind(name: str, media_type: str, data: bytes, kind: str) -> None:
    assert kind_of(Raw(source=f"/data/{name}", data=data, media_type=media_type)) == kind


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "is empty"),
        (b" \n\0 ", "is empty"),
        (b"PK\x03\x04\0\0\0\0\x08\0\0\0" * 9, r"Supported: PDF, HTML"),
    ],
)
def test_sniff_refuses(data: bytes, word: str) -> None:
    with pytest.raises(ParseError, match=word) as caught:
        kind_of(Raw(source="/data/book.bin", data=data))
    assert "/data/book.bin" in str(caught.value)


def test_every_suffix_and_media_type_is_of_one_type() -> None:
    for names in (
        [parser.suffixes for parser in PARSERS.values()],
        [parser.media_types for parser in PARSERS.values()],
    ):
        flat = [name for group in names for name in group]
        assert len(flat) == len(set(flat))


def starts_with_hash(raw: Raw) -> bool:
    return raw.data.startswith(b"#")


def test_an_entry_of_ones_own_takes_over(monkeypatch: pytest.MonkeyPatch) -> None:
    note = Raw(source="/data/a.md", data=b"# Note")
    own = Parser(label="notes", suffixes=(".md",), parse=parse_plain)
    monkeypatch.setitem(PARSERS, "notes", own)
    assert kind_of(note) == "notes"
    monkeypatch.setitem(
        PARSERS, "hashes", Parser(label="#", suffixes=(".h",), accepts=starts_with_hash, parse=parse_plain)
    )
    assert kind_of(note) == "hashes"
