"""PDFs that are broken or bombs, made by hand; each a few kilobytes, however much they pretend to hold."""

from __future__ import annotations

import zlib

import pymupdf


def raw_pdf(*objects: bytes, trailer: bytes = b"<< /Root 1 0 R >>") -> bytes:
    """Return a PDF of ``objects``, numbered from 1, without a cross-reference table: readers then look for the objects."""
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % (number, text) for number, text in enumerate(objects, start=1))
    return b"%PDF-1.7\n" + body + b"trailer\n" + trailer + b"\n%%EOF\n"


def one_page(content: bytes = b"", *more: bytes, page: bytes = b"", filters: bytes = b"") -> bytes:
    """Return a page with a content stream as object 4; ``more`` are objects 5, 6, ..., ``page`` entries of the page."""
    box = b"" if b"/MediaBox" in page else b"/MediaBox [0 0 500 700]"
    return raw_pdf(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R %s /Contents 4 0 R %s >>" % (box, page),
        stream(content, filters),
        *more,
    )


def stream(data: bytes, entries: bytes = b"") -> bytes:
    """Return a stream object."""
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(data), entries, data)


def deflated(unit: bytes, size: int) -> bytes:
    """Return ``unit`` repeated to ``size`` bytes, compressed twice, so that a gigabyte is a few kilobytes."""
    packer = zlib.compressobj(9)
    piece = unit * (1_000_000 // len(unit))
    once = b"".join(packer.compress(piece) for _ in range(size // len(piece))) + packer.flush()
    return zlib.compress(once, 9)


def blank_pages(number: int) -> bytes:
    """Return a document of so many empty pages."""
    kids = b" ".join(b"%d 0 R" % page for page in range(3, number + 3))
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 500 700] >>"
    pages = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, number)
    return raw_pdf(b"<< /Type /Catalog /Pages 2 0 R >>", pages, *[page] * number)


def encrypted() -> bytes:
    """Return a page behind a password."""
    with pymupdf.open() as document:
        document.new_page().insert_text((50, 50), "secret")
        data: bytes = document.tobytes(encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="a", owner_pw="b")
        return data


_TWICE = b"/Filter [/FlateDecode /FlateDecode]"
_FONT = b"/Resources << /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>"
_WORDS = b"BT /F 12 Tf 50 600 Td (Words of this page are few but there are some.) Tj ET"
_XOBJECT = b"/Resources << /XObject << /X 5 0 R >> >>"
_IMAGE = b"/Type /XObject /Subtype /Image /ColorSpace /DeviceGray /BitsPerComponent 8"


def broken_pdfs() -> dict[str, bytes]:
    """Return file name -> content."""
    pages = b"<< /Type /Catalog /Pages 2 0 R >>"
    form = b"/Type /XObject /Subtype /Form /BBox [0 0 500 700] /Resources << /XObject << /X 5 0 R /Y 6 0 R >> >>"
    return {
        "header only.pdf": b"%PDF-1.7\n",
        "half a header.pdf": b"%PD",
        "xref loop.pdf": one_page(_WORDS, page=_FONT)[:-6] + b"startxref\n9\n%%EOF",
        "prev loop.pdf": raw_pdf(
            pages, b"<< /Type /Pages /Kids [] /Count 1 >>", trailer=b"<< /Root 1 0 R /Size 3 /Prev 9 /XRefStm 9 >>"
        ),
        "pages in a ring.pdf": raw_pdf(pages, b"<< /Type /Pages /Kids [2 0 R] /Count 1 /Parent 2 0 R >>"),
        "pages of each other.pdf": raw_pdf(
            pages, b"<< /Type /Pages /Kids [3 0 R] /Count 9 >>", b"<< /Type /Pages /Kids [2 0 R] /Count 9 >>"
        ),
        "count lies.pdf": raw_pdf(pages, b"<< /Type /Pages /Kids [] /Count 2000000000 >>"),
        "ten thousand pages.pdf": blank_pages(10_000),
        "root is itself.pdf": raw_pdf(b"1 0 R"),
        "no root.pdf": raw_pdf(b"<< >>", trailer=b"<< >>"),
        "encrypted.pdf": encrypted(),
        "picture lies.pdf": one_page(
            b"500 0 0 700 0 0 cm /X Do",
            stream(b"x", _IMAGE + b" /Width 2147483647 /Height 2147483647"),
            page=_XOBJECT,
        ),
        "form in itself.pdf": one_page(
            b"/X Do", stream(b"/X Do /Y Do", form), stream(b"/X Do /Y Do", form), page=_XOBJECT
        ),
        "page as large as a field.pdf": one_page(_WORDS, page=_FONT + b"/MediaBox [0 0 1000000 1000000]"),
        "page without size.pdf": one_page(_WORDS, page=_FONT + b"/MediaBox [0 0 0 0]"),
        "page of no number.pdf": one_page(_WORDS, page=_FONT + b"/MediaBox [nan 0 -1e99 (x)]"),
        "unit of miles.pdf": one_page(_WORDS, page=_FONT + b"/UserUnit 1000000000"),
        "turned by 45.pdf": one_page(_WORDS, page=_FONT + b"/Rotate 45"),
        "deep arrays.pdf": one_page(_WORDS, page=b"/A " + b"[" * 100_000 + b"]" * 100_000),
        "deep graphics states.pdf": one_page(b"q " * 200_000 + _WORDS, page=_FONT),
        "numbers.pdf": one_page(b"9" * 100_000 + b" 0 0 1e400 -1e400 nan cm " + _WORDS, page=_FONT),
        "length lies.pdf": one_page(_WORDS, page=_FONT).replace(b"/Length", b"/Length 99999999 /L"),
        "script.pdf": one_page(_WORDS, page=_FONT + b"/AA << /O << /S /JavaScript /JS (app.alert\\(1\\)) >> >>"),
        "launch.pdf": one_page(_WORDS, page=_FONT + b"/AA << /O << /S /Launch /F (/bin/sh) >> >>"),
        "font of noise.pdf": one_page(
            b"BT /F 12 Tf 50 600 Td (abc) Tj ET",
            b"<< /Type /Font /Subtype /TrueType /BaseFont /N /FontDescriptor 6 0 R >>",
            b"<< /Type /FontDescriptor /FontName /N /FontFile2 7 0 R >>",
            stream(bytes(range(256)) * 40),
            page=b"/Resources << /Font << /F 5 0 R >> >>",
        ),
        "many words.pdf": one_page(b"BT /F 1 Tf 1 1 Td " + b"(word ) Tj " * 100_000 + b"ET", page=_FONT),
        "many lines.pdf": one_page(b"".join(b"%d %d m 9 9 l S " % (n % 500, n % 700) for n in range(50_000))),
    }


def pdf_bombs() -> dict[str, bytes]:
    """Return file name -> content; seconds to make."""
    return {
        "content bomb.pdf": one_page(deflated(b"0 0 m ", 1_000_000_000), filters=_TWICE),
        "blank bomb.pdf": one_page(deflated(b"\0", 1_000_000_000), filters=_TWICE),
        "picture bomb.pdf": one_page(
            b"500 0 0 700 0 0 cm /X Do",
            stream(deflated(b"\0", 2_500_000_000), _IMAGE + b" /Width 50000 /Height 50000 " + _TWICE),
            page=_XOBJECT,
        ),
    }
