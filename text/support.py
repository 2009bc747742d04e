"""Do the words of a passage carry a sentence? The one measure that citations are looked for by, and checked by.

It tells a sentence that a passage says in other order or form from one that it does not speak of. It knows no meaning: who
has a model asks it, too (``chains.verification.entailment``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise

from text.citation_marks import MARK, QUOTATION
from text.english.names import names_in
from text.scripts import is_unspaced, unspaced_runs
from text.tokens import content_words, held, stem, words
from text.values import numbers

# The least share of a sentence's content words, by rarity, that the passage must have. Half is where a writer's own words
# (verbs, what joins two facts) still leave the subject and what is said of it to the passage; docs/models.md has how often a
# sentence reaches it beside a passage that it does not come from.
MIN_SHARE = 0.6
_DENIES = frozenset("not never cannot neither nor without".split())
_SAYS_NO = _DENIES | frozenset("no none nobody nothing nowhere".split())

Idf = Callable[[Iterable[str]], Mapping[str, float]]  # how rare each of these stems is


def holds(said: str, quote: str, computed: Iterable[float] = ()) -> bool:
    """Tell whether all numbers and quotations of what is ``said`` stand in ``quote``; numbers may be ``computed``, too."""
    said = MARK.sub("", said)
    known = {abs(number) for number in (*numbers(quote), *computed)}
    if any(abs(number) not in known for number in numbers(said)):
        return False
    there = folded(MARK.sub("", quote))  # a source has marks of its own, and they are gone from ``said``
    return all(folded(match[1]) in there for match in QUOTATION.finditer(said))


def folded(text: str) -> str:
    """Return the words of ``text`` alone, a blank between each."""
    return " ".join(words(text))


def alike(stems: Iterable[str]) -> dict[str, float]:
    """Return the same rarity for all ``stems``, for where no documents are at hand that they could be counted in."""
    return dict.fromkeys(stems, 1.0)


def carries(said: str, quote: str, passage: str, idf: Idf) -> bool:
    """Tell whether ``passage`` with its ``quote`` speaks of what is ``said``: it has at least ``MIN_SHARE`` of the words and
    all names, and one denies what the other denies. Numbers are not looked at.

    Args:
        said: one sentence, without marks of citations.
        quote: the words that are closest to it.
        passage: what stands around the quote, with its title and headings.
    """
    there = f"{passage}\n{quote}"
    return share_carried(said, there, idf) >= MIN_SHARE and not names_missing(said, there) and _agree(said, quote)


def share_carried(said: str, there: str, idf: Idf) -> float:
    """Return the share, 0 to 1, of the content words of ``said``, each by its rarity, whose stems ``there`` has.

    A sentence of numbers alone has nothing else to carry, 1; one of neither words nor numbers says nothing, 0. Where a script
    writes no blanks between words, it is the share of the letters that stand in a pair of them which is there, too.
    """
    if is_unspaced(said):
        return _letters_carried(said, there)
    stems = {stem(word) for word in content_words(said) if not word[0].isdigit()}
    weights = idf(sorted(stems))
    total = sum(weights.values())
    if not total:
        return float(bool(numbers(said)))
    return sum(weights[one] for one in held(stems, there)) / total


def _letters_carried(said: str, there: str) -> float:
    held_pairs = set(words(there))
    letters = carried = 0
    for run in unspaced_runs(said):
        pairs = ["".join(pair) in held_pairs for pair in pairwise(run)]
        letters += len(run)
        carried += sum(before or after for before, after in zip([False, *pairs], [*pairs, False], strict=True))
    return carried / letters


def names_missing(said: str, there: str) -> list[str]:
    """Return the words that name something in ``said`` and are not ``there``, in no ending."""
    named = {stem(name.lower()): name for name in names_in(said)}
    found = held(named, there)
    return [name for one, name in named.items() if one not in found]


def _agree(said: str, quote: str) -> bool:
    """Whether both deny something, or neither; "No." of a number in a quote is no denial."""
    own, others = _spoken(said), _spoken(quote)
    return bool(own & _SAYS_NO) == bool(others & _SAYS_NO) if own & _SAYS_NO else not others & _DENIES


def _spoken(text: str) -> set[str]:
    return {"not" if word.endswith("n't") else word for word in words(text)}
