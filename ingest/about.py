"""What a source is about: tags and a short summary in its own words, without a model; or as a chat model says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import ceil
from typing import TYPE_CHECKING

from pydantic import BaseModel, Field

from errors import ModelError
from models.chat.structured import structured
from models.prompts import GIST
from records import OPERATOR, About, Chunk
from text.sketch import sketch_of
from text.summaries import LONGEST_TAG, Idf, evenly, scored_terms, summary_of

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from store.index import Index

TAGS = 8
READ_CHARACTERS = 6_000  # that a chat model is shown, evenly from all of a source
LONGEST_SUMMARY = 600  # characters


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
    share = min(1.0, READ_CHARACTERS / max(1, sum(len(chunk.text) for chunk in chunks)))
    shown = "\n\n".join(chunk.text for chunk in evenly(chunks, ceil(len(chunks) * share)))[:READ_CHARACTERS]
    said = structured(model, Gist, GIST.invoke({"title": title, "passages": shown}))
    if said is None:
        raise ModelError(f"The chat model does not say what “{title[:80]}” is about in a form that can be read.")
    tags = tuple(dict.fromkeys(" ".join(tag.lower().split())[:LONGEST_TAG] for tag in said.tags if tag.strip()))[:TAGS]
    summary = " ".join(said.summary.split())[:LONGEST_SUMMARY]
    return replace(about, tags=tags or about.tags, summary=summary or about.summary, author=_name_of(model))


def _name_of(model: BaseChatModel) -> str:
    return str(getattr(model, "model_name", "") or getattr(model, "model", "") or "chat model")
