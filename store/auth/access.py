"""Who may read which source. The rules are here alone; the catalog asks them in SQL, so that they hold at the moment of
reading.

A source names its readers: groups, and users as ``user:NAME``. One without readers is open to everybody.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from errors import AccessError
from records import Access, Principal, Source

EVERYONE = "everyone"
ADMINS = "admins"  # members change and remove what others added, as far as they may read it
_NAME = r"[\w.@+-]{1,100}"
_LABEL = re.compile(rf"(?:user:)?{_NAME}")
_USER = re.compile(_NAME)

READERS_TABLE = "CREATE TABLE readers (source TEXT NOT NULL, label TEXT NOT NULL, PRIMARY KEY (source, label))"


def user_name(text: str) -> str:
    """Return ``text`` as the name of a user or a group.

    Raises:
        AccessError: it holds something else than letters, digits and ``. _ @ + -``, or more than 100 of them.
    """
    if not _USER.fullmatch(text):
        raise AccessError(f"{text[:100]!r} is no name of a user or a group. Use letters, digits and . _ @ + - alone.")
    return text


def readers_of(names: Iterable[str]) -> tuple[str, ...]:
    """Return the readers that ``names`` mean: groups, ``user:NAME``, or ``everyone``, which is said by ().

    Raises:
        AccessError: a name cannot be one, or there is none at all, which would not say who may read.
    """
    labels = sorted({name.strip() for name in names if name.strip()})
    if not labels:
        raise AccessError(f"No readers are named. Name groups, users as user:NAME, or {EVERYONE}.")
    for label in labels:
        if not _LABEL.fullmatch(label):
            raise AccessError(f"{label[:100]!r} is no reader. Name groups, users as user:NAME, or {EVERYONE}.")
    return () if EVERYONE in labels else tuple(labels)


def readable(principal: Principal) -> tuple[str, list[str]]:
    """Return a condition on the column ``source`` that holds for what ``principal`` may read, and its parameters."""
    if principal.everything:
        return "1 = 1", []
    return (
        "(source NOT IN (SELECT source FROM readers) "
        "OR source IN (SELECT source FROM readers WHERE label IN (SELECT value FROM json_each(?))))",
        [json.dumps(principal.labels)],
    )


def may_change(principal: Principal, source: Source) -> bool:
    """Tell whether ``principal``, who may read ``source``, may also remove it and say who else reads it."""
    return principal.manages or bool(principal.name and principal.name == source.access.owner)


def joined(known: Access, asked: Access) -> Access:
    """Return who may read a link that one user added for ``known`` and another adds for ``asked``: the readers of both. A
    link gives both the same page, so nobody reads what they could not have fetched."""
    if not known.readers or not asked.readers:
        return Access((), known.owner)
    return Access(tuple(sorted({*known.readers, *asked.readers})), known.owner)


def dump_access(access: Access | None) -> str:
    """Return ``access`` as text for a row; "" for None."""
    return "" if access is None else json.dumps([list(access.readers), access.owner])


def load_access(text: str) -> Access | None:
    """Return what ``dump_access`` wrote."""
    if not text:
        return None
    readers, owner = json.loads(text)
    return Access(tuple(readers), owner)
