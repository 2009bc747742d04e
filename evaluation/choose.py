"""Choosing the best retrieval settings for one corpus, from an ablation on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chains.answering.extractive.scorers import least_confidence
from config import CHOICES, Settings
from errors import PackError
from evaluation.confidence_thresholds import RefusalRates, best_threshold, curve
from evaluation.results import PackResult, Report, SystemResult
from evaluation.statistics import Difference, compare
from evaluation.text_report import number


@dataclass(frozen=True)
class Choice:
    """The winner, what it sets otherwise than now, and its paired difference to the system as it is set now."""

    system: str
    choices: dict[str, Any]  # those of ``config.CHOICES`` that differ from the present settings; {} when none does
    figure: str
    difference: Difference | None  # None when the present settings won

    def sentence(self) -> str:
        """Describe the choice in a sentence."""
        if self.difference is None:
            return f"Best as it is set now ({self.figure})."
        found = self.difference
        p_value = "" if found.p_value is None else f", p = {found.p_value:.4f}"
        change = f"{found.mean_a:.3f} to {found.mean_b:.3f}: {number(found.difference)}{p_value}"
        return f"Best: {self.system} ({self.figure} from {change})."


def choose(report: Report, settings: Settings, *, seed: int = 0) -> Choice:
    """Choose the system with the highest mean of the first headline figure over all questions of all packs; of several,
    the one that is set now, else the fastest. Only systems that differ from the present one in settings can win.

    Raises:
        PackError: there is no retrieval figure to choose by, or no variant to choose from.
    """
    candidates = _candidates(report.packs, settings)
    if not any(pack.headline for pack in report.packs):
        raise PackError("These packs have no retrieval figure to choose by: their questions name no evidence.")
    if len(candidates) < 2:
        raise PackError("There is nothing to choose from: no variant of the ablation differs in its settings alone.")
    values = {name: _values(report.packs, name) for name in candidates}
    now = report.packs[0].systems[0].system
    figure = " and ".join(dict.fromkeys(pack.headline[0] for pack in report.packs if pack.headline))

    def order(name: str) -> tuple[float, bool, float]:
        return -_mean(values[name]), name != now, _latency(report.packs, name)

    best = min(candidates, key=order)
    changed = candidates[best]
    if best == now or not changed or _mean(values[best]) <= _mean(values[now]):
        return Choice(now, {}, figure, None)
    clusters = {
        f"{pack.pack}/{id_}": f"{pack.pack}/{one}" for pack in report.packs for id_, one in pack.clusters.items()
    }
    return Choice(best, changed, figure, compare(values[now], values[best], clusters, seed=seed))


def choose_threshold(report: Report, settings: Settings) -> RefusalRates | None:
    """Choose the confidence needed to answer that tells answerable from unanswerable questions best; None when too few
    of either kind were asked, or when the one that is set does as well."""
    systems = [pack.systems[0] for pack in report.packs]
    best = best_threshold(systems)
    least = least_confidence(settings)
    now = next((one for one in curve(systems) if one.threshold >= least), None)
    return best if best and now and best.youden > now.youden else None


def _candidates(packs: Sequence[PackResult], settings: Settings) -> dict[str, dict[str, Any]]:
    """Systems that all packs have and that settings alone make, with what they set otherwise than now."""
    found: dict[str, dict[str, Any]] = {}
    for position, system in enumerate(packs[0].systems):
        stated = {name: system.settings[name] for name in CHOICES if name in system.settings}
        changed = {name: _plain(value) for name, value in stated.items() if value != getattr(settings, name)}
        everywhere = all(pack.system(system.system) for pack in packs)
        if everywhere and stated and (position == 0 or changed):
            found[system.system] = changed
    return found


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _values(packs: Sequence[PackResult], name: str) -> Mapping[str, float]:
    """The first headline figure of every question, named by pack and id."""
    return {
        f"{pack.pack}/{id_}": value
        for pack in packs
        if pack.headline
        for id_, value in _system(pack, name).values.get(pack.headline[0], {}).items()
    }


def _system(pack: PackResult, name: str) -> SystemResult:
    found = pack.system(name)
    assert found is not None  # ``_candidates`` looked
    return found


def _mean(values: Mapping[str, float]) -> float:
    return sum(values.values()) / len(values) if values else 0.0


def _latency(packs: Sequence[PackResult], name: str) -> float:
    return sum(_system(pack, name).latency_ms.get("total", {}).get("p50", 0.0) for pack in packs)
