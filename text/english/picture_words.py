"""Words by which an English question speaks of a picture, and what one that comes with a picture wants: to have it described,
to have things in it found, or to know what the documents say."""

from __future__ import annotations

import re
from typing import Literal

Intent = Literal["documents", "describe", "find"]

_PICTURE = (
    "picture|photo|photograph|image|figure|chart|graph|plot|diagram|drawing|map|illustration|icon|logo|screenshot"
)
_SPEAKS = re.compile(
    rf"\b(?:(?:{_PICTURE})s?|looks? like|depict(?:s|ed)?|pictured|illustrat(?:es|ed))\b|^\W*show (?:me|us)\b", re.I
)
_DOCUMENTS = re.compile(
    r"\b(?:documents?|reports?|sources?|files?|pages?|manuals?|handbooks?|according to|is (?:this|it) from"
    r"|comes? from|stands?)\b",
    re.I,
)
_DESCRIBE = re.compile(
    rf"\b(?:describe|caption|summari[sz]e (?:this|the) (?:{_PICTURE})|what (?:do you|can you|can be) see[n]?"
    rf"|what (?:is|are) (?:this|these|that|it|(?:in|on|shown in|depicted in|happening in) (?:this|the) (?:{_PICTURE})))\b"
    rf"|\bwhat does (?:this|it|(?:this|the) (?:{_PICTURE})) (?:show|depict|look like)\b"
    rf"|\bwhat kind of (?:{_PICTURE}|thing|object)\b",
    re.I,
)
_IN_PICTURE = rf"(?:\s+(?:in|on|of)\s+(?:this|the|that|my)\s+(?:{_PICTURE}))"
_FIND = (
    re.compile(r"^\W*(?:and\s+)?where(?:\s+is|\s+are|['’]s|['’]re)\s+(?P<what>.+)$", re.I),
    re.compile(r"^\W*(?:and\s+)?where\s+(?:can|do)\s+(?:I|you|we)\s+(?:find|see)\s+(?P<what>.+)$", re.I),
    re.compile(
        r"^\W*(?:please\s+|can you\s+|could you\s+|now\s+|and\s+)*"
        r"(?:find|locate|mark|highlight|outline|circle|box|segment|detect|point\s+(?:at|out|to)|show\s+me\s+where)\s+(?P<what>.+)$",
        re.I,
    ),
    re.compile(
        rf"^\W*(?:and\s+)?how many\s+(?P<what>.+?)\s+(?:are there|can you see|do you see)\b{_IN_PICTURE}?", re.I
    ),
    re.compile(rf"^\W*(?:and\s+)?how many\s+(?P<what>.+?){_IN_PICTURE}", re.I),
)
_TAIL = re.compile(rf"(?:{_IN_PICTURE}|\s+(?:here|there|please|is|are|located|shown))+$", re.I)
_ARTICLE = re.compile(r"^(?:all\s+)?(?:of\s+)?(?:the|a|an|any|all|every|each|my|our|some)\s+", re.I)
_ITSELF = re.compile(rf"^(?:this|that|it|these|those|(?:this|the|that)\s+(?:{_PICTURE}))\b", re.I)
MOST_THINGS = 8  # that are looked for at once


def speaks_of_picture(question: str) -> bool:
    """Tell whether ``question`` asks for a picture, or of one."""
    return bool(_SPEAKS.search(question))


def intent_of(question: str) -> Intent:
    """Return what a question that comes with a picture wants of it.

    >>> [intent_of(one) for one in ("Where is the valve?", "What is this?", "Who built it?")]
    ['find', 'describe', 'documents']
    """
    if _DOCUMENTS.search(question):
        return "documents"
    if things_in(question):
        return "find"
    return "describe" if _DESCRIBE.search(question) else "documents"


def things_in(question: str) -> tuple[str, ...]:
    """Return the things that ``question`` wants found, in small letters, without articles; none where it asks for none.

    >>> things_in("Where are the valve and the two pumps in this picture?")
    ('valve', 'two pumps')
    """
    text = question.strip().rstrip("?!. ")
    match = next((found for pattern in _FIND if (found := pattern.search(text))), None)
    if match is None or _ITSELF.match(match["what"]):
        return ()
    named = _TAIL.sub("", match["what"].strip())
    things = [_ARTICLE.sub("", part.strip()).strip().lower() for part in re.split(r",|\band\b|\bor\b|;", named)]
    return tuple(dict.fromkeys(thing for thing in things if thing))[:MOST_THINGS]
