"""Which sources a question speaks of: by the words of their titles and file names, years and quarters."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar
from urllib.parse import unquote, urlsplit

from text.tokens import content_words, stem
from text.word_lists import word_set
from text.years import Periods, is_year

LEAST_SURE = 0.4  # of the worth of one word that no other source has in its name; less names nothing
PERIOD_WEIGHT = 0.2  # what a point of ``Periods.fit`` adds to a name, or takes from it, as a share
RUN_TOGETHER = 7  # letters from which "americanexpress" in a file name is taken for "American Express"

MENTION_LETTERS = 4  # of a title of one word that is looked for in texts
SAME_TITLE = 3  # sources; what more of them are called, names none

_TOKEN = re.compile(r"[^\W_]+")
_IN_BRACKETS = re.compile(r"\s*\([^)]*\)\s*$")  # "Mother (1914 film)" is called "Mother"
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,5}$")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_WORD = re.compile(r"[^\W_](?:[\w&.-]*\w)?")


Share = Callable[[str, Sequence[str]], float]  # (stem, sources) -> 0 to 1


@dataclass(frozen=True)
class _Name:
    """What one source is called, taken apart."""

    title: str
    stems: frozenset[str]  # of all words of title and file name
    called: frozenset[tuple[str, ...]]  # words of the title as texts may mention it
    forms: tuple[set[str], ...]  # stems of title and of file name
    periods: Periods
    compact: str  # letters of the file name

    @classmethod
    def of(cls, source: str, title: str) -> _Name:
        file = _file_name(source)
        words = [word.lower() for word in re.findall(r"[^\W\d_]+|\d+", f"{_spaced(file)} {title}")]
        called = set()
        for text in {title, _IN_BRACKETS.sub("", title)}:
            tokens = tuple(match.group().lower() for match in _TOKEN.finditer(text))
            if len(tokens) > 1 or len("".join(tokens)) >= MENTION_LETTERS:
                called.add(tokens)
        return cls(
            title=title,
            stems=frozenset(stem(word) for word in content_words(" ".join(words))),
            called=frozenset(called),
            forms=tuple(form for text in (title, _spaced(file)) if (form := _own_words(text))),
            periods=Periods.of(f"{_spaced(file)} {title}"),
            compact="".join(re.findall(r"[^\W\d_]+", file.lower())),
        )


class SourceNames:
    """The names of all sources, ready to be found in questions."""

    def __init__(self, named: Iterable[tuple[str, str]]) -> None:
        """``named``: each source (path or URL) with its title."""
        self._names: dict[str, _Name] = {}
        self._called: dict[tuple[str, ...], tuple[str, ...]] = {}  # words of a title -> sources
        self._with: dict[str, tuple[str, ...]] = {}  # stem -> sources
        self._longest = 0  # words of a title
        self._change(dict(named))

    def updated(self, named: Iterable[tuple[str, str]]) -> SourceNames:
        """Return the names of the sources ``named``, made of these: only what differs is taken apart."""
        titles = dict(named)
        changed = {one: title for one, title in titles.items() if one not in self._names or self.title(one) != title}
        gone = [one for one in self._names if one not in titles]
        if not changed and not gone:
            return self
        other = SourceNames(())
        other._names, other._called, other._with = dict(self._names), dict(self._called), dict(self._with)
        other._longest = self._longest
        other._change(changed, [*gone, *(one for one in changed if one in self._names)])
        return other

    def _change(self, added: Mapping[str, str], removed: Iterable[str] = ()) -> None:
        """Take sources out, and put sources with their titles in."""
        stems: dict[str, dict[str, bool]] = defaultdict(dict)  # source -> whether it is in
        titles: dict[tuple[str, ...], dict[str, bool]] = defaultdict(dict)
        out = {source: self._names.pop(source) for source in removed}
        new = {source: _Name.of(source, title) for source, title in added.items()}
        for names, is_in in ((out, False), (new, True)):
            for source, name in names.items():
                for one in name.stems:
                    stems[one][source] = is_in
                for called in name.called:
                    titles[called][source] = is_in
        _merge(self._with, stems)
        _merge(self._called, titles)
        self._names |= new
        self._longest = max((self._longest, *map(len, titles)))

    @cached_property
    def _all_compact(self) -> str:
        return "\n".join(name.compact for name in self._names.values())

    def match(self, question: str, share: Share | None = None) -> dict[str, float]:
        """Return the sources that ``question`` names with how surely, above 0 and at most 1; {} when it names none.

        Args:
            question: as it was asked. Where it writes some words with capitals, only these can name a source.
            share: how much of a stem's use is some sources': that a guide is called one makes no word of "guide vane" its
                name when others speak of guide vanes, too. A title that the question holds whole needs none.
        """
        points = self._by_words(question, share)
        if not points:
            return {}
        asked = Periods.of(question)
        sure = self._idf(1)
        named = {source: min(1.0, value / sure) for source, value in points.items() if value >= LEAST_SURE * sure}
        fits = {source: 1 + PERIOD_WEIGHT * self._names[source].periods.fit(asked) for source in named}
        best = max(fits.values(), default=1.0)
        return {source: value * fits[source] / best for source, value in named.items()}

    def title(self, source: str) -> str:
        """Return the title of ``source``."""
        return self._names[source].title

    def mentioned(self, text: str) -> list[str]:
        """Return the sources whose titles stand in ``text``, not beginning with a small letter, in the order they are
        mentioned; of titles that overlap the longest, and none that many sources have in common."""
        tokens = list(_TOKEN.finditer(text))
        lower = [match.group().lower() for match in tokens]
        found: dict[str, None] = {}
        at = 0
        while at < len(tokens):
            length = 0 if tokens[at].group()[0].islower() else self._mention(lower, at)
            if length:
                found |= dict.fromkeys(self._called[tuple(lower[at : at + length])])
            at += length or 1
        return list(found)

    def _mention(self, lower: Sequence[str], at: int) -> int:
        """How many words from ``at`` on are a title; 0 when none are."""
        for length in range(min(self._longest, len(lower) - at), 0, -1):
            if 0 < len(self._called.get(tuple(lower[at : at + length]), ())) <= SAME_TITLE:
                return length
        return 0

    def _by_words(self, question: str, share: Share | None) -> dict[str, float]:
        points: dict[str, float] = defaultdict(float)
        held = {stem(word) for word in content_words(question)}
        named = {stem(word) for word in content_words(" ".join(capitalised(question)))}
        for one in sorted(named & self._with.keys()):
            if is_year(one):
                continue
            holding = self._with[one]
            worth = self._idf(len(holding))
            theirs = share(one, holding) if share else 1.0
            for source in holding:
                # one word alone is a name where names are written with capitals
                whole = any(form <= held and (len(form) > 1 or named < held) for form in self._names[source].forms)
                points[source] += worth if whole else worth * theirs
        for source, worth in self._whole_names(question):
            points[source] += worth
        return points

    def _whole_names(self, question: str) -> Iterable[tuple[str, float]]:
        """Names that a file name runs together."""
        words = re.findall(r"[^\W\d_]+", question.lower())
        joined = {"".join(words[at : at + length]) for length in (2, 3) for at in range(len(words) - length + 1)}
        for name in sorted(name for name in joined if len(name) >= RUN_TOGETHER):
            if name not in self._all_compact:  # one search instead of as many as there are sources
                continue
            holding = [source for source, known in self._names.items() if name in known.compact]
            yield from ((source, self._idf(len(holding))) for source in holding)

    def _idf(self, holding: int) -> float:
        return math.log(1 + (len(self._names) - holding + 0.5) / (holding + 0.5))


K = TypeVar("K", bound=Hashable)


def _merge(index: dict[K, tuple[str, ...]], changes: Mapping[K, Mapping[str, bool]]) -> None:
    """Let the entries of ``index``, which are sorted, gain or lose the sources of ``changes``."""
    for key, sources in changes.items():
        left = {one for one in index.pop(key, ()) if one not in sources} | {
            one for one, is_in in sources.items() if is_in
        }
        if left:
            index[key] = tuple(sorted(left))


def _spaced(file: str) -> str:
    """The words of a file name apart: "NorthSea_2022" is "North Sea 2022"."""
    return _CAMEL.sub(" ", file.replace("_", " "))


def _own_words(name: str) -> set[str]:
    """The stems of what a name says besides legal form, kind of document and date: "harbour" of "Harbour Inc., Form 10-K
    of 2022"."""
    plain = word_set("no_names")
    return {stem(word) for word in content_words(name) if word not in plain and not any(map(str.isdigit, word))}


def capitalised(question: str) -> list[str]:
    """Return the words with a capital or a digit, the first word included; all words when none after the first has a
    capital."""
    found = _WORD.findall(question)
    if not any(word[0].isupper() for word in found[1:]):
        return found
    return [word for word in found if any(letter.isupper() or letter.isdigit() for letter in word)]


def _file_name(source: str) -> str:
    path = unquote(urlsplit(source).path) if "://" in source else source
    return _SUFFIX.sub("", path.rstrip("/").rsplit("/", 1)[-1])
