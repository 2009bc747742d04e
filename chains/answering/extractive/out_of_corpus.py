"""Names and words of a question that no document holds.

Who asks for Boeing's figures where only Airbus is spoken of is not helped by those of Airbus, however near they are in
meaning. With common words it is a hint and no more, for documents may say the same in others.
"""

from __future__ import annotations

from chains.query.language import question_language
from chains.retrieval.base import Resources
from records import Scope
from text.english.names import asking, names_in
from text.stems import ENGLISH
from text.tokens import content_words


def out_of_corpus_words(question: str, resources: Resources, scope: Scope) -> tuple[str, ...]:
    """Return the words of ``question`` that carry meaning and stand nowhere within ``scope``."""
    language = question_language(question)
    asked = content_words(asking(question) if language == ENGLISH else question, language)
    words = dict.fromkeys(word for word in asked if not any(map(str.isdigit, word)))
    return resources.lexical.out_of_corpus(words, scope)


def out_of_corpus_names(question: str, resources: Resources, scope: Scope) -> tuple[str, ...]:
    """Return the words that name something in ``question``, as written, and stand nowhere within ``scope``: in no text, title
    or file name, nor in another of the forms that the glossary knows, with another ending or a slip of the pen. None in
    another language than English, where capitals mean something else."""
    if question_language(question) != ENGLISH:
        return ()
    named = [one for one in names_in(question) if not resources.glossary.is_term(one)]
    strange = resources.lexical.out_of_corpus(named, scope)
    return tuple(
        one for one in strange if not (_in_other_form(one, resources, scope) or _names_source(one, resources, scope))
    )


def _in_other_form(word: str, resources: Resources, scope: Scope) -> bool:
    forms, long = resources.glossary.forms(word), resources.glossary.spelled_out(word).split()
    if len(long) > 1:
        return not resources.lexical.out_of_corpus(long, scope)
    return len(resources.lexical.out_of_corpus(forms, scope)) < len(forms)


def _names_source(word: str, resources: Resources, scope: Scope) -> bool:
    named = resources.names.of(scope.principal).match(word)
    return any(scope.sources is None or source in scope.sources for source in named)
