"""Pages that gave nothing: what is said of a source when some of its pages left nothing that can be found."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from records import Chunk, Document, Loss

_SHARE = re.compile(r"([\d,]+) of ([\d,]+) pages")


def with_empty_pages(losses: Sequence[Loss], document: Document, chunks: Iterable[Chunk]) -> tuple[Loss, ...]:
    """Return ``losses`` after one that says which pages of a ``document`` of several have no chunk, if there are any."""
    pages = {chunk.page for chunk in chunks}
    empty = [number for number in range(1, document.pages + 1) if number not in pages]
    if document.pages < 2 or not empty:
        return tuple(losses)
    share = Loss(
        f"{len(empty):,} of {document.pages:,} pages",
        f"gave nothing, since they are blank or cannot be read: {ranges(empty)}.",
    )
    return (share, *losses)


def empty_share(losses: Iterable[Loss]) -> tuple[int, int] | None:
    """Return how many pages gave nothing, of how many, where that was said; None where all gave something."""
    for loss in losses:
        if found := _SHARE.fullmatch(loss.what):
            empty, pages = (int(number.replace(",", "")) for number in found.groups())
            return empty, pages
    return None


def ranges(numbers: Sequence[int]) -> str:
    """Return rising ``numbers`` with their runs as ranges.

    >>> ranges([1, 2, 3, 7, 9, 10])
    '1-3, 7, 9-10'
    """
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)
