"""Citations are checked against the page itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pymupdf
import pytest

from evaluation.citations import Pages, citation_scores, is_supported
from evaluation.systems import Reply, ReplyCitation, ReplyStatement
from records import Computation

UPPER, LOWER = (50.0, 80.0, 550.0, 105.0), (50.0, 180.0, 550.0, 205.0)
MARKED = (50.0, 280.0, 550.0, 305.0)


@pytest.fixture
def pages(tmp_path: Path) -> Iterator[Pages]:
    document = pymupdf.open()
    sheet = document.new_page()
    sheet.insert_text((60, 100), "Revenue rose to 5,079 million in 2023.")
    sheet.insert_text((60, 200), "The fox jumps.")
    sheet.insert_text((60, 300), "The weir[9] stood.[10] In 1931 it fell.")
    document.new_page()  # nothing on it
    document.save(tmp_path / "a.pdf")
    document.close()
    (tmp_path / "b.html").write_text("x")
    opened = Pages([tmp_path / "a.pdf", tmp_path / "b.html"])
    yield opened
    opened.close()


def cited(
    n: int, bbox: tuple[float, float, float, float] | None, source: str = "a.pdf", page: int = 1
) -> ReplyCitation:
    return ReplyCitation(n=n, source=source, page=page, kind="text", quote="", bbox=bbox)


@pytest.mark.parametrize(
    ("text", "box", "true"),
    [
        ("It was 5,079 million [1].", UPPER, True),
        ("It was 5079 million.", UPPER, True),
        ("It was 5,079 million.", LOWER, False),
        ("It was 5,080 million.", UPPER, False),
        ("“Revenue rose to”", UPPER, True),
        ("“Revenue fell to”", UPPER, False),
        ("“fox The jumps”", LOWER, True),  # a figure's labels have no one order
        ("“The fox fox jumps.”", LOWER, False),
        ("Something without numbers.", LOWER, True),
        ("“The weir[9] stood.[10] In 1931 it fell.”", MARKED, True),
        ("“The weir[9] stood.[10] In 1931 it rose.”", MARKED, False),
    ],
)
def test_numbers_and_quotations_must_stand_in_the_rectangle(
    pages: Pages, text: str, box: tuple[float, float, float, float], true: bool
) -> None:
    assert is_supported(ReplyStatement(text, (1,)), [cited(1, box)], pages) is true


def test_two_rectangles_may_bear_out_one_statement(pages: Pages) -> None:
    statement = ReplyStatement("“The fox jumps.” 2023", (1, 2))
    assert is_supported(statement, [cited(1, LOWER), cited(2, UPPER)], pages) is True
    assert is_supported(statement, [cited(1, LOWER)], pages) is False


def test_what_cannot_be_told_is_not_told(pages: Pages) -> None:
    for one in (cited(1, None), cited(1, UPPER, "b.html")):
        assert is_supported(ReplyStatement("It was 7.", (1,)), [one], pages) is None
    assert is_supported(ReplyStatement("It was 7.", ()), [], pages) is None


@pytest.mark.parametrize("page", [2, 9])
def test_nothing_stands_on_an_empty_page_or_on_none(pages: Pages, page: int) -> None:
    assert is_supported(ReplyStatement("It was 7.", (1,)), [cited(1, UPPER, page=page)], pages) is False


@pytest.mark.parametrize(
    ("text", "computed", "true"),
    [
        ("It rose by 3,056 to 5,079.", Computation(operation="change", cells=("2023", "5,079")), True),
        ("It rose by 151.1 %.", Computation(operation="change", cells=("2023", "5,079")), True),
        ("It rose by 3,057.", Computation(operation="change", cells=("2023", "5,079")), False),
        ("It rose by 3,055.", Computation(operation="change", cells=("2024", "5,079")), False),  # a cell is not there
        ("2 years", Computation(operation="count", cells=("2023", "Revenue"), result=("2",)), True),
        ("3 years", Computation(operation="count", cells=("2023", "Revenue"), result=("3",)), False),
        ("more than 5,000", Computation(operation="more than", cells=("5,079",), result=("yes",), given=(5000,)), True),
    ],
)
def test_what_is_computed_rests_on_cells_in_the_rectangle(
    pages: Pages, text: str, computed: Computation, true: bool
) -> None:
    assert is_supported(ReplyStatement(text, (1,), (), computed), [cited(1, UPPER)], pages) is true


def test_shares_by_hand(pages: Pages) -> None:
    reply = Reply(
        locations=(),
        statements=(ReplyStatement("5,079", (1,)), ReplyStatement("17", (1,)), ReplyStatement("Nothing cited.", ())),
        citations=(cited(1, UPPER), cited(2, UPPER, page=2)),
    )
    scores = citation_scores(reply, pages, {("a.pdf", 1)})
    assert scores == {"cited": 2 / 3, "supported": 1 / 2, "checked": 0.0, "on_gold": 1 / 2}
    assert citation_scores(Reply(locations=()), pages, set()) == {}


def test_words_that_are_pixels_are_read_as_well(tmp_path: Path) -> None:
    drawn = pymupdf.open()
    drawn.new_page(width=300, height=100).insert_text((40, 60), "Lightning 33", fontsize=24)
    document = pymupdf.open()
    sheet = document.new_page()
    sheet.insert_text((60, 60), "Figure 2. Causes.")
    sheet.insert_image((50, 80, 350, 180), stream=drawn[0].get_pixmap(dpi=150).tobytes("png"))
    document.save(tmp_path / "a.pdf")
    pages = Pages([tmp_path / "a.pdf"])
    figure = cited(1, (50.0, 80.0, 350.0, 180.0))
    assert is_supported(ReplyStatement("“Lightning 33”", (1,)), [figure], pages) is True
    assert is_supported(ReplyStatement("“Lightning 38”", (1,)), [figure], pages) is False
    pages.close()
