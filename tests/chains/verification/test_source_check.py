"""What is said must stand in the place itself, whatever was stored of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pymupdf
import pytest
from asking import is_supported, read
from fakes import chunk, put

from chains.answering.extractive.reader import ILLEGIBLE
from records import GUEST, BBox, Chunk, Citation, Computation, Document, Hit, Statement
from store.index import Index

MakeIndex = Callable[..., Index]
FIRST, SECOND = "The weir was built in 1931 for 62 house-", "holds of the upper valley."
BOX: BBox = (50.0, 88.0, 290.0, 118.0)
QUESTION = "When was the weir built?"


def page_of(*, scanned: bool) -> bytes:
    with pymupdf.open() as text, pymupdf.open() as scan:
        page = text.new_page(width=300, height=200)
        page.insert_text((50, 100), FIRST, fontsize=12)
        page.insert_text((50, 114), SECOND, fontsize=12)
        page.insert_text((50, 160), "The fish pass dates from 1987.", fontsize=12)
        if not scanned:
            return bytes(text.tobytes())
        scan.new_page(width=300, height=200).insert_image((0, 0, 300, 200), pixmap=page.get_pixmap(dpi=150))
        return bytes(scan.tobytes())


def indexed(index: Index, words: str, *, scanned: bool = False) -> Chunk:
    """The stored ``words`` of the page's first lines, right or wrong."""
    stored = chunk(words, source="weir.pdf", bbox=BOX)
    original = index.assets.put(page_of(scanned=scanned), ".pdf")
    put(index, [stored], Document(source="weir.pdf", kind="pdf", title="Weir", pages=1, elements=(), original=original))
    return stored


def cited(stored: Chunk, n: int = 1) -> Citation:
    return Citation(n=n, chunk=stored, quote=stored.text, bbox=BOX)


@pytest.mark.parametrize("scanned", [False, True])
@pytest.mark.parametrize(
    ("said", "there"),
    [
        ("It was built in 1931.", True),
        ("It was built in 1931 [1].", True),
        ("“The weir was built in 1931 for 62 households of the upper valley.”", True),
        ("“the upper valley”", True),
        ("“households 62”", True),  # labels of a figure have no one order
        ("It was built in 1937.", False),
        ("The fish pass dates from 1987.", False),  # on the page, but not in the rectangle
        ("“The weir was sold in 1931”", False),
        ("“62 62”", False),
        ("“31 for 62 households”", False),  # the end of another number
        ("“weir was built in 19”", False),
        ("It was built long ago.", True),
    ],
)
def test_numbers_and_quotations_stand_in_the_rectangle(
    make_index: MakeIndex, said: str, there: bool, scanned: bool
) -> None:
    index = make_index()
    stored = indexed(index, "whatever was stored", scanned=scanned)
    assert is_supported(Statement(text=said, citations=(1,)), [cited(stored)], index, GUEST) is there


@pytest.mark.parametrize(("cells", "there"), [(("62", "1931"), True), (("62", "1932"), False), (("62", "93"), False)])
def test_what_is_computed_rests_on_cells_in_the_rectangle(
    make_index: MakeIndex, cells: tuple[str, str], there: bool
) -> None:
    index = make_index()
    total = str(sum(map(int, cells)))
    said = Statement(
        text=f"Together {total}.",
        citations=(1,),
        computed=Computation(operation="sum", cells=cells, result=(total,)),
    )
    assert is_supported(said, [cited(indexed(index, "stored"))], index, GUEST) is there


def test_without_a_place_to_look_into_nothing_can_be_told(make_index: MakeIndex) -> None:
    index = make_index()
    stored = indexed(index, "stored")
    said = Statement(text="It was 1931.", citations=(1,))
    page = chunk("It was 1931.", source="weir.html")
    put(index, [page])
    assert is_supported(said, [cited(page)], index, GUEST) is None  # a web page has no rectangles
    assert is_supported(said, [cited(stored), cited(page, 2)], index, GUEST) is None
    assert is_supported(said, [], index, GUEST) is None
    index.assets.path(index.documents.sources(GUEST)[1].original).unlink()
    assert is_supported(said, [cited(stored)], index, GUEST) is None


def test_the_reader_does_not_quote_what_a_second_reading_does_not_find(make_index: MakeIndex) -> None:
    index = make_index()
    stored = indexed(index, "The weir was built in 1981 for all.", scanned=True)
    answer = read(QUESTION, [Hit(chunk=stored, score=1)], index, index.settings)
    assert [one.text for one in answer.statements] == [ILLEGIBLE]
    assert [(one.quote, one.disputed) for one in answer.citations] == [(stored.text, True)]


def test_the_reader_quotes_what_both_readings_find(make_index: MakeIndex) -> None:
    index = make_index()
    stored = indexed(index, "The weir was built in 1931.", scanned=True)
    answer = read(QUESTION, [Hit(chunk=stored, score=1)], index, index.settings)
    assert [one.text for one in answer.statements] == ["“The weir was built in 1931.”"]
    assert not any(one.disputed for one in answer.citations)


def test_a_picture_file_is_read_again_larger(make_index: MakeIndex) -> None:
    index = make_index()
    with pymupdf.open(stream=page_of(scanned=False), filetype="pdf") as document:
        picture = index.assets.put(document[0].get_pixmap(dpi=72).tobytes("png"), ".png")
    stored = chunk("stored", source="weir.png", kind="image", picture=picture, bbox=BOX)
    put(index, [stored], Document(source="weir.png", kind="image", title="Weir", pages=1, elements=()))
    said = Statement(text="It was built in 1931.", citations=(1,))
    assert is_supported(said, [cited(stored)], index, GUEST) is True
    assert is_supported(replace(said, text="It was built in 1987."), [cited(stored)], index, GUEST) is False
