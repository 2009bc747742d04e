"""A question as it is understood against one table: what it asks for, which rows it means, what is left unexplained."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice, pairwise, product

from text.english import table_words as english
from text.english.bounds import Bound, bounds
from text.mentions import Mention, mentions
from text.sheet import Sheet
from text.values import tokens

Similarity = Callable[[str, str], float]  # of a word and the name of a column in meaning, up to 1
MAX_READINGS = 6  # of words that stand in several columns
NEAR = 4  # words before or behind a bound within which its column is named
# Of a word and the name of the column that it means: on the tune halves of two sets of questions about web tables (1,266)
# .60 gave 14 right answers and 5 wrong ones more than no embedder at all, .55 13 and 19, .50 15 and 30.
MIN_SIMILARITY = 0.6
_WORD = re.compile(r"[^\W_]+(?:[.,'][^\W_]+)*")
_CODE = re.compile(r"(?=\S*\d)(?=\S*[^\W\d_])\w+(?:[-–./]\w+)*")  # letters and digits without a blank
_PERSON = re.compile(r"(?:er|or|ist|ant|ian|man|men|people)s?$")


@dataclass(frozen=True)
class Condition:
    """What the question says of one column, and the rows for which it is so."""

    start: int  # words of the question
    end: int
    column: int
    rows: tuple[int, ...]
    exact: bool = True  # a cell or a number, not a word out of a cell
    bound: Bound | None = None  # more or less than a number, before or after a year


@dataclass(frozen=True)
class Cue:
    """Words ``[start, end)`` that call for an operation."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True)
class Reading:
    """One way to understand a question. Words are counted from 0; columns and rows are the table's."""

    text: str  # in lower case
    sheet: Sheet
    similarity: Similarity = lambda word, name: 0.0
    conditions: tuple[Condition, ...] = ()

    @cached_property
    def spans(self) -> list[tuple[int, int]]:
        """Where its words begin and end in the text."""
        return [match.span() for match in _WORD.finditer(self.text)]

    @cached_property
    def raw(self) -> list[str]:
        """Its words."""
        words = [self.text[start:end] for start, end in self.spans]
        return [word.replace("'", "") if word[0].isdigit() else word.removesuffix("'s") for word in words]

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Its words as families, one each."""
        return tuple((tokens(word) or ("",))[0] for word in self.raw)

    def said(self, start: int, end: int) -> str:
        """Return the words ``[start, end)`` as they stand."""
        return self.text[self.spans[start][0] : self.spans[end - 1][1]]

    @cached_property
    def spoken(self) -> frozenset[int]:
        """The words that conditions take up."""
        return frozenset(n for one in self.conditions for n in range(one.start, one.end))

    @cached_property
    def cues(self) -> tuple[Cue, ...]:
        """What calls for an operation, the longest phrase first where several begin, in no condition."""
        found, n = [], 0
        while n < len(self.raw):
            end = n + 1
            for length in range(min(english.LONGEST, len(self.raw) - n), 0, -1):
                kind = english.CUES.get(tuple(self.raw[n : n + length]))
                if kind and self.spoken.isdisjoint(range(n, n + length)) and not self._is_in_name(n):
                    end = n + length
                    found.append(Cue(kind, n, end))
                    break
            n = end
        return tuple(found)

    def _is_in_name(self, n: int) -> bool:
        """Whether the nth word and the next stand side by side in a column's name: "total points"."""
        both = self.words[n : n + 2]
        names = map(self.sheet.tokens, self.sheet.names)
        return len(both) == 2 and any(both in pairwise(name) for name in names)

    def has(self, kind: str) -> bool:
        """Tell whether a cue of this kind is there."""
        return any(cue.kind == kind for cue in self.cues)

    @cached_property
    def _asking(self) -> tuple[str, int]:
        """The kind of question and the first word of what is asked for; "" without an English question word."""
        raw = self.raw
        if raw and raw[0] in english.AUXILIARIES:
            return "whether", 0
        at = next((n for n, word in enumerate(raw) if word in english.QUESTION_WORDS), -1)
        if at < 0 and "the" not in raw and not self.cues:
            return "", 0
        kind = english.QUESTION_WORDS[raw[at]] if at >= 0 else "which"
        if kind == "how":
            extent = raw[at + 1] if at + 1 < len(raw) else ""
            kind = "count" if extent == "many" else "much" if extent in english.EXTENTS else ""
            return kind, self._behind(at + 2, ("total", "different"))
        start = self._behind(at + 1, english.BEFORE_NOUN)
        for cue in self.cues:
            if cue.start == start and cue.kind in ("count", "total") and kind == "which":
                kind = "count" if raw[cue.end - 1] == "of" else "total"
                return kind, self._behind(cue.end, ("the", "different"))
        return kind, start if kind == "which" or raw[at + 2 : at + 3] == ["the"] else at + 1

    def _behind(self, start: int, skipped: Container[str]) -> int:
        """The first word from ``start`` on that is none of ``skipped``."""
        return next((n for n in range(start, len(self.raw)) if self.raw[n] not in skipped), len(self.raw))

    @property
    def asks(self) -> str:
        """The kind of question: count, much, total, who, when, where, which, whether; "" in another language."""
        return self._asking[0]

    @cached_property
    def noun(self) -> range:
        """The words behind the question word up to a verb or preposition: what is asked for. "what is the name of the
        driver" asks for the driver; empty where a verb follows at once."""
        start = self._asking[1]
        if self.asks == "whether":
            return range(0)
        if self.raw[start : start + 2] in (["name", "of"], ["names", "of"]):
            start += 2 + (self.raw[start + 2 : start + 3] == ["the"])
        end = start
        while end < len(self.raw) and not self._ends_noun(end, end > start):
            end += 1
        return range(start, end)

    def _ends_noun(self, n: int, begun: bool) -> bool:
        word = self.raw[n]
        if word in english.ENDS_NOUN or (begun and (word == "the" or english.is_verb(word))):
            return True
        return any(one.start <= n < one.end and one.exact for one in self.conditions)

    @property
    def is_of_list(self) -> bool:
        """Whether it speaks of the order in which rows are listed."""
        return not english.LIST_WORDS.isdisjoint(self.raw)

    def phrase(self, start: int, limit: int = 5) -> range:
        """Return the words from ``start`` to the next preposition or verb, ``limit`` at most."""
        end = start
        while end < min(start + limit, len(self.raw)) and self.raw[end] not in english.ENDS_NOUN:
            end += 1
        return range(start, end)

    def meaning(self, words: Iterable[int]) -> list[int]:
        """Return those of ``words`` that say something by themselves."""
        return [n for n in words if n < len(self.words) and self.words[n] not in english.EMPTY]

    @cached_property
    def unspoken(self) -> list[int]:
        """The words with meaning that neither conditions nor cues take up."""
        used = {n for cue in self.cues for n in range(cue.start, cue.end)}
        return [n for n in self.meaning(range(len(self.words))) if n not in self.spoken and n not in used]

    @cached_property
    def rows(self) -> tuple[int, ...]:
        """The rows that meet all conditions: several of one column are alternatives."""
        return self.rows_without(())

    def rows_without(self, left_out: Iterable[Condition]) -> tuple[int, ...]:
        """Return the rows that meet the conditions but those ``left_out``."""
        by_column: dict[int, set[int]] = {}
        for one in self.conditions:
            if one not in left_out:
                by_column.setdefault(one.column, set()).update(one.rows)
        return tuple(row for row in self.sheet.rows if all(row in rows for rows in by_column.values()))

    @property
    def says_code(self) -> bool:
        """Tell whether it names one row by its code, as "ST-160"."""
        return any(
            one.exact and len(one.rows) == 1 and _CODE.fullmatch(self.said(one.start, one.end))
            for one in self.conditions
        )

    @cached_property
    def named_columns(self) -> frozenset[int]:
        """The columns all words of whose names the question says, no condition taking them up; of two that say the same and
        more, the one that says more."""
        said = {self.words[n] for n in self.unspoken}
        headers = {col: self.sheet.headers[col] for col in self.sheet.columns}
        whole = {col: words for col, words in headers.items() if words and words <= said}
        return frozenset(col for col, words in whole.items() if not any(words < other for other in whole.values()))

    def names_cell(self, column: int) -> bool:
        """Tell whether it names one row and ``column`` wholly, and nothing that the table does not say of itself."""
        key = self.sheet.key
        row = any(one.exact and one.column == key and len(one.rows) == 1 for one in self.conditions)
        told = self.sheet.headers[column] | self.sheet.about | english.LIGHT
        return row and column in self.named_columns and all(self.words[n] in told for n in self.unspoken)

    def is_named(self, n: int, column: int) -> bool:
        """Tell whether the nth word is one of a column's name, or its beginning as tables shorten it."""
        word = self.words[n]
        return any(
            own == word or (len(own) == 3 and len(word) > 4 and word.startswith(own))
            for own in self.sheet.headers[column]
        )

    def means(self, n: int, column: int) -> bool:
        """Tell whether the nth word means what a column's name says."""
        return self.similarity(self.raw[n], self.sheet.names[column].lower()) >= MIN_SIMILARITY

    def fitting(self, words: Iterable[int], columns: Iterable[int]) -> list[int]:
        """Return the columns of those given whose names share most with ``words``; the one nearest in meaning when none
        shares a word."""
        columns, words = list(columns), self.meaning(words)
        value = {}
        for col in columns:
            held = {self.words[n] for n in words if self.is_named(n, col)}
            value[col] = (len(held), len(held) / max(1, len(self.sheet.headers[col])))
        best = max(value.values(), default=(0, 0.0))
        if best[0]:
            return [col for col in columns if value[col] == best]
        near = [
            (self.similarity(self.raw[n], self.sheet.names[col].lower()), col)
            for col in columns
            for n in words
            if self.sheet.names[col]
        ]
        return [col for score, col in [max(near, default=(0.0, 0))] if score >= MIN_SIMILARITY]

    def explained(self, columns: Iterable[int], used: Iterable[int] = ()) -> float:
        """Return the share of the question's words with meaning that conditions, cues, the columns used, the table's
        surroundings or ``used`` explain."""
        held = {*columns, *(one.column for one in self.conditions)}
        meant, used = self.meaning(range(len(self.words))), set(used)
        left = [n for n in self.unspoken if n not in used and not self._is_common(n)]
        left = [n for n in left if not any(self.is_named(n, col) or self.means(n, col) for col in held)]
        return 1 - len(left) / len(meant) if meant else 1.0

    def _is_common(self, n: int) -> bool:
        """Whether the nth word needs no column: persons where there are names, verbs, what the table is about."""
        word = self.words[n]
        if word in english.LIGHT or word in self.sheet.about or english.is_verb(self.raw[n]):
            return True
        return bool(self.sheet.persons and _PERSON.search(self.raw[n]))


def understand(question: str, sheet: Sheet) -> Reading:
    """Return ``question`` against ``sheet`` with nothing linked yet."""
    return Reading(sheet.glossary.spelled_out(question.replace("’", "'")), sheet)


def readings(bare: Reading) -> Iterator[Reading]:
    """Yield all ways to understand a question: one for each choice of columns for words that stand in several."""
    if not bare.asks:
        return
    fixed, taken = _bounded(bare)
    options: list[list[Condition]] = []
    found = [one for one in mentions(bare.words, bare.sheet) if _tells(one, bare)]
    for one in found:
        span = set(range(one.start, one.end))
        if span & taken:
            continue
        same = [other for other in found if (other.start, other.end) == (one.start, one.end)]
        whole = [other for other in same if other.whole] or same
        options.append([Condition(other.start, other.end, other.column, other.rows, other.whole) for other in whole])
        taken |= span
    for chosen in islice(product(*options), MAX_READINGS):
        yield replace(bare, conditions=(*fixed, *chosen))


def _bounded(bare: Reading) -> tuple[list[Condition], set[int]]:
    """The bounds as conditions, and the words they take up; a bound in another unit than the column's is left out."""
    conditions, taken = [], set()
    for bound in bounds(bare.raw):
        column = _bounded_column(bound, bare)
        unit = min(len(bare.raw), bound.end + 1)  # the word behind may be one
        if column is not None and bare.sheet.glossary.is_other_unit(
            bare.said(bound.start, unit), bare.sheet.says_of(column)
        ):
            continue
        taken |= set(range(bound.start, bound.end))
        if column is not None:
            conditions.append(Condition(bound.start, bound.end, column, bound.rows(column, bare.sheet), bound=bound))
    return conditions, taken


def _bounded_column(bound: Bound, bare: Reading) -> int | None:
    """The column that a bound is about: dates for years, else the numbers named nearest; None when that is not sure."""
    date = bare.sheet.first_date if bound.is_of_years else None
    if date is not None and (bare.raw[bound.start] in english.IN_TIME or bound.end - bound.start == 1):
        return date
    behind, before = range(bound.end, bound.end + NEAR), range(bound.start - 1, max(-1, bound.start - 1 - NEAR), -1)
    for n in [*behind[:2], *before, *behind[2:]]:
        found = bare.fitting([n], sorted(bare.sheet.numeric - bare.sheet.ranks))
        if len(found) == 1:
            return found[0]
    return date


def _tells(one: Mention, bare: Reading) -> bool:
    """Whether the words mean the cells, not a column or nothing in particular."""
    words = bare.words[one.start : one.end]
    if all(word in english.EMPTY or word in english.LIGHT for word in words):
        return False
    if not one.whole and bare.sheet.about.issuperset(words) and one.column not in bare.sheet.dates:
        return False
    if len(words) > 1 or (one.whole is False and one.column in bare.sheet.dates):
        return True
    word = words[0]
    if not one.whole and (word[0].isdigit() or len(word) < 3 or (bare.raw[one.start],) in english.CUES):
        return False
    return word[0].isdigit() or not any(bare.is_named(one.start, col) for col in bare.sheet.columns)
