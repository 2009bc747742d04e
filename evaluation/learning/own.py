"""The ranker fitted to the labels of one's own documents, kept only where it is better on labels that it has not seen."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from chains.retrieval.ranker.features import FEATURES
from evaluation.learning.examples import Example
from evaluation.learning.judge import recall_at
from evaluation.learning.softmax import fit_softmax
from models.linear import LinearModel

FOLDS = 5
MIN_QUESTIONS = 20  # labelled ones; fewer teach nothing that could be told from chance
CUTOFF = 5
NAMES = list(FEATURES)


@dataclass(frozen=True)
class OwnFit:
    """Recall of the labelled places among the first ``CUTOFF``: with the weights as they come, and with weights fitted to the
    other labels; and the weights fitted to all of them, where that is better."""

    questions: int
    before: float
    after: float
    model: LinearModel | None

    def sentence(self) -> str:
        """Describe what came of it in a sentence."""
        if self.questions < MIN_QUESTIONS:
            return f"{self.questions} labelled questions are too few to learn from; {MIN_QUESTIONS} are needed."
        change = f"recall@{CUTOFF} {self.before:.3f} to {self.after:.3f} on labels left out, {self.questions} questions"
        return (
            f"Fitted to your labels: {change}."
            if self.model
            else f"Not better with your labels, so left as it is: {change}."
        )


def fit_own(examples: Sequence[Example], shipped: LinearModel) -> OwnFit:
    """Return weights drawn to those ``shipped`` and fitted to ``examples``, judged by five-fold cross-validation."""
    some = [one for one in examples if one.right]
    if len(some) < MIN_QUESTIONS:
        return OwnFit(len(some), 0.0, 0.0, None)
    before = recall_at(some, shipped.weights, NAMES, CUTOFF)[0]
    total = 0.0
    for fold in range(FOLDS):
        out = [one for one in some if _fold(one) == fold]
        if out:
            weights = fit_softmax([one for one in some if _fold(one) != fold], NAMES, weights=shipped.weights)
            total += recall_at(out, weights, NAMES, CUTOFF)[0] * len(out)
    after = total / len(some)
    if after <= before:
        return OwnFit(len(some), before, after, None)
    weights = fit_softmax(some, NAMES, weights=shipped.weights)
    model = LinearModel(weights)
    made_by = OwnFit(len(some), before, after, model).sentence()
    return OwnFit(len(some), before, after, LinearModel(weights, made_by=made_by))


def _fold(example: Example) -> int:
    return int(hashlib.sha256(example.id.encode()).hexdigest(), 16) % FOLDS
