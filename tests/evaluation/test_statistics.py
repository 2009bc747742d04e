"""Intervals over clusters and the paired test."""

from __future__ import annotations

import pytest

from evaluation.statistics import auc_estimate, compare, estimate, ratio_estimate


def test_the_mean_is_over_questions_not_over_clusters() -> None:
    found = estimate([1, 1, 1, 0], ["a", "a", "a", "b"])
    assert (found.mean, found.questions, found.clusters) == (0.75, 4, 2)


def test_two_clusters_resample_to_three_outcomes() -> None:
    # drawing two of {a: 1, b: 0}: (a, a) 1/4, mixed 1/2, (b, b) 1/4, so the 2.5 % and 97.5 % quantiles are 0 and 1
    found = estimate([1.0, 0.0], ["a", "b"])
    assert (found.low, found.high) == (0.0, 1.0)


def test_the_interval_is_the_normal_one_when_clusters_are_many_and_single() -> None:
    # 400 coin tosses: 0.5 +- 1.96 * sqrt(.25 / 400) = 0.451 .. 0.549
    found = estimate([0.0, 1.0] * 200, [str(i) for i in range(400)])
    assert found.low == pytest.approx(0.451, abs=0.005) and found.high == pytest.approx(0.549, abs=0.005)


def test_questions_that_move_together_widen_the_interval() -> None:
    values = [float(i % 2) for i in range(40) for _ in range(10)]
    apart = estimate(values, [str(i) for i in range(400)])
    together = estimate(values, [str(i // 10) for i in range(400)])
    assert apart.low is not None and apart.high is not None
    assert together.low is not None and together.high is not None
    # ten equal questions a cluster are one observation: sqrt(10) times as wide
    assert (together.high - together.low) / (apart.high - apart.low) == pytest.approx(10**0.5, rel=0.1)


def test_the_same_seed_gives_the_same_interval() -> None:
    values, clusters = [(i * 37 % 101) / 101 for i in range(50)], [str(i // 3) for i in range(50)]
    assert estimate(values, clusters, seed=3) == estimate(values, clusters, seed=3)
    assert estimate(values, clusters, seed=3) != estimate(values, clusters, seed=4)


def test_no_interval_from_one_cluster_and_none_from_nothing() -> None:
    assert estimate([1.0, 0.0], ["a", "a"]).low is None
    assert estimate([], []).questions == 0


def test_paired_permutation_by_hand() -> None:
    # three clusters, all better by 1: of the 8 sign assignments, +++ and --- are as extreme: p = 2 / 8
    ids = ["1", "2", "3"]
    found = compare(dict.fromkeys(ids, 0.0), dict.fromkeys(ids, 1.0), {id_: id_ for id_ in ids})
    assert found.p_value == 0.25
    assert (found.mean_a, found.mean_b, found.difference.mean) == (0.0, 1.0, 1.0)
    assert found.better == ("1", "2", "3") and found.worse == ()


def test_only_common_questions_count_and_the_changed_ones_are_named() -> None:
    a = {"1": 0.0, "2": 1.0, "3": 0.5, "4": 1.0}
    b = {"1": 1.0, "2": 0.0, "3": 0.5, "5": 1.0}
    found = compare(a, b, dict.fromkeys(a, "x") | {"2": "y"})
    assert found.better == ("1",) and found.worse == ("2",)
    assert found.difference.questions == 3 and found.difference.mean == 0.0
    assert found.p_value == 1.0


def test_many_clusters_are_sampled_and_the_answer_agrees_with_the_exact_one() -> None:
    # 14 clusters, 12 better and 2 worse by 1: P(|sum| >= 10) = 2 * (C(14,0) + C(14,1) + C(14,2)) / 2**14 = 212 / 16384
    a = {str(i): 0.0 for i in range(14)}
    b = {str(i): 1.0 if i < 12 else -1.0 for i in range(14)}
    found = compare(a, b, {id_: id_ for id_ in a})
    assert found.p_value == pytest.approx(212 / 16384, abs=0.004)


def test_nothing_in_common_is_an_error() -> None:
    with pytest.raises(ValueError, match="no question in common"):
        compare({"1": 0.0}, {"2": 0.0}, {})


def test_a_ratio_is_of_sums() -> None:
    # F1 of two documents: 2 TP = 2 and 6, 2 TP + FP + FN = 4 and 6: (2 + 6) / (4 + 6)
    found = ratio_estimate([2.0, 6.0], [4.0, 6.0], ["a", "b"])
    assert found.mean == 0.8
    # resampling two documents gives 1/2 (a, a), 4/5 (both) and 1 (b, b)
    assert (found.low, found.high) == (0.5, 1.0)
    assert ratio_estimate([0.0], [0.0], ["a"]).low is None


def test_the_area_under_the_curve_counts_the_pairs_that_are_won() -> None:
    scores, positive = [0.9, 0.4, 0.4, 0.1], [True, True, False, False]
    found = auc_estimate(scores, positive, list("abcd"))
    assert found is not None
    assert (found.mean, found.questions, found.clusters) == (3.5 / 4, 4, 4)  # .4 against .4 is half a win
    assert found.low is not None and found.high is not None
    assert 0 <= found.low < found.mean < found.high == 1
    assert auc_estimate(scores, positive, list("abcd")) == found
    alone = auc_estimate(scores, positive, list("aaaa"))
    assert alone is not None and (alone.mean, alone.low) == (3.5 / 4, None)


def test_without_both_kinds_there_is_no_area() -> None:
    for positive in ([True, True], [False, False], []):
        assert auc_estimate([0.1, 0.2][: len(positive)], positive, ["a", "b"][: len(positive)]) is None
