"""Which sources a question speaks of: by the words of their titles and file names, years and quarters."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from urllib.parse import unquote, urlsplit

from text.tokens import content_words, stem
from text.years import Periods, is_year

LEAST_SURE = 0.4  # of the worth of one word that no other source has in its name; less names nothing
PERIOD_WEIGHT = 0.2  # what a point of ``Periods.fit`` adds to a name, or takes from it, as a share
RUN_TOGETHER = 7  # letters from which "americanexpress" in a file name is taken for "American Express"

MENTION_LETTERS = 4  # of a title of one word that is looked for in texts
SAME_TITLE = 3  # sources; what more of them are called, names none

_PLAIN = frozenset(  # words that make no name
    """co inc plc corp corporation company ltd limited llc llp gmbh ag group holding holdings annual quarterly report reports
    form k q earnings release press results filing filed statement statements full fiscal year quarter exhibit dated
    page document file copy draft final version""".split()
)
_TOKEN = re.compile(r"[^\W_]+")
_IN_BRACKETS = re.compile(r"\s*\([^)]*\)\s*$")  # "Mother (1914 film)" is called "Mother"
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,5}$")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_WORD = re.compile(r"[^\W_](?:[\w&.-]*\w)?")


Share = Callable[[str, Sequence[str]], float]  # (stem, sources) -> 0 to 1


class SourceNames:
    """The names of all sources, ready to be found in questions."""

    def __init__(self, named: Iterable[tuple[str, str]]) -> None:
        """``named``: each source (path or URL) with its title."""
        self._sources: list[str] = []
        self._title: dict[str, str] = {}
        self._called: dict[tuple[str, ...], list[str]] = defaultdict(list)  # words of a title -> sources
        self._longest = 0  # words of a title
        self._forms: list[list[set[str]]] = []  # stems of title and of file name
        self._periods: list[Periods] = []
        self._compact: list[str] = []
        self._with: dict[str, list[int]] = defaultdict(list)  # stem -> sources
        for source, title in named:
            file = _file_name(source)
            words = [word.lower() for word in re.findall(r"[^\W\d_]+|\d+", f"{_spaced(file)} {title}")]
            for one in sorted({stem(word) for word in content_words(" ".join(words))}):
                self._with[one].append(len(self._sources))
            self._title[source] = title
            for called in {title, _IN_BRACKETS.sub("", title)}:
                tokens = tuple(match.group().lower() for match in _TOKEN.finditer(called))
                if len(tokens) > 1 or len("".join(tokens)) >= MENTION_LETTERS:
                    self._called[tokens].append(source)
                    self._longest = max(self._longest, len(tokens))
            self._sources.append(source)
            self._forms.append([form for text in (title, _spaced(file)) if (form := _own_words(text))])
            self._periods.append(Periods.of(f"{_spaced(file)} {title}"))
            self._compact.append("".join(re.findall(r"[^\W\d_]+", file.lower())))

        self._all_compact = "\n".join(self._compact)

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
        named = {place: min(1.0, value / sure) for place, value in points.items() if value >= LEAST_SURE * sure}
        fits = {place: 1 + PERIOD_WEIGHT * self._periods[place].fit(asked) for place in named}
        best = max(fits.values(), default=1.0)
        return {self._sources[place]: value * fits[place] / best for place, value in named.items()}

    def title(self, source: str) -> str:
        """Return the title of ``source``."""
        return self._title[source]

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

    def _by_words(self, question: str, share: Share | None) -> dict[int, float]:
        points: dict[int, float] = defaultdict(float)
        held = {stem(word) for word in content_words(question)}
        named = {stem(word) for word in content_words(" ".join(capitalised(question)))}
        for one in sorted(named & self._with.keys()):
            if is_year(one):
                continue
            holding = self._with[one]
            worth = self._idf(len(holding))
            theirs = share(one, [self._sources[place] for place in holding]) if share else 1.0
            for place in holding:
                # one word alone is a name where names are written with capitals
                whole = any(form <= held and (len(form) > 1 or named < held) for form in self._forms[place])
                points[place] += worth if whole else worth * theirs
        for place, worth in self._whole_names(question):
            points[place] += worth
        return points

    def _whole_names(self, question: str) -> Iterable[tuple[int, float]]:
        """Names that a file name runs together."""
        words = re.findall(r"[^\W\d_]+", question.lower())
        joined = {"".join(words[at : at + length]) for length in (2, 3) for at in range(len(words) - length + 1)}
        for name in sorted(name for name in joined if len(name) >= RUN_TOGETHER):
            if name not in self._all_compact:  # one search instead of as many as there are sources
                continue
            holding = [place for place, compact in enumerate(self._compact) if name in compact]
            yield from ((place, self._idf(len(holding))) for place in holding)

    def _idf(self, holding: int) -> float:
        return math.log(1 + (len(self._sources) - holding + 0.5) / (holding + 0.5))


def _spaced(file: str) -> str:
    """The words of a file name apart: "NorthSea_2022" is "North Sea 2022"."""
    return _CAMEL.sub(" ", file.replace("_", " "))


def _own_words(name: str) -> set[str]:
    """The stems of what a name says besides legal form, kind of document and date: "harbour" of "Harbour Inc., Form 10-K
    of 2022"."""
    return {stem(word) for word in content_words(name) if word not in _PLAIN and not any(map(str.isdigit, word))}


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
