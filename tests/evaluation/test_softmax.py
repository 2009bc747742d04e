"""The softmax loss of ranking, and the weights that make it small."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest

from evaluation.learning.examples import Example
from evaluation.learning.softmax import _Pool, fit_softmax

ONE, NONE = np.array([1.0]), np.array([0.0])
NAMES = ["telling", "against", "noise", "constant"]


def example(rows: Sequence[Sequence[float]], right: tuple[int, ...], units: Sequence[int] = ()) -> Example:
    """A question whose candidates are units of their own unless ``units`` puts some together."""
    return Example(
        id="q",
        within="store",
        fold="tune",
        rows=np.array(rows, dtype=np.float32),
        units=np.array(units or range(len(rows)), dtype=np.int64),
        right=right,
    )


def test_the_loss_of_one_question_is_what_the_formula_says() -> None:
    """Of unit spread and mean 0: scores are -1 and 1 at weight 1; the right one lies 2 above or below the other."""
    value, slope = _Pool([example([[0.0], [2.0]], right=(1,))], [1.0]).loss(ONE, NONE, 0.0)
    assert value == pytest.approx(math.log(1 + math.exp(-2)))
    assert slope == pytest.approx([-2 / (1 + math.exp(2))])
    value, _ = _Pool([example([[0.0], [2.0]], right=(0,))], [1.0]).loss(ONE, NONE, 0.5)
    assert value == pytest.approx(math.log(1 + math.exp(2)) + 0.5)
    value, _ = _Pool([example([[0.0], [2.0]], right=(0,))], [1.0]).loss(ONE, np.array([3.0]), 0.5)
    assert value == pytest.approx(math.log(1 + math.exp(2)) + 0.5 * (1 - 3) ** 2)  # off what it is drawn to


def test_right_units_do_not_compete_and_a_unit_counts_by_its_best_row() -> None:
    """Rows 0, 3 | 3 | 0 of spread 1.5: both right units lie 2 above the only wrong one."""
    pool = _Pool([example([[0.0], [3.0], [3.0], [0.0]], right=(0, 1), units=[0, 0, 1, 2])], [1.0])
    assert pool.loss(ONE, NONE, 0.0)[0] == pytest.approx(math.log(1 + math.exp(-2)))


def test_questions_count_as_much_as_is_said() -> None:
    pool = _Pool([example([[0.0], [2.0]], (1,)), example([[2.0], [0.0]], (1,))], [3.0, 1.0])
    easy, hard = math.log(1 + math.exp(-2)), math.log(1 + math.exp(2))
    assert pool.loss(ONE, NONE, 0.0)[0] == pytest.approx((3 * easy + hard) / 4)


def test_the_gradient_is_that_of_finite_differences() -> None:
    random = np.random.default_rng(0)
    pool = _Pool(
        [
            example(random.normal(size=(6, 3)).tolist(), right=(0, 2), units=[0, 1, 1, 2, 3, 3]),
            example(random.normal(size=(4, 3)).tolist(), right=(1,), units=[0, 0, 1, 2]),
        ],
        [1.0, 2.0],
    )
    weights, prior, step = np.array([0.7, -0.2, 0.4]), np.array([0.0, 0.5, 0.1]), 1e-6
    _, slope = pool.loss(weights, prior, 0.1)
    for column, along in enumerate(np.eye(3) * step):
        above, below = (pool.loss(at, prior, 0.1)[0] for at in (weights + along, weights - along))
        assert slope[column] == pytest.approx((above - below) / (2 * step), abs=1e-6)


def questions(seed: int = 0, count: int = 60) -> list[Example]:
    """Five candidates each, with ``NAMES`` as columns: the first is highest at the right one, the second lowest."""
    random = np.random.default_rng(seed)
    made = []
    for _ in range(count):
        right = int(random.integers(5))
        rows = random.uniform(0, 1, size=(5, 4))
        rows[:, 3] = 0.3
        rows[right, 0] += 1
        rows[right, 1] -= 1
        made.append(example(rows.tolist(), right=(right,)))
    return made


def test_it_finds_the_feature_that_tells_right_from_wrong() -> None:
    weights = fit_softmax(questions(), NAMES)
    vector = np.array([weights[name] for name in NAMES])
    assert weights["telling"] > 10 * weights["noise"]
    assert all(int(np.argmax(one.rows @ vector)) == one.right[0] for one in questions(seed=1))


def test_a_weight_falls_below_zero_only_where_a_feature_speaks_against() -> None:
    weights = fit_softmax(questions(), NAMES)
    assert min(weights.values()) >= 0
    assert weights["against"] == 0
    weights = fit_softmax(questions(), NAMES, negative={"telling", "against"})
    assert weights["against"] < 0
    assert weights["telling"] == 0


def test_a_feature_that_is_the_same_everywhere_counts_nothing() -> None:
    assert fit_softmax(questions(), NAMES)["constant"] == 0
    assert fit_softmax(questions(), NAMES, weights={"telling": 1.0})["constant"] == 0


def test_more_penalty_keeps_weights_nearer_to_where_they_began() -> None:
    loose, tight = (fit_softmax(questions(), NAMES, penalty=penalty)["telling"] for penalty in (0.01, 1.0))
    assert 0 < tight < loose
    drawn = fit_softmax(questions(), NAMES, weights={"telling": 9.0, "noise": 5.0}, penalty=1e6)
    assert drawn == pytest.approx({"telling": 9.0, "against": 0.0, "noise": 5.0, "constant": 0.0}, abs=1e-3)


def test_weights_are_of_the_features_as_they_are() -> None:
    """A feature in units a tenth as large weighs a tenth."""
    tenfold = [example((one.rows * 10).tolist(), one.right) for one in questions()]
    as_they_are = fit_softmax(questions(), NAMES)["telling"]
    assert fit_softmax(tenfold, NAMES)["telling"] == pytest.approx(as_they_are / 10, rel=0.01)


def test_questions_without_a_right_unit_teach_nothing() -> None:
    without = example([[9.0, 0.0, 0.0, 0.0], [0.0, 9.0, 9.0, 9.0]], right=())
    assert fit_softmax([*questions(), without], NAMES) == fit_softmax(questions(), NAMES)
    counted = fit_softmax([without, *questions()], NAMES, counts=[7.0, *[2.0] * 60])
    assert counted == pytest.approx(fit_softmax(questions(), NAMES))


def test_without_a_right_unit_weights_stay() -> None:
    without = example([[9.0, 0.0, 0.0, 0.0]], right=())
    given = {"telling": 2.0, "against": 0.0, "noise": 0.0, "constant": 1.0}
    assert fit_softmax([without], NAMES) == dict.fromkeys(NAMES, 0.0)
    assert fit_softmax([], NAMES, weights=given) == given
