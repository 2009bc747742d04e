"""Examples on disk, recall by units, thresholds, the logistic regression and a fit of two packs."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from chains.answering.extractive.features import FEATURES as READER_FEATURES
from chains.retrieval.ranker.features import FEATURES as RANKER_FEATURES
from evaluation.learning.examples import Example, Examples, load_examples
from evaluation.learning.fit import fit, fit_confidence
from evaluation.learning.judge import any_at, ranked_units, recall_at, threshold_for
from evaluation.learning.logistic import fit_logistic
from evaluation.packs import Fold

NOTHING_KNOWN = {"unknown": 0.0, "whether": 0.0, "whole": 0.0}  # of what would be said


def example(rows: list[list[float]], units: list[int], right: tuple[int, ...], *, missed: int = 0) -> Example:
    return Example(
        id="q",
        within="store",
        fold="tune",
        rows=np.array(rows, dtype=np.float32),
        units=np.array(units),
        right=right,
        missed=missed,
    )


def test_a_unit_counts_by_its_best_row() -> None:
    one = example([[0.2], [0.9], [0.5]], [0, 1, 0], (0,))
    assert ranked_units(one, np.array([0.2, 0.9, 0.5])) == [1, 0]
    assert ranked_units(one, np.array([0.2, 0.4, 0.5])) == [0, 1]


def test_recall_counts_right_units_that_are_no_candidates() -> None:
    one = example([[3.0], [2.0], [1.0]], [0, 1, 2], (0, 2), missed=1)
    assert recall_at([one], {"x": 1.0}, ["x"], 1, 3) == pytest.approx([1 / 3, 2 / 3])
    assert any_at([one], {"x": -1.0}, ["x"], 1) == [True]
    assert any_at([one], {"x": 1.0}, ["x"], 0) == [False]


def test_the_threshold_lets_few_of_each_pack_be_wrong() -> None:
    sure = [0.9, 0.8, 0.7, 0.6]
    good, poor = (sure, [True, True, False, True]), ([0.75, 0.65, 0.2, 0.1], [False, False, True, True])
    assert threshold_for([good], 0.25) == 0.6  # one of four is wrong
    assert threshold_for([good], 0.2) == 0.8
    assert threshold_for([good, poor], 0.25) == 0.7  # from .65 on two of the other's four would be
    assert threshold_for([good, poor], 0.0) == 0.8
    assert threshold_for([([0.5], [False])], 0.5) == 1.0
    assert threshold_for([], 0.5) == 1.0


def test_logistic_regression_finds_the_odds_of_each_side() -> None:
    rows = [{"x": 0.0}] * 4 + [{"x": 1.0}] * 4
    bias, weights = fit_logistic(rows, [True, False, False, False, True, True, True, False], [1.0] * 8, 0.0)
    assert bias == pytest.approx(math.log(1 / 3))
    assert bias + weights["x"] == pytest.approx(math.log(3))


def test_examples_are_the_same_after_they_were_kept(tmp_path: Path) -> None:
    one, other = example([[1.0], [2.0]], [0, 1], (1,)), example([[3.0]], [0], (), missed=2)
    Examples("p", (one, other), (other,)).save(tmp_path / "e.npz")
    kept = load_examples(tmp_path / "e.npz")
    assert kept.pack == "p"
    assert [two.rows.tolist() for two in kept.ranking] == [[[1.0], [2.0]], [[3.0]]]
    assert [(two.right, two.missed) for two in kept.ranking] == [((1,), 0), ((), 2)]
    assert [two.units.tolist() for two in kept.reading] == [[0]]


def taught(name: str, ranker: str, reader: str) -> Examples:
    """A pack of forty questions: the right candidate has ``ranker``, the right piece ``reader``; a fourth has no answer."""
    ranking, reading = [], []
    for number in range(40):
        fold: Fold = "tune" if number % 2 else "check"
        rows = np.zeros((4, len(RANKER_FEATURES)), dtype=np.float32)
        rows[number % 4, list(RANKER_FEATURES).index(ranker)] = 1.0
        ranking.append(Example(f"{name}{number}", "store", fold, rows, np.arange(4), (number % 4,)))
        pieces = np.zeros((4, len(READER_FEATURES)), dtype=np.float32)
        answered = number % 8 > 1
        pieces[number % 4, list(READER_FEATURES).index(reader)] = 1.0 if answered else 0.1
        right = (number % 4,) if answered else ()
        reading.append(
            Example(
                f"{name}{number}",
                "store",
                fold,
                pieces,
                np.arange(4),
                right,
                answerable=answered,
                about=(NOTHING_KNOWN,),
            )
        )
    return Examples(name, tuple(ranking), tuple(reading))


def test_a_pack_is_judged_by_what_the_others_teach() -> None:
    found = fit([taught("a", "title", "covered"), taught("b", "title", "covered"), taught("c", "title", "covered")], {})
    assert found.ranker.weights["title"] > 0 and found.reader.weights["covered"] > 0
    assert "| a, store | check | 20 | .500/.500/1.000 | 1.000/1.000/1.000 | 1.000/1.000/1.000 |" in found.report
    assert 0 < found.confidence.thresholds["answered"] < 1  # unanswerable ones are told by a low score
    assert "made by" not in found.report and "--fit" in found.ranker.made_by


def test_what_two_packs_disagree_on_is_not_learned_from_the_other() -> None:
    found = fit([taught("a", "title", "covered"), taught("b", "section", "covered")], {})
    assert "| a, store | check | 20 | .500/.500/1.000 | .500/.500/1.000 | 1.000/1.000/1.000 |" in found.report
    without_a = found.left_out["a"]
    assert without_a.weights["section"] > 0 and not without_a.weights["title"]
    assert without_a.made_by.endswith("without a")


def test_confidence_learns_of_what_a_name_leads_to() -> None:
    def asked(whole: float, followed: bool | None) -> Example:
        rows = np.zeros((2, len(READER_FEATURES)), dtype=np.float32)
        return Example(
            "q",
            "store",
            "tune",
            rows,
            np.arange(2),
            (),
            one_place=False,
            followed=(followed,),
            about=({**NOTHING_KNOWN, "whole": whole},),
        )

    def weight(*some: Example) -> float:
        return fit_confidence([Examples("p", (), some)], {"covered": 1.0})[1]["whole"]

    assert weight(asked(1.0, True), asked(0.0, False)) > 0
    assert weight(asked(1.0, False), asked(0.0, True)) < 0
    assert weight(asked(1.0, None), asked(0.0, None)) == pytest.approx(0)


def test_languages_without_the_embedder_are_learned_by_words_alone() -> None:
    english, foreign = taught("a", "cosine", "covered"), taught("b", "bm25", "covered")
    foreign = Examples("b", tuple(replace(one, by_words=True) for one in foreign.ranking), foreign.reading)
    found = fit([english, foreign], {})
    assert found.by_words is not None
    assert found.ranker.weights["cosine"] > 0 and not found.ranker.weights["bm25"]
    assert found.by_words.ranker.weights["bm25"] > 0 and not found.by_words.ranker.weights["cosine"]
    assert fit([english], {}).by_words is None


def test_what_no_candidates_differ_in_keeps_its_weight() -> None:
    found = fit([taught("a", "title", "covered")], {"model_rank": 2.0, "title": 9.0})
    assert found.ranker.weights["model_rank"] == 2.0 and found.ranker.weights["title"] != 9.0
    assert found.ranker.made_by.endswith("in it: model_rank")


def test_a_pack_without_gold_evidence_teaches_nothing() -> None:
    alone = fit([taught("a", "title", "covered")], {})
    found = fit([taught("a", "title", "covered"), Examples("empty", (), ())], {})
    assert found.ranker.weights == alone.ranker.weights
    assert found.reader.weights == alone.reader.weights
