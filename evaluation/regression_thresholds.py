"""Regression thresholds: figures that may not get worse, recorded once in a small file and checked ever after.

The file is JSON, ``{pack: {figure key: mean of the assistant}}``, made to be read and tracked.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from errors import PackError
from evaluation.results import PackResult, Report

SLACK = 5e-4  # values are recorded with three decimals
DECIMALS = 3
WATCHED = (
    "answers/{}//in_quotes",
    "abstention/{}//unanswerable_refused",
    "citations/{}//cited",
    "citations/{}//supported",
    "honesty/{}//right",
)
WATCHED_DOWN = ("abstention/{}//answerable_refused", "honesty/{}//wrong_yet_checked")  # a rise is the regression
_DOWN = tuple(key.rsplit("/", 1)[1] for key in WATCHED_DOWN)

FORMER_METRICS = {"borne_out": "supported"}  # as files recorded earlier name them

Thresholds = dict[str, dict[str, float]]


@dataclass(frozen=True)
class Regression:
    """A figure that is worse than its recorded value; ``now`` is None when it was not measured at all."""

    pack: str
    key: str
    recorded: float
    now: float | None

    def __str__(self) -> str:
        now = "not measured" if self.now is None else f"{self.now:.3f}"
        return f"{self.pack}: {self.key} is {now}, recorded is {self.recorded:.3f}"


def thresholds_of(report: Report) -> Thresholds:
    """Return the assistant's headline figures, answers in its quotes, refusals and citations, pack by pack."""
    return {pack.pack: _watched(pack) for pack in report.packs}


def _watched(pack: PackResult) -> dict[str, float]:
    wanted = [key.format(within) for key in (*WATCHED, *WATCHED_DOWN) for within in ("store", "document")]
    means = _means(pack)
    return {key: round(means[key], DECIMALS) for key in (*pack.headline, *wanted) if key in means}


def _means(pack: PackResult) -> dict[str, float]:
    figures = pack.systems[0].figures if pack.systems else ()
    return {figure.key: figure.estimate.mean for figure in figures if figure.group == "all"}


def save_thresholds(thresholds: Thresholds, path: Path) -> None:
    """Write the file.

    Raises:
        PackError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(thresholds, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise PackError(f"{path} cannot be written ({error.strerror}). Name another file.") from error


def load_thresholds(path: Path) -> Thresholds:
    """Load the recorded values.

    Raises:
        PackError: the file cannot be read or holds something else.
    """
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        return {pack: {_present(key): float(value) for key, value in values.items()} for pack, values in stored.items()}
    except OSError as error:
        raise PackError(
            f"{path} cannot be read ({error.strerror}). Write it with --record-thresholds {path}."
        ) from error
    except (ValueError, TypeError, AttributeError) as error:
        raise PackError(
            f"{path} holds no recorded figures ({error}). Write it with --record-thresholds {path}."
        ) from error


def _present(key: str) -> str:
    before, slash, metric = key.rpartition("/")
    return before + slash + FORMER_METRICS.get(metric, metric)


def regressions(report: Report, thresholds: Mapping[str, Mapping[str, float]]) -> list[Regression]:
    """Return the figures of ``report`` that are worse than in ``thresholds``; packs without recorded values are passed over.

    Raises:
        PackError: no pack of the report has recorded values, so nothing would be checked.
    """
    checked = [pack for pack in report.packs if thresholds.get(pack.pack)]
    if not checked:
        names = ", ".join(pack.pack for pack in report.packs)
        raise PackError(f"No figures are recorded for {names}. Record them with --record-thresholds.")
    found = []
    for pack in checked:
        means = _means(pack)
        for key, recorded in thresholds[pack.pack].items():
            now = means.get(key)
            down = key.rsplit("/", 1)[1] in _DOWN
            if now is None or (now > recorded + SLACK if down else now < recorded - SLACK):
                found.append(Regression(pack.pack, key, recorded, now))
    return found
