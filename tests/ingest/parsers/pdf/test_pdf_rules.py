"""Straight lines of a page's drawings."""

from __future__ import annotations

import pytest

from ingest.parsers.pdf.rules import Rules, covered, rules_of


def test_lines_across_and_down_of_every_kind_of_path() -> None:
    drawings = [
        {"type": "s", "items": [("l", (0, 10), (50, 10.4))]},
        {"type": "f", "items": [("re", (0, 20, 50, 21), 1)]},  # as thin as a line
        {"type": "f", "items": [("re", (70, 0, 72, 40), 1)]},
        {"type": "s", "items": [("re", (100, 0, 140, 40), 1)]},  # four sides
        {"type": "f", "rect": (0, 30, 50, 31), "items": [("l", (0, 30), (50, 30)), ("l", (50, 30), (50, 31))]},
    ]
    rules = rules_of(drawings)
    assert rules.across == ((0, 100, 140), (10, 0, 50), (20, 0, 50), (30, 0, 50), (40, 100, 140))
    assert rules.down == ((71, 0, 40), (100, 0, 40), (140, 0, 40))


def test_shading_slanting_lines_curves_and_dots_are_no_rules() -> None:
    drawings = [
        {"type": "f", "items": [("re", (0, 0, 50, 20), 1)]},
        {"type": "s", "items": [("l", (0, 0), (50, 20))]},
        {"type": "s", "items": [("c", (0, 0), (1, 1), (2, 2), (3, 3))]},
        {"type": "s", "items": [("l", (0, 0), (4, 0))]},
    ]
    assert rules_of(drawings) == Rules()


def test_dashes_are_one_line_and_pieces_further_apart_are_not() -> None:
    dashes = [{"type": "s", "items": [("l", (x, 5), (x + 6, 5))]} for x in (0, 9, 18, 40)]
    assert rules_of(dashes).across == ((5, 0, 24), (5, 40, 46))


@pytest.mark.parametrize(
    ("near", "share"), [((0, 12), 0.5), ((0, 22), 0.75), ((30, 40), 0.0)], ids=["one", "two that overlap", "none"]
)
def test_how_much_of_a_length_lines_run_along(near: tuple[float, float], share: float) -> None:
    """Of 0 to 100: 0-50 at the height 10, 25-75 at 20."""
    assert covered([(10, -5, 50), (20, 25, 75)], near, (0, 100)) == share


def test_lines_within_an_area() -> None:
    rules = Rules(across=((5, 0, 10), (50, 0, 10), (5, 90, 99)), down=((5, 0, 10), (5, 40, 50)))
    assert rules.within((0, 0, 20, 20)) == Rules(across=((5, 0, 10),), down=((5, 0, 10),))
