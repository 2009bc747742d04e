"""Recorded figures and regressions from them."""

from __future__ import annotations

from pathlib import Path

import pytest

from errors import PackError
from evaluation.__main__ import parser
from evaluation.regression_thresholds import load_thresholds, regressions, save_thresholds, thresholds_of
from evaluation.results import PackResult, Report, SystemResult
from evaluation.scoring import Figure
from evaluation.statistics import Estimate

HIT = "retrieval/store/page/hit@1"
REFUSED = "abstention/store//answerable_refused"


def _figure(key: str, mean: float, group: str = "all") -> Figure:
    part, within, level, metric = key.split("/")
    estimate = Estimate(mean, None, None, 4, 1)
    return Figure(part=part, within=within, level=level, group=group, metric=metric, estimate=estimate)  # type: ignore[arg-type]


def _report(hit: float | None = 0.75, refused: float = 0.25, name: str = "mine") -> Report:
    figures = [_figure(REFUSED, refused), _figure(HIT, 0.1, "kind: table"), _figure("answers/store//f1", 0.5)]
    figures += [] if hit is None else [_figure(HIT, hit)]
    ours = SystemResult(system="assistant", settings={}, figures=tuple(figures), values={}, latency_ms={})
    baseline = SystemResult(system="bm25", settings={}, figures=(_figure(HIT, 0.0),), values={}, latency_ms={})
    pack = PackResult(
        pack=name, documents=1, passages=0, questions=4, headline=(HIT,), clusters={}, systems=(ours, baseline)
    )
    return Report(packs=(pack,), about={})


def test_what_is_recorded_comes_back(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "thresholds.json"
    save_thresholds(thresholds_of(_report(hit=2 / 3)), file)
    assert load_thresholds(file) == {"mine": {HIT: 0.667, REFUSED: 0.25}}


@pytest.mark.parametrize(
    ("hit", "refused", "worse"),
    [(0.75, 0.25, []), (1.0, 0.0, []), (0.5, 0.25, [HIT]), (0.75, 0.5, [REFUSED]), (None, 0.25, [HIT])],
)
def test_a_figure_may_get_better_and_not_worse(hit: float | None, refused: float, worse: list[str]) -> None:
    found = regressions(_report(hit, refused), thresholds_of(_report()))
    assert [step.key for step in found] == worse


def test_rounding_is_no_regression() -> None:
    for questions in range(1, 60):
        for right in range(questions + 1):
            report = _report(right / questions, right / questions)
            assert regressions(report, thresholds_of(report)) == []


def test_a_regression_says_both_values() -> None:
    (step,) = regressions(_report(0.5), thresholds_of(_report()))
    assert str(step) == f"mine: {HIT} is 0.500, recorded is 0.750"


def test_files_recorded_earlier_are_read_by_the_names_of_today(tmp_path: Path) -> None:
    path = tmp_path / "thresholds.json"
    path.write_text('{"mine": {"citations/store//borne_out": 1.0, "answers/store//in_quotes": 0.5}}')
    assert load_thresholds(path) == {"mine": {"citations/store//supported": 1.0, "answers/store//in_quotes": 0.5}}


def test_flags_of_before_go_on_working() -> None:
    arguments = parser().parse_args(["pack", "--floor", "a.json", "--record-floor", "b.json"])
    assert (arguments.thresholds, arguments.record_thresholds) == (Path("a.json"), Path("b.json"))


def test_nothing_recorded_is_no_success(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="No figures are recorded for mine"):
        regressions(_report(), thresholds_of(_report(name="other")))
    with pytest.raises(PackError, match=r"absent.json cannot be read"):
        load_thresholds(tmp_path / "absent.json")
    (tmp_path / "bad.json").write_text('{"mine": [1]}')
    with pytest.raises(PackError, match=r"bad.json holds no recorded figures"):
        load_thresholds(tmp_path / "bad.json")
