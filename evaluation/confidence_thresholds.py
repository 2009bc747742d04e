"""Confidence thresholds: how sure of its evidence the extractive reader must be to call it an answer, and of which questions
each would not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from evaluation.results import SystemResult

STEPS = 100  # thresholds from 0 to 1
MIN_QUESTIONS = 10  # of each kind; fewer say nothing about a threshold


@dataclass(frozen=True)
class RefusalRates:
    """The shares of questions that would not be called answered at ``threshold``."""

    threshold: float
    unanswerable: float
    answerable: float

    @property
    def youden(self) -> float:
        """Youden's J (1950, https://doi.org/10.1002/1097-0142): right refusals less wrong ones."""
        return self.unanswerable - self.answerable


def curve(systems: Iterable[SystemResult]) -> list[RefusalRates]:
    """Return the rates at thresholds from 0 to 1 over all questions of ``systems``; [] when either kind is missing."""
    unanswerable: list[float] = []
    answerable: list[float] = []
    for system in systems:
        unanswerable += _confidence(system, "unanswerable_refused")
        answerable += _confidence(system, "answerable_refused")
    if not unanswerable or not answerable:
        return []
    return [
        RefusalRates(threshold, _below(unanswerable, threshold), _below(answerable, threshold))
        for threshold in (step / STEPS for step in range(STEPS + 1))
    ]


def best_threshold(systems: Iterable[SystemResult]) -> RefusalRates | None:
    """Return the threshold with the highest Youden's J, the lowest of equals; None when there are too few questions."""
    systems = list(systems)
    counts = (
        sum(len(_confidence(one, f"{kind}_refused")) for one in systems) for kind in ("unanswerable", "answerable")
    )
    if min(counts) < MIN_QUESTIONS:
        return None
    return max(curve(systems), key=lambda one: (one.youden, -one.threshold))


def _confidence(system: SystemResult, metric: str) -> list[float]:
    """Of the questions that have ``metric``: each is either answerable or not."""
    judged: Mapping[str, float] = next(
        (
            values
            for key, values in system.values.items()
            if key.startswith("abstention/") and key.endswith(f"/{metric}")
        ),
        {},
    )
    return [system.confidence[id_] for id_ in judged if id_ in system.confidence]


def _below(values: list[float], threshold: float) -> float:
    return sum(value < threshold for value in values) / len(values)
