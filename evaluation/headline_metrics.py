"""What is reported first for each pack, as the packs' own descriptions ask for it."""

from __future__ import annotations

from dataclasses import dataclass

from evaluation.packs import Pack
from evaluation.runs import Within
from evaluation.units import Level

Headline = tuple[Within, Level, str]


@dataclass(frozen=True)
class HeadlineMetrics:
    """Where questions are asked, which run's answers are judged, and the figures that come first."""

    within: tuple[Within, ...]
    answers: Within
    headline: tuple[Headline, ...]
    extra_answer_metrics: tuple[str, ...] = ()


def _of(within: Within, level: Level, metric: str, *cutoffs: int) -> tuple[Headline, ...]:
    return tuple((within, level, f"{metric}@{k}") for k in cutoffs)


PAGES = HeadlineMetrics(
    ("document", "store"),
    "document",
    (*_of("document", "page", "recall", 1, 3, 5), *_of("store", "page", "recall", 1, 3, 5)),
)
CONDENSED_ONLY = HeadlineMetrics((), "store", ())  # turns of conversations are not asked; see ``conversations``
HEADLINE_METRICS = {
    "pdf_mmlongbench": PAGES,
    "pdf_financebench": HeadlineMetrics(("store",), "store", _of("store", "page", "hit", 1, 5, 10)),
    "pdf_uda": HeadlineMetrics(("store",), "store", _of("store", "page", "hit", 1, 5, 10)),
    "multihop_2wiki": HeadlineMetrics(("store",), "store", _of("store", "passage", "recall", 2, 5, 10)),
    "multihop_human": HeadlineMetrics(("store",), "store", _of("store", "passage", "recall", 2, 5, 10)),
    # each page of it holds one table, so the page found among pages and passages is the table found
    "hybrid_ottqa": HeadlineMetrics(
        ("store",),
        "store",
        (*_of("store", "document", "recall", 1, 5, 10), *_of("store", "passage", "recall", 1, 5, 10)),
    ),
    "tables_wtq": HeadlineMetrics(
        ("store",),
        "store",
        (*_of("store", "document", "hit", 1, 5, 10), *_of("store", "table", "hit", 1, 5)),
        ("denotation",),
    ),
    "charts_chartqa": HeadlineMetrics(
        ("store", "document"), "document", _of("store", "image", "hit", 1, 5), ("relaxed",)
    ),
    "tables_icdar2013": HeadlineMetrics(
        (), "store", ()
    ),  # its questions are orders to extract; the tables are compared
    "images_coco": HeadlineMetrics(("store",), "store", _of("store", "image", "hit", 1, 5)),
}


def headline_metrics_of(pack: Pack) -> HeadlineMetrics:
    """The pack's own yardstick; for a user's pack hits on pages, or on documents where no pages are given."""
    if pack.name in HEADLINE_METRICS:
        return HEADLINE_METRICS[pack.name]
    if all(question.rewrite for question in pack.questions):
        return CONDENSED_ONLY
    paged = any(one.page is not None for question in pack.questions for one in question.evidence)
    level: Level = "page" if paged else "document"
    return HeadlineMetrics(("store",), "store", _of("store", level, "hit", 1, 5, 10))
