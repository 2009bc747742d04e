"""The unit that a table states for its numbers."""

from __future__ import annotations

import pytest
from fakes import chunk, table

from text.stated_units import unit_of

SHEET = table(("(in thousands)", "2022", "2023"), ("Net result", "355", "412"), ("Margin", "7.4 %", "7.9 %"))


@pytest.mark.parametrize(
    ("cells", "unit"),
    [
        (["412"], ", in thousands"),
        (["(1,412)"], ", in thousands"),
        (["€ 412"], ", in thousands"),
        (["$(412)"], ", in thousands"),
        (["7.4 %", "412"], ", in thousands"),
        (["7.9 %"], ""),
        (["12 days"], ""),
        (["Anna Lind"], ""),
    ],
)
def test_a_cell_with_a_unit_of_its_own_gets_no_other(cells: list[str], unit: str) -> None:
    assert unit_of(SHEET, chunk(""), cells) == unit
