"""Tables and charts of other years than the question's: "sales in 2019" do not stand in a table of 2004 to 2006."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from records import Chunk, Hit
from text.years import years_in

OTHER_YEARS = 0.5  # of its score that a hit keeps which shows none of the years asked
LEAST_YEARS = 2  # of a table or chart, that it is one over years: a single one may stand in a footnote
KINDS = ("table", "image")


def of_years_asked(question: str, hits: Sequence[Hit]) -> tuple[Hit, ...]:
    """``hits`` in a new order: a table or chart over years loses of its score as many of the years that ``question``
    names lie outside its own."""
    asked = years_in(question)
    if not asked:
        return tuple(hits)
    fitting = [replace(hit, score=hit.score * (1 - (1 - OTHER_YEARS) * _missing(asked, hit.chunk))) for hit in hits]
    return tuple(sorted(fitting, key=lambda hit: -hit.score))


def _missing(asked: frozenset[int], chunk: Chunk) -> float:
    """The share of the years ``asked`` that a table or chart over years leaves out, from 0 to 1; axes label some years and
    show those between them, too."""
    shown = years_in(chunk.text) if chunk.kind in KINDS else frozenset()
    if len(shown) < LEAST_YEARS:
        return 0.0
    return sum(not min(shown) <= year <= max(shown) for year in asked) / len(asked)
