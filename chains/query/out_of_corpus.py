"""Names and words of a question that no document knows.

Who asks for Boeing's figures where only Airbus is spoken of is not helped by those of Airbus, however near they are in
meaning. With common words it is a hint and no more, for documents may say the same in others.
"""

from __future__ import annotations

import re

from chains.retrieval.sections import statements
from records import Scope
from store.index import Index
from text.glossary import load_glossary
from text.tokens import STOPWORDS, content_words

_SENTENCE = re.compile(r"[^?]*\?|[^?]+$")
_WORD = re.compile(r"[^\W_]+(?:[-&.’'][^\W_]+)*")
_PIECE = re.compile(r"[^\W_]+")
_ENGLISH = frozenset("the of is are was were what which who how did does do in and for".split())
_PERIOD = re.compile(r"(?:fy|cy|q[1-4]|h[12]|[1-4]q)?[’']?\d*", re.IGNORECASE)  # years and quarters have many spellings
_CODE = re.compile(r"(?=.*\d)(?=.*[A-Z])[^\W_]+")  # "AR03"
_PATTERN = re.compile(r"[YMDHSX]+|[ymdhsx]{2,}")  # of "YYYY-MM-DD"
# Written large though they name nothing of a document's (its parts, months and days, units, titles), or what documents
# spell out as often as not.
_COMMON = frozenset(
    """figure figures fig table tables tab chart charts graph page pages section sections chapter appendix note notes slide
    slides item part box panel exhibit question answer yes no true false none monday tuesday wednesday thursday friday
    saturday sunday january february march april may june july august september october november december jan feb mar apr
    jun jul aug sep sept oct nov dec pdf url id am pm usd eur gbp us usa uk eu un mr mrs ms dr prof sir st ceo cfo coo cto
    cio hr it pr vat gdp tv ai""".split()
)


def out_of_corpus_words(question: str, index: Index, scope: Scope) -> tuple[str, ...]:
    """The words of ``question`` that carry meaning and stand nowhere within ``scope``."""
    words = content_words(" ".join(_asking(question)))
    return index.out_of_corpus([word for word in dict.fromkeys(words) if word.isalpha()], scope)


def out_of_corpus_names(question: str, index: Index, scope: Scope) -> tuple[str, ...]:
    """The words that name something in ``question``, as written, and stand nowhere within ``scope``: in no text, title or
    file name, nor with another ending or a slip of the pen."""
    strange = index.out_of_corpus(names_in(question), scope)
    return tuple(one for one in strange if not (_otherwise(one, index, scope) or _names_source(one, index, scope)))


def _otherwise(word: str, index: Index, scope: Scope) -> bool:
    """Whether documents use another form of the name: "Sweden" where the question says "Swedish"."""
    forms = load_glossary(index.settings.glossary).forms(word)
    return len(index.out_of_corpus(forms, scope)) < len(forms)


def _names_source(word: str, index: Index, scope: Scope) -> bool:
    named = index.names(scope.principal).match(word)
    return any(scope.sources is None or source in scope.sources for source in named)


def names_in(question: str) -> tuple[str, ...]:
    """The words of ``question`` that name something, as written and each once: capitalised within a sentence, in capital
    letters, or a code of letters and digits.

    Numbers, periods, business terms and what the question itself spells out in brackets are no names, nor is anything
    in a question that writes all words large, or that is in another language than English, where capitals mean
    something else. Of several sentences those that ask are read: the others say how to answer.
    """
    found: list[str] = []
    for part in _asking(question):
        words = list(_WORD.finditer(part))
        said = [word.group() for word in words]
        if not _ENGLISH & {word.lower() for word in said} or any(map(_all_large, said[1:])):
            continue
        for number, match in enumerate(words):
            spelled_out = part[: match.start()].rstrip().endswith("(")
            if not spelled_out and _is_name(match.group(), opens=number == 0):
                found += (piece for piece in _PIECE.findall(match.group()) if _is_name(piece, opens=number == 0))
    return tuple(dict.fromkeys(found))


def _asking(question: str) -> list[str]:
    """Its sentences that end in a question mark, or all if none does."""
    parts: list[str] = _SENTENCE.findall(question)
    return [part for part in parts if part.endswith("?")] or parts


def _all_large(word: str) -> bool:
    """Whether a word stands large that only does where all do: "Of", "THE"."""
    return len(word) > 1 and word[0].isupper() and word.lower() in STOPWORDS


def _is_name(word: str, *, opens: bool) -> bool:
    if len(word) < 2 or word.lower() in STOPWORDS | _COMMON or _PERIOD.fullmatch(word) or _PATTERN.fullmatch(word):
        return False
    if statements(word):
        return False
    return word.isupper() or bool(_CODE.fullmatch(word)) or (word[0].isupper() and not opens)
