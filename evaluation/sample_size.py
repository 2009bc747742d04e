"""How sure a share is after so many labels, and how many more make it as sure as wanted.

Wilson's score interval for a binomial share (Wilson 1927, https://doi.org/10.1080/01621459.1927.10502953; recommended for
small numbers by Brown, Cai and DasGupta 2001, https://doi.org/10.1214/ss/1009213286). With z = 1.96, a share p out of n:

    (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n)

Unlike p ± z √(p(1-p)/n) it does not shrink to nothing when all labels agree. Labels are taken as independent; questions
on the same page are not quite, so the true interval is somewhat wider.
"""

from __future__ import annotations

import math

Z = 1.96  # 95 %
MAX_LABELS = 10**9


def interval(successes: int, labels: int) -> tuple[float, float]:
    """Return the 95 % interval of a share; (0, 1) without any label.

    Raises:
        ValueError: there are more successes than labels, or fewer than none.
    """
    if not 0 <= successes <= labels:
        raise ValueError(f"{successes} successes of {labels} labels is no share.")
    if not labels:
        return 0.0, 1.0
    centre, half = _centre_and_half(successes / labels, labels)
    return max(0.0, centre - half), min(1.0, centre + half)


def _centre_and_half(share: float, labels: int) -> tuple[float, float]:
    shrink = 1 + Z**2 / labels
    half = Z * math.sqrt(share * (1 - share) / labels + Z**2 / (4 * labels**2)) / shrink
    return (share + Z**2 / (2 * labels)) / shrink, half


def more_labels(successes: int, labels: int, width: float) -> int:
    """Return how many more labels make the interval at most ``width`` wide, should the share stay as it is; a half, the
    share that needs most, is assumed while there is no label.

    Raises:
        ValueError: ``width`` is not between 0 and 1, or the share is none.
    """
    if not 0 < width < 1:
        raise ValueError(f"A width of {width} cannot be reached. Choose one between 0 and 1, e.g. 0.1.")
    if not 0 <= successes <= labels:
        raise ValueError(f"{successes} successes of {labels} labels is no share.")
    share = successes / labels if labels else 0.5
    low, high = 0, MAX_LABELS  # too few, enough: the width falls with every label
    while high - low > 1:
        middle = (low + high) // 2
        if 2 * _centre_and_half(share, middle)[1] <= width:
            high = middle
        else:
            low = middle
    return max(0, high - labels)
