"""What kind of answer an English question asks for, by words of `data/words`."""

from __future__ import annotations

import re

from text.word_lists import one_of

ASKS_NUMBER = re.compile(rf"\b{one_of('asks_number')}\b|\b{one_of('asks_number_last')}\W*$", re.IGNORECASE)
ASKS_TIME = re.compile(rf"\b{one_of('asks_time')}\b", re.IGNORECASE)
ASKS_PERSON = re.compile(rf"\b{one_of('asks_person')}\b", re.IGNORECASE)
ASKS_WHETHER = re.compile(rf"^\W*{one_of('asks_whether')}\b", re.IGNORECASE)
_OF_MAIL = re.compile(rf"\b{one_of('of_mail')}\b", re.IGNORECASE)
_NAMED_IN_MAIL_HEAD = re.compile(rf"\b{one_of('mail_head')}\b", re.IGNORECASE)


def asks_for_mail_head(question: str) -> bool:
    """Tell whether a question asks for what stands in the head of a mail: who wrote it to whom, when, about what."""
    who_or_when = ASKS_PERSON.search(question) or ASKS_TIME.search(question)
    return bool(_NAMED_IN_MAIL_HEAD.search(question) or (who_or_when and _OF_MAIL.search(question)))
