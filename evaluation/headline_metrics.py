"""The figures that are reported first for each pack, as the packs' own descriptions ask for them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from evaluation.packs import Pack
from evaluation.runs import Within
from evaluation.units import Level

Headline = tuple[Within, Level, str]
FILE = Path(__file__).parents[1] / "data" / "headline_metrics.toml"


@dataclass(frozen=True)
class HeadlineMetrics:
    """The runs in which questions are asked, the run whose answers are judged, and the figures that come first."""

    within: tuple[Within, ...]
    answers: Within
    headline: tuple[Headline, ...]
    extra_answer_metrics: tuple[str, ...] = ()


def _of(within: Within, level: Level, metric: str, *cutoffs: int) -> tuple[Headline, ...]:
    return tuple((within, level, f"{metric}@{k}") for k in cutoffs)


@cache
def load_headline_metrics(path: Path = FILE) -> dict[str, HeadlineMetrics]:
    """Return what is measured first, by the name of the pack."""
    stored = tomllib.loads(path.read_text(encoding="utf-8"))
    return {name: _read(entry) for name, entry in stored.items()}


def _read(entry: Mapping[str, Any]) -> HeadlineMetrics:
    headline: list[Headline] = []
    for stated in entry["headline"]:
        within, level, metric = stated.split("/")
        name, cutoffs = metric.split("@")
        headline += _of(within, level, name, *map(int, cutoffs.split(",")))
    return HeadlineMetrics(tuple(entry["within"]), entry["answers"], tuple(headline), tuple(entry.get("extra", ())))


CONDENSED_ONLY = HeadlineMetrics((), "store", ())  # turns of conversations are not asked; see ``conversations``


def headline_metrics_of(pack: Pack) -> HeadlineMetrics:
    """Return what is reported first for ``pack``; for a user's pack hits on pages, or on documents where no pages are
    given."""
    if pack.name in load_headline_metrics():
        return load_headline_metrics()[pack.name]
    if all(question.rewrite for question in pack.questions):
        return CONDENSED_ONLY
    paged = any(one.page is not None for question in pack.questions for one in question.evidence)
    level: Level = "page" if paged else "document"
    return HeadlineMetrics(("store",), "store", _of("store", level, "hit", 1, 5, 10))
