"""Which version of a document a question is answered from: the newest, unless it asks of another one, and said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from records import Scope, Source, Turn
from store.fields import fields_of
from store.versions import Versions, age, called
from text.version_words import VersionAsked, version_asked
from text.years import years_in


def without_older(scope: Scope, question: str, documents: Iterable[Versions]) -> Scope:
    """Return ``scope`` without the versions of documents that ``question`` does not ask of. Where somebody picked nothing but
    versions of one document, all of them are read."""
    asked, years = version_asked(question), years_in(question)
    left_out: set[str] = set()
    for versions in documents:
        inside = [one for one in versions if scope.sources is None or one.source in scope.sources]
        picked = scope.sources is not None and set(scope.sources) <= {one.source for one in versions}
        if len(inside) > 1 and not picked:
            kept = _asked_of(asked, inside) + [one for one in inside if years & _years(one)]
            left_out |= {one.source for one in inside} - {one.source for one in kept}
    return replace(scope, left_out=frozenset(left_out))


def _asked_of(asked: VersionAsked, versions: Sequence[Source]) -> list[Source]:
    if asked.which == "all":
        return list(versions)
    if asked.which == "number":
        named = [one for one in versions if asked.number in fields_of(one).get("version", ())]
        if named:
            return named
    if asked.which == "first":
        return [versions[-1]]
    newest = [one for one in versions if age(one) == age(versions[0])]  # which may be the same file twice
    older = versions[len(newest) :]
    return [older[0]] if asked.which == "previous" and older else newest


def _years(source: Source) -> frozenset[int]:
    return years_in(called(source))


def said_of_versions(turn: Turn, documents: Iterable[Versions]) -> list[str]:
    """Return what is to be said of the versions that the answer of ``turn`` cites: which it is, and that there are others."""
    cited = {citation.chunk.source for citation in turn.citations}
    said = []
    for versions in documents:
        used = [one for one in versions if one.source in cited]
        others = [one for one in versions if one.source in turn.scope.left_out]
        if not (used and others):
            continue
        title = used[0].name or used[0].title
        is_newest = age(used[0]) == age(versions[0])
        from_ = "the newest version" if is_newest else "an older version"
        rest = "; ".join(called(one) for one in others[:3])
        said.append(
            f"This is from {from_} of “{title}” ({called(used[0])}). Not read: {rest}. Ask “in all versions” to have them "
            "read, too."
        )
    return said
