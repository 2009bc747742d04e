"""A follow-up becomes a question that stands alone, in English and without a model.

The noun phrases of earlier questions are weighed (historical query expansion, Lin et al. 2020, arXiv:2005.02230), but what
comes out is a question, not a bag of words: a phrase is put for a pronoun or at the end ("the symptoms" -> "the symptoms of
anaemia"). "And in 2024?" is put into the question before. Two logistic regressions, fitted by ``evaluation.fit_condense``,
say whether a question without a pronoun needs a phrase at all, and which one is meant.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from models.rejoin import vocabulary_ranks
from text.english.phrases import DETERMINERS, Phrase, Token, noun_phrases, tokens
from text.english.small_talk import summary_of
from text.english.words import AUXILIARIES, GENERIC_STEMS, INTERJECTIONS, PREPOSITIONS, QUESTION_WORDS, SUBJECTS
from text.tokens import STOPWORDS, content_words, sentences, stem, words
from text.years import is_year

LOOKED_BACK = 12  # earlier questions at most; a topic that none of them has is no longer meant
MOST_WORDS = 5  # of what follows "what about"
WEIGHTS = Path(__file__).resolve().parents[3] / "data" / "condense_weights.json"

Features = dict[str, float]
SINGULAR = frozenset("it its this that".split())
PLURAL = frozenset("they them their these those".split())
PERSON = frozenset("he him his she her".split())
_POSSESSIVE = frozenset("its their his her".split())
_DEMONSTRATIVE = frozenset("this that these those".split())
_PERSONAL = frozenset("it they them he him she her".split())
_BREAKS = frozenset("and but if when because so or , ; . ? !".split())
_FILLERS = frozenset("and but so then ok okay".split())


@dataclass(frozen=True)
class Asked:
    """An earlier question."""

    text: str  # as it stands alone
    phrases: tuple[Phrase, ...]  # its own, and the one that was put into it
    follows: bool = False  # it needed the ones before


@dataclass(frozen=True)
class Edit:
    """A phrase of an earlier question put into this one."""

    text: str
    phrase: Phrase
    features: Features


def condense(question: str, earlier: Sequence[str]) -> str:
    """Return ``question`` with what it leaves out taken from the ``earlier`` ones, oldest first."""
    asked: list[Asked] = []
    for one in (*earlier[-LOOKED_BACK:], question):
        asked.append(resolved(one, asked, load_weights()))
    return asked[-1].text


def resolved(question: str, earlier: Sequence[Asked], weights: Mapping[str, Features]) -> Asked:
    """Return ``question`` as it stands alone after the ``earlier`` ones."""
    alone = Asked(question, noun_phrases(question))
    if not earlier or INTERJECTIONS.issuperset(words(question)):
        return alone
    if swapped := elliptical(question, earlier[-1].text):
        return Asked(swapped, noun_phrases(swapped), follows=True)
    if anaphor(question) is None:  # a document that was to be summarised is meant by "it", and is no topic left out
        earlier = [one for one in earlier if not summary_of(one.text)[0]]
    found = edits(question, earlier) if earlier else []
    if not found:
        return alone
    if anaphor(question) is None and (
        names_new_topic(question, earlier)
        or probability(weights["needs"], needs(question, earlier)) < weights["least"]["needs"]
    ):
        return alone
    best = max(found, key=lambda edit: probability(weights["chooses"], edit.features))
    if probability(weights["chooses"], best.features) < weights["least"]["chooses"]:
        return alone
    return Asked(best.text, (*alone.phrases, best.phrase), follows=True)


@cache
def load_weights() -> dict[str, Features]:
    """Return the fitted weights: "needs" and "chooses" by feature, and the "least" probability of each to act upon."""
    stored = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    return {name: dict(stored[name]) for name in ("needs", "chooses", "least")}


def probability(weights: Features, features: Features) -> float:
    """Return the logistic of the weighted sum of ``features`` and the weight "bias"."""
    total = weights["bias"] + sum(weights.get(name, 0.0) * value for name, value in features.items())
    return 1 / (1 + math.exp(-total))


def elliptical(question: str, last: str) -> str:
    """Return the ``last`` question with its like constituent replaced by that of "What about ...?" or "And ...?"; "" for
    any other question."""
    opening = [question[start:end] for start, end in sentences(question)][-1:]
    parts = tokens(opening[0].rstrip(" ?.!")) if opening else ()
    at = 0
    while at < len(parts) and parts[at].small in (*_FILLERS, ","):
        at += 1
    about = [part.small for part in parts[at : at + 2]] in (["what", "about"], ["how", "about"])
    rest = parts[at + 2 :] if about else parts[at:] if parts and parts[0].small == "and" else ()
    lead = rest[0].small if rest and rest[0].small in PREPOSITIONS else ""
    core = rest[1:] if lead else rest
    known = all(part.small in DETERMINERS or not part.is_function for part in core[:1])
    if not core or not known or len(rest) > MOST_WORDS or core[0].small.endswith("ing") or anaphor(opening[0]):
        return ""
    said = opening[0][core[0].start : core[-1].end]
    body = last.rstrip(" ?.!")
    old = [phrase for phrase in noun_phrases(last) if not phrase.joined]
    alike = [phrase for phrase in old if _kind(phrase.bare) == _kind(said)]
    if not alike and (lead or not old):
        return f"{body} {lead or 'for'} {said}?"
    into = (alike or old)[-1]
    return f"{last[: into.start]}{said}{last[into.end :]}"


def _kind(phrase: str) -> str:
    if any(is_year(word) for word in words(phrase)):
        return "year"
    return "name" if any(token.text[0].isupper() for token in tokens(phrase)) else "other"


@lru_cache(1000)
def anaphor(question: str) -> Token | None:
    """Return the first pronoun that nothing in ``question`` itself explains."""
    parts = tokens(question)
    found = [at for at in range(len(parts)) if _points_back(parts, at)]
    first = min(found, key=lambda at: (parts[at].small in ("one", "ones"), at), default=None)
    if first is None or _explained(question, parts, first):
        return None
    return parts[first]


def _points_back(parts: Sequence[Token], at: int) -> bool:
    small, after = parts[at].small, parts[at + 1 :]
    following = after[0].small if after else "."
    ends = not following[0].isalnum()
    if small in _POSSESSIVE and not ends and not after[0].is_function:
        return True
    if small == "it" and following.rstrip("s") in (
        "cost",
        "take",
    ):  # "does it cost 5 euros to ...", but "does it cost?"
        return not any(part.small == "to" for part in after)
    if small in _PERSONAL:
        return True
    if small in _DEMONSTRATIVE:
        return ends or following in AUXILIARIES
    if small == "there":
        return ends and at > 0 and parts[at - 1].small not in AUXILIARIES
    return small in ("one", "ones") and following != "of" and (ends or after[0].is_function)


def _explained(question: str, parts: Sequence[Token], at: int) -> bool:
    """Whether a clause before the pronoun names something: "What is rust and how is it removed?"."""
    for place in range(1, at):
        opens = parts[place + 1].small in QUESTION_WORDS | AUXILIARIES | SUBJECTS | {"if", "tell"} or place + 1 == at
        if parts[place].small in _BREAKS and opens and noun_phrases(question[: parts[place].start]):
            return True
    return False


def edits(question: str, earlier: Sequence[Asked]) -> list[Edit]:
    """Return every way to put a phrase of the ``earlier`` questions into ``question``, with its features."""
    pronoun = anaphor(question)
    return [
        Edit(_put(question, pronoun, phrase), phrase, features | _agreement(pronoun, phrase))
        for phrase, features in _candidates(question, earlier)
    ]


def _put(question: str, pronoun: Token | None, phrase: Phrase) -> str:
    if pronoun is None:
        return _put_for_repeated_noun(question, phrase) or _appended(question, phrase)
    said = phrase.bare if pronoun.small in ("one", "ones") else phrase.text
    following = tokens(question[pronoun.end :])
    if pronoun.small in _POSSESSIVE and following and not following[0].is_function:
        said += "'" if said.endswith("s") else "'s"
    elif pronoun.small == "there":
        said = f"in {said}"
    if pronoun.start == 0:
        said = said[0].upper() + said[1:]
    return question[: pronoun.start] + said + question[pronoun.end :]


def _put_for_repeated_noun(question: str, phrase: Phrase) -> str:
    """ "the expedition" becomes "the Arctic expedition", if that is the phrase."""
    for article, noun in zip(tokens(question), tokens(question)[1:], strict=False):
        if article.small in {"the"} | _DEMONSTRATIVE and len(phrase.stems) > 1 and stem(noun.small) in phrase.stems:
            return question[: article.start] + phrase.text + question[noun.end :]
    return ""


def _appended(question: str, phrase: Phrase) -> str:
    body = question.rstrip(" ?.!")
    mark = question[len(body) :].strip() or "?"
    parts = tokens(body)
    if [part.small for part in parts[-2:]] in (["are", "there"], ["is", "there"]):
        return f"{body[: parts[-2].start]}of {phrase.bare} {body[parts[-2].start :]}{mark}"
    noun = parts[-1].is_generic or not (parts[-1].is_function or parts[-1].is_participle)
    of = noun and not any(part.small == "of" for part in parts) and (parts[-1].is_generic or not phrase.name)
    return f"{body} {'of' if of else 'in'} {phrase.text}{mark}"


def _candidates(question: str, earlier: Sequence[Asked]) -> list[tuple[Phrase, Features]]:
    """The phrases of the ``earlier`` questions that ``question`` does not have, each with its features."""
    mine = _stems(question)
    found: dict[frozenset[str], tuple[Phrase, int, Asked]] = {}
    for at, one in enumerate(earlier):
        for phrase in one.phrases:
            if not phrase.stems <= mine and not phrase.bare.isdigit():
                first = found[phrase.stems][1] if phrase.stems in found else at
                found[phrase.stems] = (phrase, first, one)
    held = [_stems(one.text) for one in earlier]
    recent = {
        stems: sum(0.6 ** (len(held) - 1 - at) for at, some in enumerate(held) if stems <= some) for stems in found
    }
    rarest = {stems: max(map(rarity, content_words(phrase.bare))) for stems, (phrase, _, _) in found.items()}
    candidates = []
    for stems, (phrase, first, last) in found.items():
        there = last.phrases
        features = {
            "recent": recent[stems],
            "most recent": recent[stems] / max(recent.values()),
            "share": sum(len(stems & some) / len(stems) for some in held) / len(held),
            "rarest": rarest[stems] / (max(rarest.values()) or 1.0),
            "words": len(content_words(phrase.bare)) / 4,
            "name": float(phrase.name),
            "plural": float(phrase.plural),
            "joined": float(phrase.joined),
            "only": float(len(there) == 1),
            "later": (there.index(phrase) + 1) / len(there),
            "new topic": float(first == len(held) - 1 and not earlier[first].follows),
            "part of another": float(any(stems < other for other in found)),
            "candidates": min(len(found), 10) / 10,
        }
        candidates.append((phrase, features))
    return candidates


def _agreement(pronoun: Token | None, phrase: Phrase) -> Features:
    if pronoun is None:
        return {"appended": 1.0}
    small = pronoun.small
    wrong = (small in SINGULAR and phrase.plural) or (small in PLURAL and not phrase.plural)
    wrong |= small in PERSON and phrase.plural
    return {
        "agrees": float((small in SINGULAR and not phrase.plural) or (small in PLURAL and phrase.plural)),
        "disagrees": float(wrong),
        "person": float(small in PERSON and phrase.name),
    }


def names_new_topic(question: str, earlier: Sequence[Asked]) -> bool:
    """Return whether ``question`` brings a name, a phrase of two words, or a noun after "of" that no earlier one has."""
    before = frozenset[str]().union(*(_stems(one.text) for one in earlier))
    parts = tokens(question)
    small = [part.small for part in parts]
    behind_of = parts[small.index("of") + 1 :] if "of" in small else ()
    return (
        any(_points_back(parts, at) for at in range(len(parts)))  # explained by itself, or it would be an anaphor
        or any(part.capital and stem(part.small) not in before for part in parts)
        or any(not (part.is_function or part.is_generic) and stem(part.small) not in before for part in behind_of)
        or any(
            len(one.stems - GENERIC_STEMS) > 1 and not one.joined and not one.stems & before
            for one in noun_phrases(question)
        )
    )


def needs(question: str, earlier: Sequence[Asked]) -> Features:
    """Return what tells whether a question without a pronoun leaves something out."""
    small = words(question)
    before = frozenset[str]().union(*(_stems(one.text) for one in earlier))
    last = _stems(earlier[-1].text)
    topical = [word for word in content_words(question) if stem(word) not in GENERIC_STEMS and word not in AUXILIARIES]
    new = [rarity(word) for word in topical if stem(word) not in before]
    every = [rarity(word) for word in content_words(question)]
    return {
        "rarest new word": max(new, default=0.0),
        "mean rarity": sum(every) / max(len(every), 1),
        "mentions": float(len(new) < len(topical)),
        "mentions last": float(any(stem(word) in last for word in topical)),
        "known words": (len(topical) - len(new)) / max(len(topical), 1),
        "definite end": float("the" in small[-3:-1]),
        "defines": float(_defines(small)),
        "is there": float("there" in small and ("is" in small or "are" in small)),
        "last follows": float(earlier[-1].follows),
    }


def _defines(small: Sequence[str]) -> bool:
    """Whether it is "What is X?", "Who are X Y?"."""
    rest = small[3:] if small[2:3] in (["a"], ["an"]) else small[2:]
    opens = small[:1] in (["what"], ["who"]) and small[1:2] in (["is"], ["are"], ["was"], ["were"])
    return opens and 0 < len(rest) <= 2 and not STOPWORDS & set(rest)


@lru_cache(1000)
def _stems(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word in content_words(text))


def rarity(word: str) -> float:
    """Return how rare an English word is: 0 for the commonest, 1 for the rarest that the vocabulary has, 1.05 for others.

    The logarithm of its rank stands in for an inverse document frequency (Zipf's law), as there may be no corpus yet.
    """
    ranks = vocabulary_ranks()
    if word not in ranks:
        return 1.05
    lowest, highest = ranks["the"] - 1, max(ranks.values())
    return max(0.0, math.log(max(1, ranks[word] - lowest)) / math.log(highest - lowest))
