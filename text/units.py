"""Units that measure the same: a bound in one of them says nothing about a column in another."""

from __future__ import annotations

import re
from collections.abc import Iterable

# Each line is one measure; words of one entry with "/" are one unit.
_MEASURES = """
wh kwh mwh gwh twh
w kw mw gw
mm cm km m/metre/metres/meter/meters mi/mile/miles ft/foot/feet yd/yard/yards inch/inches
mg g/gram/grams kg t/tonne/tonnes/ton/tons lb/lbs oz
ml l/litre/litres/liter/liters hl
s/sec/second/seconds min/mins/minute/minutes hour/hours day/days week/weeks month/months
thousand/thousands million/millions/mn billion/billions/bn
$/usd/dollar/dollars €/eur/euro/euros £/gbp ¥/yen/jpy
"""
_UNIT = {
    word: (measure, entry)
    for measure, line in enumerate(_MEASURES.split("\n"))
    for entry in line.split()
    for word in entry.split("/")
}
_WORD = re.compile(r"[$€£¥]|[^\W\d_]+")


def units(text: str) -> dict[int, set[str]]:
    """The units that ``text`` names, by what they measure."""
    found: dict[int, set[str]] = {}
    for word in _WORD.findall(text.lower()):
        if word in _UNIT:
            measure, unit = _UNIT[word]
            found.setdefault(measure, set()).add(unit)
    return found


def measured_otherwise(asked: str, stated: Iterable[str]) -> bool:
    """Whether ``stated`` (a column's name, the caption, cells) names units of what ``asked`` measures and none is the unit
    of ``asked``: "100 GWh" against "Output (MWh)"."""
    there = units(" ".join(stated))
    return any(measure in there and not wanted & there[measure] for measure, wanted in units(asked).items())
