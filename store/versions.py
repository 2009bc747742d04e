"""Versions of one document among the sources: of one title or name but for a version or date, and alike in their words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePath

from records import Principal, Source
from store.auth.per_principal import PerPrincipal
from store.documents import Documents
from store.fields import fields_of
from text.conditions import sort_key
from text.dates import date_in_name
from text.sketch import resemblance
from text.versions import without_version

ALIKE = (
    0.3  # of the runs of four words of both, in common: one word in six may be another; reports of two years share less
)
MOST = 100  # sources of one name that are compared
MIN_NAME = 4  # letters

Versions = tuple[Source, ...]  # of one document, the newest first


def versions_among(sources: Iterable[Source]) -> list[Versions]:
    """Return those of ``sources`` that are versions of one document, for each document with several. What differs neither in
    version nor in date is none: nothing says which is newer."""
    named: dict[str, list[Source]] = defaultdict(list)
    for source in sources:
        if source.about.sketch:
            for name in _names(source):
                named[name].append(source)
    found: dict[frozenset[str], Versions] = {}
    for group in named.values():
        for alike in _alike(group[:MOST]) if len(group) > 1 else ():
            ordered = tuple(sorted(alike, key=age, reverse=True))
            if age(ordered[0]) > age(ordered[1]):
                found[frozenset(one.source for one in ordered)] = ordered
    whole = [own for own in found if not any(own < other for other in found)]
    return [found[own] for own in whole]


def age(source: Source) -> tuple[tuple[int, ...], ...]:
    """Return what is greater for the newer of two versions: the version, then the date in the name or as stated, then when it
    was changed."""
    fields = fields_of(source)
    title, stem = source.name or source.title, PurePath(source.source).stem
    stated = next((value for value in fields.get("version", ())), "")
    numbers = sort_key(stated) or tuple(ord(letter) - 96 for letter in stated.lower()[:1] if letter.isalpha())
    own = next((value for field, value in source.about.own if field == "date"), "")
    day = own or date_in_name(stem) or date_in_name(title) or next(iter(fields.get("date", ())), "")
    return numbers, sort_key(day), sort_key(next(iter(fields.get("modified", ())), ""))


def called(source: Source) -> str:
    """Return what tells a version from others, for people: "version 2, 2024-03-01"."""
    fields = fields_of(source)
    version, day = (next(iter(fields.get(name, ())), "") for name in ("version", "date"))
    own = date_in_name(PurePath(source.source).stem) or date_in_name(source.name or source.title)
    said = [f"version {version}"] if version else []
    return ", ".join([*said, *filter(None, [own or day])]) or PurePath(source.source).name


def _names(source: Source) -> set[str]:
    names = {without_version(source.name or source.title), without_version(PurePath(source.source).stem)}
    return {f"{source.kind}/{name}" for name in names if len(name) >= MIN_NAME}


def _alike(group: Sequence[Source]) -> Iterator[list[Source]]:
    """Yield the sources of a group that are like another one of it, together."""
    left = list(group)
    while left:
        alike = [left.pop(0)]
        for one in alike:  # which grows as others are found to be like one in it
            near = [other for other in left if resemblance(one.about.sketch, other.about.sketch) >= ALIKE]
            left = [other for other in left if other not in near]
            alike += near
        if len(alike) > 1:
            yield alike


class VersionSearch:
    """Versions among what somebody may read. Safe to use from several threads."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._found = PerPrincipal(lambda principal: versions_among(documents.sources(principal)))

    def of(self, principal: Principal) -> list[Versions]:
        """Return the documents with several versions that ``principal`` may read."""
        return self._found.of(principal, self._documents.stamp())
