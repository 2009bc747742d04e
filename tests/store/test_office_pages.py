"""Pages of Office files: drawn once, kept beside the original, gone with it. A stand-in draws."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pymupdf
import pytest

from config import Settings
from errors import ParseError, StoreError
from records import Source
from store.assets import Assets
from store.office_pages import OfficePages
from store.originals import Originals


def pdf_of(*pages: str) -> bytes:
    with pymupdf.open() as document:
        for text in pages:
            document.new_page(width=300, height=200).insert_text((50, 100), text, fontsize=12)
        return bytes(document.tobytes())


class Draughtsman:
    """Draws what the file says, a page a line, and counts."""

    def __init__(self) -> None:
        self.drawn: list[str] = []

    def __call__(self, data: bytes, kind: str, settings: Settings, stop: Event) -> bytes:
        self.drawn.append(kind)
        if data == b"broken":
            raise ParseError("It cannot be drawn.")
        return pdf_of(*data.decode().splitlines())


@pytest.fixture
def assets(tmp_path: Path) -> Assets:
    return Assets(tmp_path)


@pytest.fixture
def draughtsman() -> Draughtsman:
    return Draughtsman()


@pytest.fixture
def office(assets: Assets, draughtsman: Draughtsman) -> Iterator[OfficePages]:
    pages = OfficePages(Settings(office_pages="no"), assets, draughtsman)
    yield pages
    pages.close()


def test_a_file_is_drawn_once_and_its_pages_are_those_of_a_pdf(
    assets: Assets, office: OfficePages, draughtsman: Draughtsman
) -> None:
    original = assets.put(b"The first slide\nThe second slide", ".pptx")
    with pytest.raises(StoreError, match="missing"):
        Originals(assets).drawn(original, 1, 72)
    assert office.wait(original, 10)
    assert office.wait(original, 10)
    assert draughtsman.drawn == ["pptx"]
    originals = Originals(assets)
    assert originals.size(original, 2) == (300.0, 200.0)
    assert [[word.text for word in page] for page in originals.page_words(original)] == [
        ["The", "first", "slide"],
        ["The", "second", "slide"],
    ]
    assert list(assets.names()) == [original]  # so that no backup carries it, and nobody asks for it by name


def test_what_is_drawn_goes_with_the_original(assets: Assets, office: OfficePages) -> None:
    original = assets.put(b"A slide", ".odp")
    assert office.wait(original, 10)
    assets.remove(original)
    assert not assets.drawn_path(original).exists()
    assets.put_drawn(original, b"late")  # a drawing that was under way meanwhile
    assert not assets.drawn_path(original).exists()


def test_what_cannot_be_drawn_is_not_tried_again(assets: Assets, office: OfficePages, draughtsman: Draughtsman) -> None:
    original = assets.put(b"broken", ".docx")
    assert not office.wait(original, 10)
    assert not office.wait(original, 10)
    assert len(draughtsman.drawn) == 1


def test_only_office_files_that_are_kept_as_such_have_drawn_pages(assets: Assets, office: OfficePages) -> None:
    def source(kind: str, suffix: str) -> Source:
        original = assets.put(kind.encode(), suffix)
        assets.put_drawn(original, pdf_of("x"))
        return Source(source="/x", kind=kind, title="", pages=1, chunks=1, when="", original=original)

    assert office.can_draw(source("pptx", ".pptx"))  # drawn before, though nothing draws here now
    assert not office.can_draw(source("pdf", ".pdf"))
    assert not office.can_draw(source("mail", ".eml"))
