"""The ranker fitted to one's own labels: kept only where it is better on labels left out."""

from __future__ import annotations

import numpy as np

from chains.retrieval.ranker.features import FEATURES
from evaluation.learning.examples import Example
from evaluation.learning.own import MIN_QUESTIONS, fit_own
from models.linear import LinearModel

NAMES = list(FEATURES)
BY_FUSION = LinearModel({"fused": 1.0})


def labelled(number: int, telling: str) -> Example:
    """Seven candidates, fusion being best for the first; the right one is the last, as the feature ``telling`` says."""
    rows = np.zeros((7, len(NAMES)), dtype=np.float32)
    rows[:, NAMES.index("fused")] = np.linspace(1, 0.4, 7)
    rows[6, NAMES.index(telling)] = 1.0
    return Example(id=f"q{number}", within="store", fold="tune", rows=rows, units=np.arange(7), right=(6,), missed=0)


def test_what_the_labels_show_is_learned() -> None:
    found = fit_own([labelled(number, "title") for number in range(30)], BY_FUSION)
    assert (found.before, found.after) == (0.0, 1.0)
    assert found.model is not None and found.model.weights["title"] > 0
    assert "recall@5 0.000 to 1.000" in found.model.made_by


def test_weights_that_are_right_already_stay() -> None:
    found = fit_own([labelled(number, "fused") for number in range(30)], BY_FUSION)
    assert found.before == found.after == 1.0
    assert found.model is None


def test_a_few_labels_teach_nothing() -> None:
    found = fit_own([labelled(number, "title") for number in range(MIN_QUESTIONS - 1)], BY_FUSION)
    assert found.model is None
    assert found.sentence() == "19 labelled questions are too few to learn from; 20 are needed."
