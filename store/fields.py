"""The fields of sources, by which they are filtered: what the catalog knows, what the file says, what the user added."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePath

from errors import FilterError
from records import Scope, Source
from store.documents import Documents
from text.conditions import EXAMPLE, Condition, conditions_in, fulfils
from text.dates import date_in_name
from text.versions import version_in_name

SHOWN = 8  # values that an error names

FieldsOf = Mapping[str, tuple[str, ...]]


def fields_of(source: Source) -> dict[str, tuple[str, ...]]:
    """Return the fields of ``source`` by their names in small letters. What the user says of it wins over what the file says;
    a date or version that neither does is that in its title or name."""
    about, name = source.about, PurePath(source.source).name
    title = source.name or source.title
    found: dict[str, tuple[str, ...]] = {
        "title": (title,),
        "name": (name,),
        "kind": (source.kind,),
        "added": (source.when[:10],),
        "tag": about.tags,
        "date": _first(date_in_name(one) for one in (PurePath(name).stem, title)),
        "version": _first(version_in_name(one) for one in (PurePath(name).stem, title)),
    }
    for part in (about.stated, about.own):
        named: dict[str, tuple[str, ...]] = {}
        for field, value in part:
            named[field] = (*named.get(field, ()), value)
        if "tag" in named:  # beside those that were found in it
            named["tag"] = tuple(dict.fromkeys((*named["tag"], *about.tags)))
        found |= named
    return {field: values for field, values in found.items() if any(values)}


def _first(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(value for value in values if value)[:1]


def matching(where: str, sources: Sequence[Source]) -> tuple[Source, ...]:
    """Return those of ``sources`` that the filter ``where`` lets through; all for an empty one.

    Raises:
        FilterError: it cannot be read, names a field that none of them has, or lets none through.
    """
    conditions = conditions_in(where)
    if not conditions:
        return tuple(sources)
    fields = [fields_of(source) for source in sources]
    for one in conditions:
        _check_field(one, fields)
    found = tuple(source for source, own in zip(sources, fields, strict=True) if fulfils(own, conditions))
    if not found:
        raise FilterError(_none_fits(conditions, fields))
    return found


def narrowed(scope: Scope, where: str, documents: Documents) -> Scope:
    """Return ``scope`` with those of its sources that the filter ``where`` lets through.

    Raises:
        FilterError: as ``matching``.
    """
    if not where.strip():
        return scope
    known = documents.sources(scope.principal)
    inside = known if scope.sources is None else [one for one in known if one.source in set(scope.sources)]
    return replace(scope, sources=tuple(one.source for one in matching(where, inside)))


def _check_field(condition: Condition, fields: Sequence[FieldsOf]) -> None:
    known = sorted(set().union(*fields)) if fields else []
    if condition.field not in known:
        raise FilterError(
            f"No document has a field “{condition.field}”. There are: {', '.join(known) or 'no documents'}. "
            f"Write e.g. {EXAMPLE}"
        )


def _none_fits(conditions: Sequence[Condition], fields: Sequence[FieldsOf]) -> str:
    """What is said where no document fulfils all: of the first condition that none fulfils by itself, its field's values."""
    failing = next((one for one in conditions if not any(fulfils(own, [one]) for own in fields)), None)
    if failing is None:
        return f"No document fulfils all of {' '.join(map(str, conditions))}, though some fulfil each. Leave one out."
    values = Counter(value for own in fields for value in own.get(failing.field, ()))
    shown = [f"“{value}”" for value, _ in values.most_common(SHOWN)]
    more = f" and {len(values) - SHOWN:,} more" if len(values) > SHOWN else ""
    return f"No document has {failing}. The field {failing.field} is {', '.join(shown)}{more}."
