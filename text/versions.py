"""Versions in the names of documents: "Handbook v2", "policy_rev-B", "Terms (version 1.3)", and the name without them."""

from __future__ import annotations

import re

_MARK = r"(?:version|edition|revision|release|rev|ver|ed|v)"
_VERSION = re.compile(rf"(?<![^\W_]){_MARK}[ ._-]{{0,2}}(\d+(?:\.\d+){{0,3}}|[a-h](?![^\W_]))(?![^\W_])", re.IGNORECASE)
_ORDINAL = re.compile(r"(?<![^\W_])(\d{1,2})(?:st|nd|rd|th)[ _-](?:edition|version|revision)(?![^\W_])", re.IGNORECASE)
_DATE = re.compile(r"(?<!\d)(?:19|20)\d\d(?:[-_.]?(?:0[1-9]|1[0-2])(?:[-_.]?(?:0[1-9]|[12]\d|3[01]))?)?(?!\d)")
_STATE = re.compile(r"(?<![^\W_])(?:draft|final|latest|current|old|new|copy|signed)(?![^\W_])", re.IGNORECASE)


def version_in_name(name: str) -> str:
    """Return the version that the name of a document or file states, "" where it states none.

    >>> version_in_name("Handbook_v2.1"), version_in_name("3rd edition"), version_in_name("rev B"), version_in_name("Ivo 2")
    ('2.1', '3', 'b', '')
    """
    found = _VERSION.search(name) or _ORDINAL.search(name)
    return found[1].lower() if found else ""


def without_version(name: str) -> str:
    """Return a name in small letters without versions, dates and what stands for them: the same for versions of a document.

    >>> without_version("Travel-Policy_2023-04 final"), without_version("Travel policy, version 2")
    ('travel policy', 'travel policy')
    """
    for pattern in (_VERSION, _ORDINAL, _DATE, _STATE):
        name = pattern.sub(" ", name)
    return " ".join(re.findall(r"[^\W_]+", name.lower()))
