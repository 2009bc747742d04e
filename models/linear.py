"""Linear models kept in a file: weights by the name of a feature, so that they can be read as a table."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from errors import SettingsError

LARGEST = 30.0  # of a sum, beyond which a probability is 0 or 1


@dataclass(frozen=True)
class LinearModel:
    """Weights by the name of a feature; one that is not named counts nothing."""

    weights: Mapping[str, float]
    bias: float = 0.0
    made_by: str = ""
    thresholds: Mapping[str, float] = field(default_factory=dict)

    def vector(self, names: Iterable[str]) -> NDArray[np.float64]:
        """Return the weights in the order of ``names``."""
        return np.array([self.weights.get(name, 0.0) for name in names])

    def probability(self, values: Mapping[str, float]) -> float:
        """Return the logistic function of the weighted sum of ``values``, from 0 to 1."""
        total = self.bias + sum(self.weights.get(name, 0.0) * value for name, value in values.items())
        return 1 / (1 + math.exp(-max(-LARGEST, min(LARGEST, total))))

    def save(self, path: Path) -> None:
        """Write the model to ``path``, without the features that count nothing."""
        kept = {name: round(float(weight), 4) for name, weight in self.weights.items() if round(float(weight), 4)}
        stored = {
            "made by": self.made_by,
            "bias": round(self.bias, 4),
            "weights": dict(sorted(kept.items(), key=lambda item: -abs(item[1]))),
            "thresholds": {name: round(value, 4) for name, value in self.thresholds.items()},
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")


def load_linear_model(path: Path) -> LinearModel:
    """Load the model that ``LinearModel.save`` wrote to ``path``; it is read again when the file changes.

    Raises:
        SettingsError: the file holds none.
    """
    try:
        return _load(path, path.stat().st_mtime_ns)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SettingsError(
            f"{path} holds no weights that can be used ({error!r}). Delete it, or make it again with "
            "python -m evaluation --fit."
        ) from error


@lru_cache(8)
def _load(path: Path, changed: int) -> LinearModel:
    stored = json.loads(path.read_text(encoding="utf-8"))
    return LinearModel(
        weights={str(name): float(weight) for name, weight in stored["weights"].items()},
        bias=float(stored.get("bias", 0.0)),
        made_by=str(stored.get("made by", "")),
        thresholds={str(name): float(value) for name, value in stored.get("thresholds", {}).items()},
    )
