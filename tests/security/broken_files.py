"""Broken and hostile inputs: made by hand, and by seeded mutation of the sample corpus."""

from __future__ import annotations

import base64
import io
import os
import random
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import pymupdf
from PIL import Image

from data.make_samples import SAMPLES
from tests.security.broken_pdfs import broken_pdfs, pdf_bombs

SEED = 20261121
# how many inputs are made of each sample
MUTATIONS = {"report.pdf": 120, "guide.html": 70, "handbook.md": 40, "weir.png": 40, "weir.jpg": 25, "weir.webp": 15}
GOOD = "# Control\n\nThis note is whole, and it has to be ingested among all the others."


def mutations(counts: dict[str, int], seed: int = SEED) -> Iterator[tuple[str, bytes]]:
    """Return names and contents, the same for the same seed."""
    originals = _originals()
    for name, count in counts.items():
        for number in range(count):
            dice = random.Random(f"{seed} {name} {number}")
            change = dice.choice(_CHANGES)
            stem, suffix = name.split(".")
            yield f"{stem} {number:03d} {change.__name__.strip('_')}.{suffix}", change(originals[name], dice)


def _originals() -> dict[str, bytes]:
    """One page of the report, the guide, the handbook, and a picture in three formats, all small."""
    with pymupdf.open(SAMPLES / "annual-report-2025.pdf") as document:
        document.select([2])
        report = document.tobytes(garbage=3, no_new_id=True)  # a new one is random
    (path, *_) = sorted((SAMPLES / "images").glob("*.png"))
    pictures = {}
    with Image.open(path) as image:
        image.thumbnail((300, 300))
        for suffix, kind in (("png", "PNG"), ("jpg", "JPEG"), ("webp", "WEBP")):
            buffer = io.BytesIO()
            image.convert("RGB").save(buffer, kind)
            pictures[f"weir.{suffix}"] = buffer.getvalue()
    return {
        "report.pdf": report,
        "guide.html": (SAMPLES / "visitor-guide.html").read_bytes(),
        "handbook.md": (SAMPLES / "maintenance-handbook.md").read_bytes(),
        **pictures,
    }


def _truncated(data: bytes, dice: random.Random) -> bytes:
    return data[: dice.randrange(len(data))]


def _flipped(data: bytes, dice: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(dice.choice((1, 8, 64, 512))):
        changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
    return bytes(changed)


def _cut(data: bytes, dice: random.Random) -> bytes:
    start = dice.randrange(len(data))
    return data[:start] + data[start + dice.randrange(1, 2000) :]


def _repeated(data: bytes, dice: random.Random) -> bytes:
    start = dice.randrange(len(data))
    return data[:start] + data[start : start + dice.randrange(1, 400)] * dice.choice((2, 50, 1000)) + data[start:]


def _swapped(data: bytes, dice: random.Random) -> bytes:
    a, b, c = sorted(dice.randrange(len(data)) for _ in range(3))
    return data[:a] + data[b:c] + data[a:b] + data[c:]


def _noised(data: bytes, dice: random.Random) -> bytes:
    start = dice.randrange(len(data))
    return data[:start] + dice.randbytes(dice.randrange(1, 600)) + data[start:]


def _zeroed(data: bytes, dice: random.Random) -> bytes:
    start, length = dice.randrange(len(data)), dice.randrange(1, 600)
    return data[:start] + bytes(length) + data[start + length :]


def _renumbered(data: bytes, dice: random.Random) -> bytes:
    """Some digits become others: sizes, offsets, counts and spans lie."""
    digits = [position for position, byte in enumerate(data) if 48 <= byte <= 57] or [0]
    changed = bytearray(data)
    for position in dice.sample(digits, min(len(digits), dice.choice((1, 5, 40)))):
        changed[position] = dice.randrange(48, 58)
    return bytes(changed)


_CHANGES = (_truncated, _flipped, _cut, _repeated, _swapped, _noised, _zeroed, _renumbered)


def handmade(*, bombs: bool = True) -> dict[str, bytes]:
    """Return file name -> content."""
    made = {**broken_pdfs(), **_pages(), **_texts(), **_pictures()}
    return {**made, **pdf_bombs(), **_picture_bombs()} if bombs else made


def _pages() -> dict[str, bytes]:
    cell = b"<td rowspan=65534 colspan=1000>x</td>"
    laughs = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
    doctype = b'<!DOCTYPE html [<!ENTITY l0 "lol">' + laughs + b'<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    svg = (
        b'<svg xmlns="http://www.w3.org/2000/svg" xmlns:x="http://www.w3.org/1999/xlink" width="%d" height="9">%s</svg>'
    )
    uses = b"".join(b'<g id="g%d">%s</g>' % (n, b'<use x:href="#g%d"/>' % (n - 1) * 10) for n in range(1, 9))
    drawings = {
        "drawing of drawings": svg % (99, b'<rect id="g0" width="9" height="9"/>' + uses),
        "drawing in itself": svg % (99, b'<g id="g"><use x:href="#g"/></g>'),
        "wide drawing": svg % (2_000_000_000, b""),
        "drawing of files": svg % (99, b'<image x:href="file:///etc/passwd" width="99" height="99"/>'),
    }
    pages = {f"{name}.html": _with_picture("svg+xml", data) for name, data in drawings.items()}
    return pages | {
        "nested.html": b"<p>words" + b"<div>" * 100_000 + b"deep",
        "nested and closed.html": b"<b>" * 100_000 + b"words" + b"</b>" * 100_000,
        "nested tables.html": b"<table><tr><td>a<td>" * 5_000,
        "nested lists.html": b"<ul><li>x" * 20_000,
        "unclosed links.html": b"<a href=x>y" * 50_000,
        "crossed tags.html": b"<b><i></b>x</i>" * 20_000,
        "billion cells.html": b"<table>" + (b"<tr>" + cell * 50) * 50 + b"</table><p>words",
        "span of billions.html": b"<table><tr><td colspan=99999999999 rowspan=99999999999>a<td>b<tr><td>c<td>d</table>",
        "span below zero.html": b"<table><tr><td colspan=-5 rowspan=-1>a<td colspan=x>b<tr><td>c<td>d</table>",
        "many rows.html": b"<table>" + b"<tr><td>1<td>2<td>3" * 10_000 + b"</table>",
        "wide row.html": b"<table><tr>" + b"<td>1" * 20_000 + b"<tr>" + b"<td>2" * 20_000 + b"</table>",
        "laughs.xhtml": doctype + b"<html><body><p>&l9; &x;</p></body></html>",
        "many attributes.html": b"<p " + b"".join(b"a%d=1 " % n for n in range(50_000)) + b">words",
        "long attribute.html": b'<img src="x" alt="' + b"a" * 3_000_000 + b'"><p>words',
        "many pictures.html": b"<p>words" + b"<img src=missing.png>" * 20_000,
        "data addresses.html": b"".join(b"<img src='data:image/png;base64,%s'>" % (b"A" * n) for n in range(200))
        + b"<p>w",
        "comment without end.html": b"<p>words<!--" + b"-" * 1_000_000,
        "script without end.html": b"<p>words</p><script>" + b"<" * 1_000_000,
        "open brackets.html": b"<" * 500_000 + b"<p>words",
        "base.html": b"<base href='javascript:x'><base href='http://[::1'><p>words<img src='//[::1/x'><img src='http://]/'>",
        "odd names.html": b"<p>words</p><\xff\xfe\x00 \x00=\x00><x:y:z><p>more",
        "titles.html": b"<title>t</title>" * 20_000 + b"<p>words",
        "headings.html": b"".join(b"<h%d>h%d</h%d>" % (n % 6 + 1, n, n % 6 + 1) for n in range(20_000)),
        "looks like utf-16.html": "<html><p>words".encode("utf-16") + b"\0",
        "says another encoding.html": b"<meta charset=utf-7><p>+ADw-script+AD4- words \xe9\xff",
        "raised.html": b"<p>1" + b"<sup>2" * 20_000,
    }


def _with_picture(kind: str, data: bytes) -> bytes:
    return b"<p>words<img src='data:image/%s;base64,%s'>" % (kind.encode(), base64.b64encode(data))


def _texts() -> dict[str, bytes]:
    return {
        "empty.txt": b"",
        "empty.pdf": b"",
        "zeros.md": bytes(1_000_000),
        "zeros and words.txt": b"wo\0rds " * 1000,
        "not utf-8.txt": b"caf\xe9 \xff\xfe\x80 " * 5000,
        "half a character.txt": "Grüße €".encode()[:-1] * 2000,
        "surrogates.txt": b"\xff\xfe" + b"\x00\xd8" * 5000 + b"w\0o\0r\0d\0",
        "right to left.md": "# \u202egnol si siht\u202c \u2067x\u2069\n\nשלום \u202eabc עולם \u200f".encode() * 200,
        "combining.md": ("a" + "\u0301\u0489\u0353" * 30_000 + " words ").encode(),
        "unseen.txt": "\u200b\u2060\ufeff\u00ad".encode() * 50_000 + b"words",
        "only unseen.txt": "\u200b\u2060\ufeff".encode() * 5_000,
        "one word.txt": b"w" * 2_000_000,
        "one line.md": b"word " * 400_000,
        "digits.md": b"# Numbers\n\n"
        + b"9" * 500_000
        + b"\n\n| a | b |\n|--|--|\n| "
        + b"1" * 9000
        + b" | -"
        + b"2," * 9000,
        "form feeds.txt": b"w\f" * 100_000,
        "blank lines.txt": b"w\n \n\t\n" * 50_000,
        "references.md": b"Figure 1 and Table 2.2.2.2 and Fig. " * 10_000,
        "captions.md": b"Figure 1: words\n\nTable 1: words\n\n" * 3_000,
        "quotes.md": b">" * 100_000 + b" words",
        "stars.md": b"*a **b " * 30_000,
        "brackets.md": b"[" * 50_000 + b"words" + b"](" * 50_000,
        "pictures.md": b"![a](b " * 20_000,
        "ticks.md": b"".join(b"`" * n + b" " for n in range(1_000)),
        "underlines.md": b"_a__" * 30_000,
        "definitions.md": b"".join(b"[%d]: x%d\n" % (n, n) for n in range(20_000)) + b"words [1]",
        "pipes.md": b"|a" * 20_000 + b"\n" + b"|-" * 20_000 + b"\n" + b"|b" * 20_000,
        "entities.md": b"&#x10ffff;&#0;&#xD800;&lt;&nbsp;" * 10_000,
        "front matter.md": b"---\ntitle: " + b"a: " * 100_000 + b"\n---\nwords",
        "front matter without end.md": b"---\na: b\n" * 20_000,
        "program.txt": b"\x7fELF" + bytes(range(256)) * 40,
        "archive.md": b"PK\x03\x04" + bytes(range(256)) * 40,
        "picture.pdf": _png(60, 60),
        "pdf.md": b"%PDF-1.7\n%\xe2\xe3\nno objects",
        "page.png": b"<html><body><p>A page that says it is a picture.</p></body></html>",
        "text.png": b"no picture at all",
        "text.pdf": b"no PDF at all",
    }


def _pictures() -> dict[str, bytes]:
    return {
        "fifty thousand pixels.png": _header(50_000, 50_000),
        "billions of pixels.png": _header(2**31 - 1, 2**31 - 1),
        "no pixels.png": _header(0, 0),
        "more than it has.png": _header(3_000, 3_000),
        "chunk longer than the file.png": _png(90, 90)[:33] + struct.pack(">I", 2**31 - 1) + b"IDAT",
        "lying.jpg": b"\xff\xd8\xff\xc0\x00\x11\x08\xff\xff\xff\xff\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01\xff\xd9",
        "start only.jpg": b"\xff\xd8\xff",
        "lying.webp": b"RIFF\xff\xff\xff\xffWEBPVP8X\x0a\0\0\0\x10\0\0\0\xff\xff\xff\xff\xff\xff",
        "start only.webp": b"RIFF\x10\0\0\0WEBP",
        "other format.png": _picture("GIF"),
        "other format.jpg": _picture("BMP"),
        "strip.png": _png(60_000, 1),
        "lie in a page.html": _with_picture("png", _header(50_000, 50_000)),
    }


def _picture_bombs() -> dict[str, bytes]:
    bomb = _png(12_000, 12_000, mode="1")
    return {
        "bomb.png": bomb,
        "larger bomb.png": _png(30_000, 30_000, mode="1"),
        "text bomb.png": _with_chunk(_png(90, 90), b"zTXt", b"k\0\0" + zlib.compress(bytes(300_000_000), 9)),
        "profile bomb.png": _with_chunk(_png(90, 90), b"iCCP", b"k\0\0" + zlib.compress(bytes(100_000_000), 9)),
        "bomb in a page.html": _with_picture("png", bomb),
    }


def _picture(kind: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (80, 80), "red").save(buffer, kind)
    return buffer.getvalue()


def _png(width: int, height: int, mode: str = "RGB") -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, (width, height)).save(buffer, "PNG")
    return buffer.getvalue()


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _header(width: int, height: int) -> bytes:
    """A PNG that says it is large and holds next to nothing."""
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + _chunk(b"IDAT", zlib.compress(bytes(100))) + _chunk(b"IEND", b"")


def _with_chunk(png: bytes, kind: bytes, data: bytes) -> bytes:
    return png[:33] + _chunk(kind, data) + png[33:]


def no_files(folder: Path) -> list[Path]:
    """Return sources that are no files, or cannot be read."""
    (folder / "folder.pdf").mkdir()
    (folder / "ring.md").symlink_to(folder / "ring.md")
    (folder / "nowhere.md").symlink_to(folder / "missing")
    os.mkfifo(folder / "pipe.md")
    return [folder / name for name in ("folder.pdf", "ring.md", "nowhere.md", "pipe.md", "missing.md", "a\nb.md")] + [
        Path("/dev/zero"),
        Path("/dev/stdin"),
        folder / ("long" * 100 + ".md"),
    ]
