"""Slips of the pen in a question: a word that is no English word and stands in no document is read as the nearest one that
does. What was read is shown, for it may be wrong."""

from __future__ import annotations

import re
from difflib import get_close_matches

from models.rejoin import vocabulary
from records import Scope
from store.searches import LexicalSearch
from text.tokens import STOPWORDS, words

SHORTEST = 5  # letters of a word that is mended; shorter ones are too near to too many
LOOKED_AT = 20  # chunks with words that may be meant
LIKENESS = 0.85  # least share of letters in common (Ratcliff and Metzener 1988, as difflib has it)
LIKENESS_IN_ENGLISH = 0.93  # with words that are not looked up by their letters: one slip in a long one
_WORD = re.compile(r"(?<![\w“\"'‘/.@-])[^\W\d_]+(?!\w|[@/-]|\.\w)")


def corrected(question: str, lexical: LexicalSearch, scope: Scope) -> str:
    """Return ``question`` with the words mended that the documents within ``scope`` have in a like spelling only; a
    word's first letter is believed.

    >>> mended("Who runs the turbinse?", lexical, scope)  # doctest: +SKIP
    'Who runs the turbines?'
    """
    return _WORD.sub(lambda match: _nearest(match.group(), lexical, scope), question)


def _nearest(word: str, lexical: LexicalSearch, scope: Scope) -> str:
    small = word.lower()
    if len(word) < SHORTEST or small in STOPWORDS or small in vocabulary() or not word.isascii():
        return word
    if lexical.holds(small, scope.principal):
        return word
    there = {one for chunk in lexical.slips(small, LOOKED_AT, scope) for one in words(chunk.searched_text)}
    there = {one for one in there if one[0] == small[0] and one.isalpha()}
    found = get_close_matches(small, sorted(there), n=1, cutoff=LIKENESS)
    if not found:  # a slip may have changed the stem that is looked for
        english = sorted(one for one in vocabulary() if one[0] == small[0])
        alike = get_close_matches(small, english, n=1, cutoff=LIKENESS_IN_ENGLISH)
        found = [one for one in alike if lexical.holds(one, scope.principal)]
    if not found:
        return word
    return found[0].capitalize() if word[0].isupper() else found[0]
