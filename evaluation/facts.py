"""Facts of a gold answer that is a sentence: the numbers and names that an answer in other words must hold, too.

A number is a quantity with its unit and scale, compared as ``numeric_match`` compares them. A name is a run of words that
begin with a capital letter: a sentence's first word does not count, for every sentence begins with one, unless it has
capitals further inside ("NATO", "McAdam"); nor does a letter alone. A name stands in a text where its words stand there in
a row after SQuAD's normalisation. Each number and name of a gold answer counts once, all the same.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from evaluation.answers import SCALES, Quantity, normalise, quantities, same_quantity, without_numbers
from text.tokens import sentences

_EDGES = string.punctuation + "“”‘’–—•"


@dataclass(frozen=True)
class Facts:
    """The different numbers and names of a text."""

    numbers: tuple[Quantity, ...]
    names: tuple[str, ...]  # normalised

    def __len__(self) -> int:
        return len(self.numbers) + len(self.names)

    def share_in(self, text: str) -> float:
        """Return the share of them that stand in ``text``."""
        stated = list(quantities(text))
        padded = f" {normalise(text)} "
        numbers = sum(any(same_quantity(one, number) for one in stated) for number in self.numbers)
        names = sum(f" {name} " in padded for name in self.names)
        return (numbers + names) / len(self)


def facts_of(text: str) -> Facts:
    """Return the numbers and names of ``text``."""
    return Facts(tuple(dict.fromkeys(quantities(text))), tuple(dict.fromkeys(_names(text))))


def facts_share(text: str, answers: Iterable[str]) -> float | None:
    """Return the largest share of the facts of one of ``answers``, each of which is right, that stand in ``text``; None
    where no answer has any."""
    return max((facts.share_in(text) for answer in answers if (facts := facts_of(answer))), default=None)


def _names(text: str) -> Iterator[str]:
    plain = without_numbers(text, " / ")
    for start, end in sentences(plain):
        run: list[str] = []
        for position, token in enumerate([*plain[start:end].split(), ""]):
            word = token.strip(_EDGES)
            named = word[:1].isupper() and word.lower() not in SCALES
            if position == 0 and not any(letter.isupper() for letter in word[1:]):
                named = False
            if run and (not named or token[0] in _EDGES):
                yield from _name(run)
                run = []
            if named:
                run.append(word)
                if token[-1] in _EDGES.replace(".", ""):
                    yield from _name(run)
                    run = []


def _name(run: list[str]) -> Iterator[str]:
    name = normalise(" ".join(run))
    if len(name) > 1:
        yield name
