"""What a source is about: tags and a short summary in its own words, without a model; or as a chat model says."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from pydantic import BaseModel, Field

from errors import ModelError
from models.chat.structured import structured
from models.prompts import GIST
from records import OPERATOR, About, Chunk
from text.sketch import sketch_of
from text.stems import ENGLISH, stem
from text.tokens import content_words, sentences, words

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from store.index import Index

TAGS = 8
LONGEST_TAG = 40  # characters
PHRASE = 0.5  # of the uses of its rarer word, that two words side by side have to be one term
MIN_USES = 3  # of two words side by side
SENTENCES = 2  # of a summary in the source's own words
MIN_WORDS, MOST_WORDS = 6, 40  # of a sentence that may stand in it
CONSIDERED = 60  # passages, from the beginning, whose sentences may
READ_CHARACTERS = 6_000  # that a chat model is shown, evenly from all of a source
LONGEST_SUMMARY = 600  # characters

Idf = Callable[[Iterable[str]], Mapping[str, float]]


class Gist(BaseModel):
    """What a document is about."""

    summary: str = Field(description="what the document says, in two sentences of its language")
    tags: list[str] = Field(description="three to eight subjects, each of one to three words in small letters")


def extracted(about: About, chunks: Sequence[Chunk], idf: Idf) -> About:
    """Return ``about`` with tags, summary and sketch made of the words of ``chunks``."""
    own = [chunk for chunk in chunks if not chunk.author]  # a model's words are not the source's
    terms = scored_terms(own, idf)
    tags = tuple(term for term, _ in terms[:TAGS])
    sketch = sketch_of(chunk.text for chunk in own)
    return replace(about, tags=tags, summary=summary_of(own, dict(terms)), author="", sketch=sketch)


def scored_terms(chunks: Sequence[Chunk], idf: Idf) -> list[tuple[str, float]]:
    """Return the terms of ``chunks``, words and pairs of words as they are written most often, with tf-idf (Spärck Jones
    1972), the most telling first. A word that is part of a better pair is left out."""
    uses: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    written: dict[str, Counter[str]] = defaultdict(Counter)
    for chunk in chunks:
        language = chunk.language or ENGLISH
        kept = set(content_words(chunk.text, language))
        before = ""
        for word in words(chunk.text):
            root = stem(word, language) if word in kept and _tells(word) else ""
            if root:
                uses[root] += 1
                written[root][word] += 1
                if before:
                    pairs[before, root] += 1
            before = root
    rare = idf(uses)
    scores = {root: (1 + math.log(number)) * rare[root] for root, number in uses.items() if number > 1 or len(uses) < 9}
    named = {root: written[root].most_common(1)[0][0] for root in uses}
    found = {named[root]: score for root, score in scores.items()}
    for (one, other), number in pairs.items():
        if number >= MIN_USES and number >= PHRASE * min(uses[one], uses[other]) and one != other:
            found[f"{named[one]} {named[other]}"] = (1 + math.log(number)) * (rare[one] + rare[other]) / 2 * 1.2
            for part in (one, other):
                if number >= PHRASE * uses[part]:
                    found.pop(named[part], None)
    return sorted(((term, score) for term, score in found.items() if len(term) <= LONGEST_TAG), key=_order)


def _order(item: tuple[str, float]) -> tuple[float, str]:
    return -item[1], item[0]


def _tells(word: str) -> bool:
    return word.isalpha() and (len(word) > 2 or not word.isascii())


def summary_of(chunks: Sequence[Chunk], scores: Mapping[str, float]) -> str:
    """Return the two sentences of the first passages with the most of the source's terms (Luhn 1958), in reading order; ""
    where there are no sentences."""
    rated: list[tuple[float, int, str]] = []
    for chunk in [one for one in chunks if one.kind == "text"][:CONSIDERED]:
        for start, end in sentences(chunk.text):
            said = " ".join(chunk.text[start:end].split())
            own = words(said)
            if MIN_WORDS <= len(own) <= MOST_WORDS and said[-1:] in ".!?。！？।":
                worth = sum(scores.get(word, 0.0) for word in set(own)) / math.sqrt(len(own))
                rated.append((worth, len(rated), said))
    best = sorted(rated, key=lambda one: (-one[0], one[1]))[:SENTENCES]
    return " ".join(said for _, _, said in sorted(best, key=lambda one: one[1]))


def idf_of(index: Index, besides: str = "") -> Idf:
    """Return how rare stems are in all that is stored, but for the source ``besides``."""
    return lambda stems: index.lexical.idf(stems, OPERATOR, besides)


def renew(index: Index, source: str, model: BaseChatModel | None = None) -> About | None:
    """Make tags and summary of ``source`` anew from what is stored, by ``model`` where one is given, and keep them; return
    them, None when the source is not known. What was stored before versions were told apart gets its sketch so, too.

    Raises:
        ModelError: the model does not answer as it is asked to.
    """
    known = index.catalog.source(source)
    if known is None:
        return None
    chunks = index.catalog.chunks_of(source)
    about = extracted(known.about, chunks, idf_of(index))
    if model is not None and chunks:
        about = _as_model_says(about, known.name or known.title, chunks, model)
    index.catalog.set_about(source, about)
    return about


def _as_model_says(about: About, title: str, chunks: Sequence[Chunk], model: BaseChatModel) -> About:
    step = max(1, sum(len(chunk.text) for chunk in chunks) // READ_CHARACTERS)
    shown = "\n\n".join(chunk.text for chunk in chunks[::step])[:READ_CHARACTERS]
    said = structured(model, Gist, GIST.invoke({"title": title, "passages": shown}))
    if said is None:
        raise ModelError(f"The chat model does not say what “{title[:80]}” is about in a form that can be read.")
    tags = tuple(dict.fromkeys(" ".join(tag.lower().split())[:LONGEST_TAG] for tag in said.tags if tag.strip()))[:TAGS]
    summary = " ".join(said.summary.split())[:LONGEST_SUMMARY]
    return replace(about, tags=tags or about.tags, summary=summary or about.summary, author=_name_of(model))


def _name_of(model: BaseChatModel) -> str:
    return str(getattr(model, "model_name", "") or getattr(model, "model", "") or "chat model")
