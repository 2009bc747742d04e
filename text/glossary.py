"""Glossaries: names, units, abbreviations and sections as data that a user may add to (``data/glossaries/*.toml``)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, ClassVar

from errors import SettingsError
from text.values import family, tokens

FOLDER = Path(__file__).parents[1] / "data" / "glossaries"
OWN = (FOLDER / "general.toml", FOLDER / "financial_reports.toml")
_UNIT = re.compile(r"[$€£¥]|[^\W\d_]+")


@dataclass(frozen=True, kw_only=True)
class Name:
    """Forms of one name, "sweden", "swedish"; ``codes`` stand for it in tables alone."""

    KEY: ClassVar = "names"
    forms: tuple[str, ...]
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Units:
    """Units that measure the same, each with its spellings."""

    KEY: ClassVar = "units"
    measures: str
    units: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, kw_only=True)
class Abbreviation:
    """A word and what it is short for."""

    KEY: ClassVar = "abbreviations"
    short: str
    long: str


@dataclass(frozen=True, kw_only=True)
class Section:
    """Where the figures of ``terms`` are printed: below one of ``titles``; not where a question says one of ``unless``."""

    KEY: ClassVar = "sections"
    heading: str
    titles: tuple[str, ...]
    terms: tuple[str, ...]
    unless: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class Glossary:
    """The entries of one or more files, in their order."""

    names: tuple[Name, ...] = ()
    units: tuple[Units, ...] = ()
    abbreviations: tuple[Abbreviation, ...] = ()
    sections: tuple[Section, ...] = ()

    @cached_property
    def _by_form(self) -> dict[str, Name]:
        return {family(form): name for name in self.names for form in name.forms}

    @cached_property
    def _by_code(self) -> dict[str, Name]:
        return {family(code): name for name in self.names for code in name.codes}

    def is_term(self, word: str) -> bool:
        """Tell whether ``word`` is a term of a domain, and so names nothing by itself."""
        return word.lower() in self._terms

    @cached_property
    def _terms(self) -> frozenset[str]:
        return frozenset(term for section in self.sections for term in section.terms)

    def forms(self, word: str) -> tuple[str, ...]:
        """Return the forms of the name that ``word`` stands for: "sweden", "swedish", "swede" for "Swedish"; () for none."""
        name = self._by_form.get(family(word.lower()))
        return name.forms if name else ()

    def is_form(self, asked: str, own: str) -> bool:
        """Tell whether a question's word and one of a cell, both as families, stand for one name; only the cell may have
        its code."""
        name = self._by_form.get(asked)
        return name is not None and name in (self._by_form.get(own), self._by_code.get(own))

    @cached_property
    def _spelled_out(self) -> dict[str, tuple[str, ...]]:
        return {tokens(one.short)[0]: tokens(one.long) for one in self.abbreviations}

    def tokens(self, text: str) -> tuple[str, ...]:
        """Return the words of ``text`` as families (``text.values.tokens``), abbreviations spelled out."""
        return tuple(word for short in tokens(text) for word in self._spelled_out.get(short, (short,)))

    def spelled_out(self, text: str) -> str:
        """Return ``text`` in lower case with its abbreviations spelled out."""
        long = {one.short.rstrip("."): one.long for one in self.abbreviations}
        return " ".join(long.get(word.rstrip("?.,!"), word) for word in text.lower().split())

    @cached_property
    def _by_unit(self) -> dict[str, tuple[str, str]]:
        return {
            word: (one.measures, spellings[0]) for one in self.units for spellings in one.units for word in spellings
        }

    def _units_in(self, text: str) -> dict[str, set[str]]:
        """The units that ``text`` names, by what they measure."""
        found: dict[str, set[str]] = {}
        for word in _UNIT.findall(text.lower()):
            if word in self._by_unit:
                measure, unit = self._by_unit[word]
                found.setdefault(measure, set()).add(unit)
        return found

    def is_other_unit(self, asked: str, stated: Iterable[str]) -> bool:
        """Tell whether ``stated`` (a column's name, the caption, cells) names units of what ``asked`` measures and none is
        the unit of ``asked``: "100 GWh" against "Output (MWh)"."""
        there = self._units_in(" ".join(stated))
        return any(
            measure in there and not wanted & there[measure] for measure, wanted in self._units_in(asked).items()
        )


@lru_cache
def load_glossary(more: tuple[str, ...] = ()) -> Glossary:
    """Return our own glossaries with what the files ``more`` add; each set of files is read once.

    Raises:
        SettingsError: a file cannot be read, or an entry lacks a field, has an unknown one or a value of the wrong kind.
    """
    whole = Glossary()
    for path in (*OWN, *(Path(one).expanduser() for one in more)):
        read = _read(path)
        whole = replace(whole, **{name: (*getattr(whole, name), *found) for name, found in read.items()})
    return whole


def _read(path: Path) -> dict[str, list[Any]]:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"The glossary {path} cannot be read ({error}). Mend it, or leave it out of GLOSSARY."
        ) from error
    kinds = {kind.KEY: kind for kind in (Name, Units, Abbreviation, Section)}
    if unknown := sorted(data.keys() - kinds.keys()):
        raise SettingsError(f"{path}: {unknown[0]!r} is no part of a glossary. Choose from: {', '.join(kinds)}.")
    found: dict[str, list[Any]] = {}
    for key, entries in data.items():
        if not isinstance(entries, list):
            raise SettingsError(f"{path}: {key} holds no entries. Begin each with [[{key}]].")
        found[key] = [
            _entry(kinds[key], one, f"{path}: [[{key}]] number {n}") for n, one in enumerate(entries, start=1)
        ]
    return found


def _entry(kind: type, stated: object, place: str) -> Any:
    """The record that ``stated`` is; ``place`` names it in errors."""
    wanted = {field.name: str(field.type) for field in fields(kind)}
    if not isinstance(stated, Mapping) or stated.keys() - wanted.keys():
        raise SettingsError(f"{place} may have these fields alone: {', '.join(wanted)}.")
    for name, form in wanted.items():
        if name not in stated and name in ("codes", "unless"):
            continue
        depth = form.count("tuple")  # 0: a text, 1: a list of texts, 2: a list of lists
        if not _is_text(stated.get(name), depth):
            kinds = ("a text", "a list of texts", "a list of lists of texts")
            raise SettingsError(f"{place}: {name} must be {kinds[depth]}, and not empty.")
    return kind(**{name: _frozen(value) for name, value in stated.items()})


def _is_text(value: object, depth: int) -> bool:
    if depth:
        return isinstance(value, list) and bool(value) and all(_is_text(one, depth - 1) for one in value)
    return isinstance(value, str) and bool(value.strip())


def _frozen(value: object) -> object:
    return tuple(map(_frozen, value)) if isinstance(value, Sequence) and not isinstance(value, str) else value
