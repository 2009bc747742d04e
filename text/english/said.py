"""Questions that a sentence answers, made from it by rule: "Ingrid Solheim is the travel manager" answers "Who is the travel
manager?".

Only sentences of a plain form are taken; what a rule does not understand asks nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from text.english.names import POINTING

MOST_WORDS = 9  # of what a question names: a longer one reads like no question that anybody asks


@dataclass(frozen=True)
class Answered:
    """A question with the words of the sentence that answer it."""

    question: str
    value: str


_NAME = r"(?:[A-Z][\w’'-]+|(?:de|van|von|der|da|di|la|le))(?: (?:[A-Z][\w’'-]+|de|van|von|der|da|di|la|le)){1,3}"
_THING = r"[Tt]he (?P<thing>[a-z][^,;:()]*?)"
_NUMBER = r"(?:[€$£] ?)?\d[\d.,]*\S*"
_WHEN = r"(?:\d{1,2} )?(?:[A-Z][a-z]+ )?\d{4}"
_RULES = (
    # a person and an office
    (
        re.compile(rf"(?P<value>{_NAME}) (?P<is>is|was) the (?P<thing>[a-z][^,;:.()]*?)(?: and .*| who .*)?"),
        "Who {is} the {thing}?",
    ),
    # how often, how much, when
    (
        re.compile(rf"{_THING} (?P<is>is|was|are|were) (?P<done>\w+ed) (?P<value>every (?:{_NUMBER} )?\w+).*"),
        "How often {is} the {thing} {done}?",
    ),
    (
        re.compile(rf"{_THING} (?P<is>is|was) (?P<value>(?:about |some )?{_NUMBER}(?: \w+)?)\b.*"),
        "What {is} the {thing}?",
    ),
    (
        re.compile(rf"{_THING} (?P<is>is|was|were) (?P<done>\w+(?:ed|ilt|ade|old)) (?:on|in) (?P<value>{_WHEN})\b.*"),
        "When {is} the {thing} {done}?",
    ),
)


def questions_of(sentence: str) -> Iterator[Answered]:
    """Yield the questions that ``sentence`` answers, with the words that answer; none where it points at another one ("It
    was ..."), or says more than a rule understands."""
    plain = " ".join(sentence.split()).rstrip(".")
    for rule, form in _RULES:
        found = rule.fullmatch(plain)
        if found is None or POINTING.search(found["thing"]) or not 0 < len(found["thing"].split()) <= MOST_WORDS:
            continue
        parts = {name: value for name, value in found.groupdict().items() if name != "value"}
        yield Answered(form.format(**parts), found["value"])
        return
