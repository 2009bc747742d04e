"""Wilson's interval and the number of labels, against arithmetic by hand."""

from __future__ import annotations

import pytest

from evaluation.sample_size import interval, more_labels


def test_the_interval_of_half_of_ten() -> None:
    # p = .5: the half width is z / (2 sqrt(n + z²)) = 1.96 / (2 * sqrt(13.8416)) = 1.96 / 7.4408 = .2634
    assert interval(5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-4)


def test_the_interval_of_none_and_of_all() -> None:
    # p = 0: from 0 to z² / (n + z²) = 3.8416 / 13.8416 = .2775; p = 1 is its mirror image
    assert interval(0, 10) == pytest.approx((0.0, 0.2775), abs=1e-4)
    assert interval(10, 10) == pytest.approx((0.7225, 1.0), abs=1e-4)
    assert interval(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("successes", "labels", "width", "more"),
    [
        # p = .5: width z / sqrt(n + z²), so n = (z / w)² - z²: for .2 96.04 - 3.84 = 92.2, so 93; for .1 380.3, so 381
        (0, 0, 0.2, 93),
        (0, 0, 0.1, 381),
        (5, 10, 0.2, 83),
        (50, 100, 0.2, 0),
        # p = 0 or 1: width z² / (n + z²), so n = z² / w - z²: for .2 19.208 - 3.842 = 15.4, so 16
        (0, 4, 0.2, 12),
        (4, 4, 0.2, 12),
    ],
)
def test_labels_that_are_missing(successes: int, labels: int, width: float, more: int) -> None:
    assert more_labels(successes, labels, width) == more


def test_what_is_promised_holds() -> None:
    more = more_labels(30, 40, 0.15)
    share = 0.75
    low, high = interval(round(share * (40 + more)), 40 + more)
    assert high - low <= 0.151
    low, high = interval(round(share * (38 + more)), 38 + more)
    assert high - low > 0.15


@pytest.mark.parametrize(("successes", "labels", "width"), [(1, 1, 0.0), (1, 1, 1.0), (2, 1, 0.1), (-1, 1, 0.1)])
def test_nonsense_is_refused(successes: int, labels: int, width: float) -> None:
    with pytest.raises(ValueError, match=r"width|share"):
        more_labels(successes, labels, width)
