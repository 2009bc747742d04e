"""Pages that gave nothing are told with their share."""

from __future__ import annotations

from dataclasses import replace

from fakes import chunk, document

from ingest.losses import empty_share, ranges, with_empty_pages
from records import Loss

BROKEN = Loss("page 4", "It is broken.")


def test_pages_without_a_chunk_are_told_first_with_their_share() -> None:
    scan = replace(document("scan.pdf"), kind="pdf", pages=17)
    chunks = [chunk(f"text {page}", page=page) for page in (1, 5, 6, 6, 10, 17)]
    losses = with_empty_pages((BROKEN,), scan, chunks)
    assert [loss.what for loss in losses] == ["12 of 17 pages", "page 4"]
    assert losses[0].why.endswith(": 2-4, 7-9, 11-16.")
    assert empty_share(losses) == (12, 17)


def test_a_source_of_one_page_or_with_all_of_them_has_no_such_loss() -> None:
    whole = replace(document("two.pdf"), pages=2)
    assert with_empty_pages((), whole, [chunk("a", page=1), chunk("b", page=2)]) == ()
    assert with_empty_pages((BROKEN,), document("a.md"), []) == (BROKEN,)
    assert empty_share([BROKEN]) is None
    assert empty_share([Loss("1,200 of 5,000 pages", "")]) == (1_200, 5_000)


def test_runs_of_pages_are_ranges() -> None:
    assert (ranges([]), ranges([3]), ranges([1, 2, 3, 7, 9, 10])) == ("", "3", "1-3, 7, 9-10")
