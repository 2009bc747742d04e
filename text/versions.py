"""Versions in the names of documents: "Handbook v2", "policy_rev-B", "Terms (version 1.3)", and the name without them."""

from __future__ import annotations

import re
from functools import cache

from text.word_lists import one_of

_DATE = re.compile(r"(?<!\d)(?:19|20)\d\d(?:[-_.]?(?:0[1-9]|1[0-2])(?:[-_.]?(?:0[1-9]|[12]\d|3[01]))?)?(?!\d)")


def version_in_name(name: str) -> str:
    """Return the version that the name of a document or file states, "" where it states none.

    >>> version_in_name("Handbook_v2.1"), version_in_name("3rd edition"), version_in_name("rev B"), version_in_name("Ivo 2")
    ('2.1', '3', 'b', '')
    """
    numbered, ordinal, _ = _patterns()
    found = numbered.search(name) or ordinal.search(name)
    return found[1].lower() if found else ""


def without_version(name: str) -> str:
    """Return a name in small letters without versions, dates and what stands for them: the same for versions of a document.

    >>> without_version("Travel-Policy_2023-04 final"), without_version("Travel policy, version 2")
    ('travel policy', 'travel policy')
    """
    for pattern in (*_patterns(), _DATE):
        name = pattern.sub(" ", name)
    return " ".join(re.findall(r"[^\W_]+", name.lower()))


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """A version by its number, by an ordinal, and what stands for one."""
    marks = one_of("version_marks")
    numbered = rf"(?<![^\W_]){marks}[ ._-]{{0,2}}(\d+(?:\.\d+){{0,3}}|[a-h](?![^\W_]))(?![^\W_])"
    ordinal = rf"(?<![^\W_])(\d{{1,2}}){one_of('ordinal_ends')}[ _-]{one_of('versions')}(?![^\W_])"
    state = rf"(?<![^\W_]){one_of('version_states')}(?![^\W_])"
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in (numbered, ordinal, state))  # type: ignore[return-value]
