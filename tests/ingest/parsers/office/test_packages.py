"""Archives that mean harm, or are damaged."""

from __future__ import annotations

import io
import zipfile

import docx
import openpyxl
import pytest
from office_files import read, saved, with_part

from config import Settings
from errors import ParseError
from ingest.parsers.office.package import Package, package_type, resolved

BOMB = b'<?xml version="1.0"?><!DOCTYPE z [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><z>&b;</z>'


def words() -> bytes:
    document = docx.Document()
    document.add_paragraph("Words.")
    return saved(document)


def cells() -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["a", "b"])
    return saved(book)


@pytest.mark.parametrize(
    ("data", "name"), [(words(), "word/styles.xml"), (cells(), "xl/styles.xml")], ids=["docx", "xlsx"]
)
def test_entities_are_refused_in_any_part(data: bytes, name: str) -> None:
    with pytest.raises(ParseError, match="defines entities"):
        read(with_part(data, name, BOMB), f"x.{package_type(data)}")
    with pytest.raises(ParseError, match="defines entities"):
        read(with_part(data, name, BOMB.decode().encode("utf-16")), f"x.{package_type(data)}")


def test_what_unpacks_to_too_much_is_refused_before_it_is_unpacked() -> None:
    bomb = with_part(words(), "word/media/zeros.bin", bytes(3_000_000))
    assert len(bomb) < 100_000
    with pytest.raises(ParseError, match="unpacks to"):
        read(bomb, "x.docx", settings=Settings(max_source_bytes=1_000_000))


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.95])
def test_a_damaged_file_is_named(cut: float) -> None:
    data = words()
    with pytest.raises(ParseError, match=r"x\.docx is damaged"):
        read(data[: int(len(data) * cut)], "x.docx")


@pytest.mark.parametrize("name", ["word/document.xml", "word/styles.xml", "word/_rels/document.xml.rels"])
def test_a_damaged_part_is_named(name: str) -> None:
    with pytest.raises(ParseError, match=r"/files/x\.docx (?:is damaged|has no text)"):
        read(with_part(words(), name, b"<w:document><w:body>"), "x.docx")


def test_a_password_is_said() -> None:
    with pytest.raises(ParseError, match="has a password"):
        read(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "x.docx")


def test_a_macro_is_never_run_and_the_document_is_read() -> None:
    plain = "vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    macros = "vnd.ms-word.document.macroEnabled.main+xml"
    data = with_part(words(), "[Content_Types].xml", changes={plain: macros})
    document = read(with_part(data, "word/vbaProject.bin", b"\xd0\xcf\x11\xe0 Sub AutoOpen"), "x.docm")
    assert [element.text for element in document.elements] == ["Words."]


def test_the_type_is_in_the_content_whatever_the_name() -> None:
    assert package_type(words()) == "docx"
    assert package_type(cells()) == "xlsx"
    assert read(cells(), "report.docx").kind == "xlsx"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.txt", "words")
    assert package_type(buffer.getvalue()) == ""


def test_a_name_cannot_lead_out_of_the_archive() -> None:
    assert resolved("word", "../../../../etc/passwd") == "etc/passwd"
    assert resolved("xl/worksheets", "/xl/comments1.xml") == "xl/comments1.xml"
    with pytest.raises(ParseError):
        Package(words(), "x.docx", Settings()).read("etc/passwd")
