"""EPUBs, built as zip archives."""

from __future__ import annotations

import io
import zipfile

import pytest
from office_files import read, tables
from web_page import png

from errors import ParseError

CONTAINER = """<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>
<rootfile full-path="OPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>"""
BOOK = """<package xmlns="http://www.idpf.org/2007/opf"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:title>The harbour book</dc:title></metadata><manifest>
<item id="n" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
<item id="b" href="text/two%20.xhtml" media-type="application/xhtml+xml"/>
<item id="a" href="text/one.xhtml" media-type="application/xhtml+xml"/>
<item id="g" href="gone.xhtml" media-type="application/xhtml+xml"/>
<item id="p" href="img/quay.png" media-type="image/png"/></manifest>
<spine><itemref idref="n"/><itemref idref="a"/><itemref idref="b"/><itemref idref="g"/></spine></package>"""
ONE = """<?xml version="1.0"?><!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml"><head><title>no words</title></head>
<body><h1>Cranes</h1><p>Two stand here.</p><figure><img src="../img/quay.png" alt="A quay"/>
<figcaption>Figure 1</figcaption></figure></body></html>"""
TWO = """<html xmlns="http://www.w3.org/1999/xhtml"><body><h1>Costs</h1><table><tr><th>Item</th><th>Cost</th></tr>
<tr><td>Rent</td><td>12</td></tr></table><img src="http://x.example/p.png" alt="gone"/></body></html>"""


def epub(**parts: str | bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr("META-INF/container.xml", CONTAINER)
        for name, content in {
            "OPS/book.opf": BOOK,
            "OPS/nav.xhtml": "<html><body>Contents</body></html>",
            "OPS/text/one.xhtml": ONE,
            "OPS/text/two .xhtml": TWO,
            "OPS/img/quay.png": png(120, 90),
            **parts,
        }.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def test_chapters_are_pages_in_the_order_of_the_spine() -> None:
    document = read(epub(), "book.epub")
    assert (document.kind, document.title, document.pages, document.unit) == ("epub", "The harbour book", 3, "section")
    assert [(one.page, one.text) for one in document.elements if one.heading] == [(1, "Cranes"), (2, "Costs")]
    (picture,) = [one for one in document.elements if one.picture]
    assert picture.picture is not None
    assert (picture.caption, picture.picture.alt, picture.section) == ("Figure 1", "A quay", ("Cranes",))
    (table,) = tables(document)
    assert table.table is not None
    assert (table.table.grid()[1], table.page) == (["Rent", "12"], 2)
    assert [loss.what for loss in document.losses] == ["image http://x.example/p.png", "section 3"]


def test_entities_of_the_packages_own_xml_are_not_resolved() -> None:
    bomb = BOOK.replace("<package", '<!DOCTYPE p [<!ENTITY t "tttttttt">]><package', 1)
    bomb = bomb.replace("The harbour book", "&t;&t;")
    assert "tttt" not in read(epub(**{"OPS/book.opf": bomb}), "book.epub").title


def test_a_protected_book_is_refused() -> None:
    lock = "<encryption><EncryptedData><EncryptionMethod Algorithm='aes'/></EncryptedData></encryption>"
    with pytest.raises(ParseError, match="protected against copying"):
        read(epub(**{"META-INF/encryption.xml": lock}), "book.epub")


def test_a_damaged_book_is_named() -> None:
    with pytest.raises(ParseError, match=r"book\.epub is damaged"):
        read(epub(**{"OPS/book.opf": "<package"}), "book.epub")
