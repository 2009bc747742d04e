"""Is the text that lies under a scan worth believing? By how many of its words are words."""

from __future__ import annotations

import re
import unicodedata

from models.rejoin import vocabulary

KNOWN = 0.8  # share of English words that a layer has which needs no second look
BETTER = 0.1  # by which the share of another reading must be higher for it to be believed instead
_WORD = re.compile(r"[^\W_]{3,}")
_GARBLED = re.compile(r"\b\d+(?:[.,]\d*)?[A-Zl]\d*\b(?<=[\d\w]{3})")  # "6,4B2", "1O5": a letter read for a digit
_ORDINARY = re.compile(r"[a-zA-Z]+|\d+")


def share_known(text: str) -> float:
    """Return the share of the words of ``text``, from three letters on, that are English words in a usual form; numbers are
    left out, accents do not count, and without any word it is 1."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    found = [word for word in _WORD.findall(plain) if not word.isdigit()]
    known = vocabulary()
    good = sum(bool(_ORDINARY.fullmatch(word)) and word.lower() in known for word in found)
    return good / len(found) if found else 1.0


def is_doubtful(text: str) -> bool:
    """Return whether a second look at the page is due."""
    return share_known(text) < KNOWN or any("," in one or len(one) > 2 for one in _GARBLED.findall(text))


def is_worse(layer: str, seen: str) -> bool:
    """Return whether ``layer`` is to be given up for what was ``seen`` on the same page: it has fewer words that are words,
    or as many and garbled numbers. In a language that is not known both have few, and the layer stays."""
    own, other = share_known(layer), share_known(seen)
    garbled = len(_GARBLED.findall(layer)) > len(_GARBLED.findall(seen))
    return other >= own + BETTER or (garbled and other >= own)
