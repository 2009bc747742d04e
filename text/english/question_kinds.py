"""What kind of answer an English question asks for."""

from __future__ import annotations

import re

ASKS_NUMBER = re.compile(
    r"\b(?:how (?:many|much|old|long|far|tall|high|large|often)|percentage|percent|ratio|amount|rate|price)\b"
    r"|\bcosts?\W*$",
    re.I,
)
ASKS_TIME = re.compile(r"\b(?:when|what (?:year|date|day|month)|which (?:year|date|day|month))\b", re.I)
ASKS_PERSON = re.compile(r"\b(?:who|whom|whose)\b", re.I)
ASKS_WHETHER = re.compile(r"^\W*(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would)\b", re.I)
_OF_MAIL = re.compile(
    r"\b(?:e-?mails?|mails?|messages?|sen[dt]s?|sending|wrote|writ(?:es?|ten|ing)|repl(?:y|ies|ied))\b", re.I
)
_NAMED_IN_MAIL_HEAD = re.compile(r"\b(?:subject|sender|recipients?|addressees?|cc|attach(?:ed|ments?))\b", re.I)


def asks_for_mail_head(question: str) -> bool:
    """Tell whether a question asks for what stands in the head of a mail: who wrote it to whom, when, about what."""
    who_or_when = ASKS_PERSON.search(question) or ASKS_TIME.search(question)
    return bool(_NAMED_IN_MAIL_HEAD.search(question) or (who_or_when and _OF_MAIL.search(question)))
