"""A question as it is understood against one table: what it asks for, which rows it means, what is left unexplained."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from chains.answering.tables.conditions import Bound
from chains.answering.tables.link import names_column, synonymous
from chains.answering.tables.sheet import Sheet
from text.tokens import STOPWORDS
from text.values import IRREGULAR, family, tokens

_WORD = re.compile(r"[^\W_]+(?:[.,'’][^\W_]+)*")
_WHAT_IS = r"(?:(?:what|which)(?:'s|\s+is|\s+was|\s+are|\s+were)?\s+)?(?:the\s+)?"
_COUNT = (
    rf"how\s+many(?:\s+(?:different|total))?|{_WHAT_IS}(?:(?:total|combined)\s+)?"
    r"(?:number|amount|count|sum|total)\s+(?:number\s+|amount\s+)?of(?:\s+the)?(?:\s+different)?|^count(?:\s+the)?"
)
_ASKS = re.compile(
    rf"\b(?:(?P<count>{_COUNT})|how\s+(?P<much>much|long|old|far|tall|high|fast|large|big|heavy)|(?P<who>who|whom|whose)|"
    rf"(?P<when>when)|(?P<where>where)|(?P<total>(?<!in\s){_WHAT_IS}(?:total|combined))|"
    r"(?P<which>which|what|name|list))\b(?:'s)?\s*"
)
_WHETHER = re.compile(r"^(?:is|are|was|were|do|does|did|has|have|had)\b")
_ENDS_NOUN = frozenset(
    """is are was were be been did do does has have had will would can could in on at for from of with that who which
    whose where when by to than after before during between and or as came come comes won win wins finished scored
    there listed appears appear above below under over took got held held made played received has's total not""".split()
)
_BEFORE_NOUN = ("is", "are", "was", "were", "the", "of", "s")
SMALL = frozenset(
    family(word)
    for word in """number total amount count table chart list listing row entry name tell give show time different other
    another only exactly combine together according data information overall altogether currently ever actually also
    column word use occur attend separate
    come finish get take go receive achieve record hold rank earn hav participate compete appear include contain place
    s one people person right directly immediately just out""".split()
)
# What rows may be without the table saying so.
_EVENTS = frozenset(family(word) for word in "game match race event tournament competition".split())
_PERSON = re.compile(r"(?:er|or|ist|ant|ian|man|men|player|people)s?$")
EMPTY = frozenset(family(word) for word in STOPWORDS)


@dataclass(frozen=True)
class Condition:
    """What the question says of one column, and the rows for which it is so."""

    column: int
    rows: tuple[int, ...]
    start: int  # words of the question
    end: int
    exact: bool = True  # a cell or a number, not a word out of a cell
    bound: Bound | None = None  # more or less than a number, before or after a year


@dataclass(frozen=True)
class Reading:
    """One way to understand a question."""

    text: str  # in lower case
    sheet: Sheet
    conditions: tuple[Condition, ...] = ()

    @cached_property
    def spans(self) -> list[tuple[int, int]]:
        """Where its words begin and end."""
        return [match.span() for match in _WORD.finditer(self.text)]

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Its words as families, one each."""
        return tuple((tokens(self.text[start:end]) or ("",))[0] for start, end in self.spans)

    def means(self, n: int) -> bool:
        """Whether the nth word says anything by itself."""
        return self.words[n] not in EMPTY

    def place(self, character: int) -> int:
        """The number of the first word that begins at or behind ``character``."""
        return next((n for n, (start, _) in enumerate(self.spans) if start >= character), len(self.spans))

    @cached_property
    def asks(self) -> str:
        """The kind of question: count, much, total, who, when, where, which, whether; "which" without a question word."""
        if _WHETHER.match(self.text):
            return "whether"
        return self._asks.lastgroup or "which" if self._asks else "which"

    @cached_property
    def _asks(self) -> re.Match[str] | None:
        return next(_ASKS.finditer(self.text), None)

    @cached_property
    def noun(self) -> tuple[int, int]:
        """The words behind the question word up to a verb or preposition: what is asked for. "what is the name of the
        driver" asks for the name; empty where a verb follows at once."""
        if self.asks == "whether":
            return (0, 0)
        start = self.place(self._asks.end()) if self._asks else 0
        raw = [self.text[begin:end] for begin, end in self.spans]
        if self.asks == "which" or (self.asks == "who" and raw[start + 1 : start + 2] == ["the"]):
            while start < len(raw) and raw[start] in _BEFORE_NOUN:
                start += 1
            if raw[start : start + 2] in (["name", "of"], ["names", "of"]):
                start += 2 + (raw[start + 2 : start + 3] == ["the"])
        end = start
        while end < len(raw) and not self._ends_noun(raw[end], end, end > start):
            end += 1
        return start, end

    def _ends_noun(self, word: str, at: int, begun: bool) -> bool:
        if word in _ENDS_NOUN or (begun and (word == "the" or is_verb(word))):
            return True
        return any(one.start <= at < one.end and one.exact for one in self.conditions)

    @property
    def noun_words(self) -> tuple[str, ...]:
        """The words that are asked for, as families, those without meaning left out."""
        return tuple(word for word in self.words[slice(*self.noun)] if word not in EMPTY)

    @cached_property
    def rows(self) -> tuple[int, ...]:
        """The rows that meet all conditions: several of one column are alternatives."""
        return self.rows_without(())

    def rows_without(self, left_out: Iterable[Condition]) -> tuple[int, ...]:
        """The rows that meet the conditions but those ``left_out``."""
        by_column: dict[int, set[int]] = {}
        for one in self.conditions:
            if one not in left_out:
                by_column.setdefault(one.column, set()).update(one.rows)
        return tuple(row for row in self.sheet.rows if all(row in rows for rows in by_column.values()))

    def spoken_noun(self, column: int | None) -> range:
        """The words that are asked for, where they name ``column`` or nothing in particular."""
        named = column is not None and bool(self.fitting(self.noun_words, [column]))
        return range(*self.noun) if named or not self.noun_words else range(0)

    def fitting(self, words: Sequence[str], columns: Iterable[int]) -> list[int]:
        """The columns of those given whose names share most with ``words``; by meaning when none shares a word."""
        columns = list(columns)
        for named in (names_column, synonymous):
            held = {col: [word for word in words if named(word, self.sheet.headers[col])] for col in columns}
            value = {
                col: (len(set(held[col])), len(held[col]) / max(1, len(self.sheet.headers[col]))) for col in columns
            }
            best = max(value.values(), default=(0, 0.0))
            if best[0]:
                return [col for col in columns if value[col] == best]
        return []

    def _are_rows(self, n: int) -> bool:
        """Whether the nth word is what the rows are: events where there are dates, persons where there are names."""
        if self.words[n] in _EVENTS:
            return bool(self.sheet.dates)
        return bool(self.sheet.persons and _PERSON.search(self.text[slice(*self.spans[n])]))

    def explained(self, columns: Iterable[int], used: Iterable[int] = ()) -> float:
        """The share of the question's words with meaning that conditions, the columns used, the table's surroundings or
        the operation (``used``) explain."""
        columns, used = list(columns), set(used)
        spoken = {n for one in self.conditions for n in range(one.start, one.end)} | used
        heads = [self.sheet.headers[col] for col in {*columns, *(one.column for one in self.conditions)}]
        meant = open_ = 0
        for n, word in enumerate(self.words):
            if word in EMPTY:
                continue
            meant += 1
            if (
                n in spoken
                or word in SMALL
                or self._are_rows(n)
                or word in self.sheet.about
                or is_verb(self.text[slice(*self.spans[n])])
            ):
                continue
            open_ += not any(names_column(word, head) or synonymous(word, head) for head in heads)
        return 1 - open_ / meant if meant else 1.0


def is_verb(word: str) -> bool:
    """Whether a word looks like the past tense or participle of a verb."""
    return word in IRREGULAR or (word.endswith("ed") and len(word) > 4)
