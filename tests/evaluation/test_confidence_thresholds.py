"""How sure the reader must be, from data."""

from __future__ import annotations

import pytest

from config import Settings
from evaluation.choose import choose_threshold
from evaluation.confidence_thresholds import best_threshold, curve
from evaluation.plots import plots_of
from evaluation.results import PackResult, Report, SystemResult


def system(unanswerable: list[float], answerable: list[float], threshold: float = 0.42) -> SystemResult:
    sure = {f"u{n}": value for n, value in enumerate(unanswerable)} | {f"a{n}": v for n, v in enumerate(answerable)}
    return SystemResult(
        system="assistant",
        settings={"min_confidence": threshold},
        figures=(),
        values={
            "abstention/store//unanswerable_refused": {id_: 0.0 for id_ in sure if id_[0] == "u"},
            "abstention/store//answerable_refused": {id_: 0.0 for id_ in sure if id_[0] == "a"},
        },
        latency_ms={},
        confidence=sure,
    )


def report(one: SystemResult) -> Report:
    pack = PackResult(pack="p", documents=1, passages=0, questions=20, headline=(), clusters={}, systems=(one,))
    return Report(packs=(pack,), about={})


def test_the_curve_counts_what_is_less_sure_than_the_threshold() -> None:
    found = {one.threshold: one for one in curve([system([0.1, 0.5], [0.3, 0.5, 0.7, 0.9])])}
    assert (found[0.0].unanswerable, found[0.0].answerable) == (0, 0)
    assert (found[0.4].unanswerable, found[0.4].answerable) == (0.5, 0.25)
    assert (found[0.5].unanswerable, found[0.5].answerable) == (0.5, 0.25)  # as sure as needed is sure enough
    assert (found[1.0].unanswerable, found[1.0].answerable) == (1, 1)


def test_the_best_threshold_parts_the_two_kinds() -> None:
    best = best_threshold([system([0.2] * 9 + [0.8], [0.6] * 18 + [0.1] * 2)])
    assert best is not None
    assert (best.threshold, best.unanswerable, best.answerable) == (0.21, 0.9, 0.1)
    assert best.youden == pytest.approx(0.8)


def test_too_few_questions_choose_nothing() -> None:
    assert best_threshold([system([0.1] * 9, [0.9] * 30)]) is None
    assert curve([system([], [0.9] * 30)]) == []
    # nine and ten in two packs are enough together
    assert best_threshold([system([0.1] * 9, [0.9] * 30), system([0.1] * 10, [])]) is not None


def test_a_threshold_is_chosen_only_where_it_is_better() -> None:
    parted = report(system([0.2] * 10, [0.6] * 10))
    chosen = choose_threshold(parted, Settings(min_confidence=0.7))
    assert chosen is not None
    assert 0.2 < chosen.threshold <= 0.6
    assert choose_threshold(parted, Settings(min_confidence=0.4)) is None


def test_the_report_shows_the_curve() -> None:
    captions = [caption for caption, _ in plots_of(report(system([0.2] * 10, [0.6] * 10)).packs[0])]
    assert captions == ["Questions not called answered against the confidence needed to answer; dashed, as it is set"]
    assert plots_of(report(system([], [0.6] * 10)).packs[0]) == []
