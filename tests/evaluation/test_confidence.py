"""What confidence is worth: precision against share, and calibration."""

from __future__ import annotations

import pytest

from evaluation.calibration import Bin, expected_calibration_error, reliability
from evaluation.plots import plots_of
from evaluation.results import PackResult, SystemResult
from evaluation.risk_coverage import Selection, risk_coverage

SURE, RIGHT = [0.3, 0.9, 0.8, 0.8], [False, True, True, False]


def test_the_surest_are_answered_first_and_equals_together() -> None:
    assert risk_coverage(SURE, RIGHT) == [
        Selection(0.9, 1 / 4, 1.0),
        Selection(0.8, 3 / 4, 2 / 3),
        Selection(0.3, 1.0, 2 / 4),
    ]
    assert risk_coverage([], []) == []


def test_bins_hold_mean_confidence_and_share_right() -> None:
    bins = reliability([0.0, 0.05, 0.84, 0.86, 1.0], [False, True, True, False, True])
    assert bins == [Bin(0.025, 0.5, 2), Bin(pytest.approx(0.85), 0.5, 2), Bin(1.0, 1.0, 1)]
    # (2 * |.025 - .5| + 2 * |.85 - .5| + 0) / 5
    assert expected_calibration_error(bins) == pytest.approx(0.33)


def test_the_report_shows_both() -> None:
    ids = "abcd"
    system = SystemResult(
        system="assistant",
        settings={},
        figures=(),
        values={
            "honesty/store//called_answered": dict.fromkeys(ids, 1.0),
            "honesty/store//right": {id_: float(one) for id_, one in zip(ids[:3], RIGHT[:3], strict=True)},
            "honesty/store//answered_right": {id_: float(one) for id_, one in zip(ids, RIGHT, strict=True)},
        },
        latency_ms={},
        confidence=dict(zip(ids, SURE, strict=True)),
    )
    pack = PackResult(pack="p", documents=1, passages=0, questions=4, headline=(), clusters={}, systems=(system,))
    captions = [caption for caption, _ in plots_of(pack)]
    # the bins .3, .8 and .9 to .99: (1 * .3 + 2 * .3 + 1 * .1) / 4
    assert captions == [
        "Precision against the share of questions called answered, the surest first; the dot, as it is set",
        "Share right against confidence, with numbers of questions; expected calibration error 0.250",
    ]
