"""Of a PDF that changed only those pages are read again that did; the others are taken over by what they are made of."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pymupdf
from fakes import FakeEmbedder, agree, settings_at
from pdf_files import pdf

from ingest.parsers.base import Outline
from ingest.parsers.pdf.cells import MergedCell
from ingest.parsers.pdf.kept_pages import dump_pages, restore_pages
from ingest.parsers.pdf.layout import LayoutBox, LayoutPage
from ingest.parsers.pdf.page_keys import page_keys
from ingest.parsers.pdf.pages import PageContent
from ingest.pipeline import ingest
from ingest.workers import PAGES, PAGES_A_TASK, Workers
from records import Line, Loss, Picture
from store.index import Index

THINGS = "turbine weir roof battery cable tower meter valley river station".split()
TEXTS = [
    f"The {thing} was inspected by the crew of the cooperative." for thing in THINGS
]  # not alike, as running heads are


def keys(data: bytes) -> tuple[str, ...]:
    with pymupdf.open(stream=data) as document:
        return page_keys(document)


def test_a_page_keeps_its_key_where_another_is_put_in_before_and_one_changes() -> None:
    data = pdf("One.", "Two.", "Three.")
    with pymupdf.open(stream=data) as document:
        document[2].insert_text((72, 300), "More.")
        document.new_page(0).insert_text((72, 72), "Zero.")
        after = keys(document.tobytes())
    one, two, three = keys(data)
    assert len({one, two, three}) == 3
    assert after[1:3] == (one, two)
    assert after[3] not in (one, two, three)


def test_a_page_has_another_key_where_its_picture_or_link_is_another() -> None:
    def page(colour: int, target: str) -> bytes:
        with pymupdf.open() as document:
            pixmap = pymupdf.Pixmap(pymupdf.csGRAY, (0, 0, 4, 4))
            pixmap.clear_with(colour)
            document.new_page().insert_image((0, 0, 99, 99), pixmap=pixmap)
            document[0].insert_link({"kind": pymupdf.LINK_URI, "from": pymupdf.Rect(0, 0, 9, 9), "uri": target})
            return bytes(document.tobytes())

    found = [keys(page(0, "http://a.example")), keys(page(9, "http://a.example")), keys(page(0, "http://b.example"))]
    assert len(set(found)) == 3
    assert keys(page(0, "http://a.example")) == found[0]


def test_a_page_with_a_form_field_has_no_key() -> None:
    with pymupdf.open(stream=pdf("Name:")) as document:
        widget = pymupdf.Widget()
        widget.field_type, widget.field_name = pymupdf.PDF_WIDGET_TYPE_TEXT, "name"
        widget.rect = pymupdf.Rect(100, 50, 200, 70)
        document[0].add_widget(widget)
        assert keys(document.tobytes()) == ("",)


def page(number: int, **changes: Any) -> PageContent:
    cells = (((0.0, 0.0, 50.0, 9.5), (50.0, 0.0, 99.0, 9.5)),)
    table = LayoutBox(kind="table", bbox=(0, 0, 99, 9.5), grid=(("a", "b"),), cells=cells)
    text = LayoutBox(kind="text", bbox=(0, 20, 99, 30), lines=(Line("Words.", (0, 20, 99, 30)),))
    layout = LayoutPage(number=number, width=595.0, height=842.0, boxes=(table, text))
    pictures = {1: Picture(asset="a" * 40 + ".png", width=3, height=2)}
    return PageContent(layout, pictures, merged={0: {(0, 0): MergedCell(2, "a b")}}, **changes)


def test_pages_come_back_as_they_were_with_the_number_that_they_have_now() -> None:
    data = dump_pages([page(1), page(2), page(3, losses=(Loss("page 3", "torn"),))], Outline(3, keys=("a", "b", "c")))
    now = Outline(4, keys=("b", "x", "b", "a"))
    assert restore_pages(data, now, lambda _: True) == {
        3: page(3)
    }  # the first is always read, what lost something, too
    assert restore_pages(data, now, lambda _: False) == {}
    assert restore_pages(b"no pages", now, lambda _: True) == {}


class Noting(Workers):
    """Workers that note which pages they read."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.numbers: list[int] = []

    def _read_pages(self, kind: str, original: str, numbers: Sequence[int], told: Any) -> Any:
        self.numbers = list(numbers)
        return super()._read_pages(kind, original, numbers, told)


def test_of_a_changed_pdf_the_changed_page_is_read(tmp_path: Path, chroma_url: str) -> None:
    path = tmp_path / "report.pdf"
    told: list[tuple[int, int]] = []
    settings = settings_at(tmp_path / "data", chroma_url, workers=1)
    with Index(settings, FakeEmbedder()) as index, Noting(settings) as workers:  # type: ignore[arg-type]

        def take_in(*texts: str) -> list[str]:
            path.write_bytes(pdf(*texts))
            pages = lambda _, done, total: told.append((done, total))  # noqa: E731
            (outcome,) = ingest(index, [str(path)], workers=workers, on_pages=pages)
            assert outcome.status in ("added", "updated")
            return [f"{chunk.page} {chunk.text}" for chunk in index.catalog.chunks_of(str(path))]

        assert len(TEXTS) > PAGES_A_TASK
        first = take_in(*TEXTS)
        assert workers.numbers == [*range(1, len(TEXTS) + 1)]
        second = take_in(*TEXTS[:4], "Nothing was left to see.", *TEXTS[5:])
        assert workers.numbers == [1, 5]
        assert set(second) - set(first) == {"5 Nothing was left to see."}
        assert set(first) - set(second) == {f"5 {TEXTS[4]}"}
        assert told[-1] == (len(TEXTS), len(TEXTS))
        kept = [name for name in index.assets.names() if name.endswith(PAGES)]
        assert len(kept) == 1
        assert agree(index)
        assert index.remove(str(path))
        assert not list(index.assets.names())
