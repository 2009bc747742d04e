"""Names and words of a question that no document holds.

Who asks for Boeing's figures where only Airbus is spoken of is not helped by those of Airbus, however near they are in
meaning. With common words it is a hint and no more, for documents may say the same in others.
"""

from __future__ import annotations

import re

from chains.retrieval.base import Resources
from records import Scope
from text.tokens import STOPWORDS, content_words, sentences

_WORD = re.compile(r"[^\W_]+(?:[-&.’'][^\W_]+)*")
_PERIOD = re.compile(r"(?:fy|cy|q[1-4]|h[12]|[1-4]q)?[’']?\d*", re.IGNORECASE)  # years and quarters have many spellings
_ENGLISH = frozenset("the of is are was were what which who how did does do in and for".split())
# Written large though they name nothing that a document speaks of: its parts, months and days, titles.
_COMMON = frozenset(
    """figure table chart graph page section chapter appendix note slide part exhibit question answer yes no i
    monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september
    october november december mr mrs ms dr prof sir""".split()
)


def out_of_corpus_words(question: str, resources: Resources, scope: Scope) -> tuple[str, ...]:
    """Return the words of ``question`` that carry meaning and stand nowhere within ``scope``."""
    words = dict.fromkeys(word for word in content_words(_asking(question)) if word.isalpha())
    return resources.lexical.out_of_corpus(words, scope)


def out_of_corpus_names(question: str, resources: Resources, scope: Scope) -> tuple[str, ...]:
    """Return the words that name something in ``question``, as written, and stand nowhere within ``scope``: in no text, title
    or file name, nor in another of the forms that the glossary knows, with another ending or a slip of the pen."""
    named = [one for one in names_in(question) if not resources.glossary.is_term(one)]
    strange = resources.lexical.out_of_corpus(named, scope)
    return tuple(
        one for one in strange if not (_in_other_form(one, resources, scope) or _names_source(one, resources, scope))
    )


def _in_other_form(word: str, resources: Resources, scope: Scope) -> bool:
    forms = resources.glossary.forms(word)
    return len(resources.lexical.out_of_corpus(forms, scope)) < len(forms)


def _names_source(word: str, resources: Resources, scope: Scope) -> bool:
    named = resources.names.of(scope.principal).match(word)
    return any(scope.sources is None or source in scope.sources for source in named)


def names_in(question: str) -> tuple[str, ...]:
    """Return the words of ``question`` that name something, as written and each once: capitalised within a sentence, or in
    capital letters.

    Numbers, periods and what the question itself spells out in brackets are no names, nor is anything in a question that
    writes all words large, or that is in another language than English, where capitals mean something else. Of several
    sentences those that ask are read: the others say how to answer.
    """
    question = _asking(question)
    words = list(_WORD.finditer(question))
    said = [word.group() for word in words]
    large = any(len(word) > 1 and word[0].isupper() and word.lower() in STOPWORDS for word in said[1:])
    if large or not _ENGLISH & {word.lower() for word in said}:
        return ()
    found: list[str] = []
    for match in words:
        before = question[: match.start()].rstrip()
        if not before.endswith("("):
            opens = not before or before[-1] in ".?!:"
            found += (piece for piece in re.findall(r"[^\W_]+", match.group()) if _is_name(piece, opens=opens))
    return tuple(dict.fromkeys(found))


def _asking(question: str) -> str:
    """Its sentences that end in a question mark, or all if none does."""
    parts = [question[start:end] for start, end in sentences(question)]
    return " ".join([part for part in parts if part.endswith("?")] or parts)


def _is_name(word: str, *, opens: bool) -> bool:
    lower = word.lower()
    if len(word) < 2 or lower in STOPWORDS or lower.removesuffix("s") in _COMMON or _PERIOD.fullmatch(word):
        return False
    return word.isupper() or (word[0].isupper() and not opens)
