"""What kind of answer an English question asks for."""

from __future__ import annotations

import re

ASKS_NUMBER = re.compile(
    r"\b(?:how (?:many|much|old|long|far|tall|high|large|often)|percentage|percent|ratio|amount|rate|price)\b"
    r"|\bcosts?\W*$",
    re.I,
)
ASKS_TIME = re.compile(r"\b(?:when|what (?:year|date|day|month)|which (?:year|date|day|month))\b", re.I)
ASKS_PERSON = re.compile(r"\b(?:who|whom|whose)\b", re.I)
ASKS_WHETHER = re.compile(r"^\W*(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would)\b", re.I)
