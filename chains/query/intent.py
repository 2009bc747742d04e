"""What a message wants: an answer from the documents, a summary of some, or none of these. By rule; where the rule is in
doubt and a chat model is set, as the model says."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

from pydantic import BaseModel, Field

from chains.query.english.language import is_english
from errors import StoppedError
from models.chat.structured import structured
from models.prompts import PROMPTS
from records import Intent, Source
from text.english.small_talk import ANY_SOURCE, KINDS_OF_DOCUMENTS, is_doubtful, small_talk, summary_of
from text.tokens import STOPWORDS

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

log = logging.getLogger(__name__)

LONGEST = 12  # words of a message that may be no question
_WORD = re.compile(r"[^\W_]+")


class MessageIntent(BaseModel):
    """What a message wants."""

    intent: Intent
    document: str = Field(default="", description="the document that is to be summarised, as the user calls it")


@dataclass(frozen=True)
class Wanted:
    """What a message wants, and the sources it means, where that is a summary: none when it does not say which."""

    intent: Intent
    sources: tuple[Source, ...] = ()


def wanted(
    message: str, sources: Callable[[], Sequence[Source]], *, follows: bool, model: BaseChatModel | None = None
) -> Wanted:
    """Return what ``message`` wants.

    Args:
        sources: gives those it may speak of; most messages do not need them.
        follows: whether something was said before, so that "it" is what that was about.
        model: is asked about a short message that may be no question, and of which no rule is sure.
    """
    if (intent := small_talk(message)) != "question":
        return Wanted(intent)
    kind, called = summary_of(message)
    if kind and (found := _summary(kind, called, sources(), follows=follows)):
        return found
    if model is not None and len(message.split()) <= LONGEST and (is_doubtful(message) or not is_english(message)):
        return _as_model_says(message, sources(), model)
    return Wanted("question")


def _summary(kind: str, called: str, sources: Sequence[Source], *, follows: bool) -> Wanted | None:
    """The summary that is wanted; None where the words may mean something else."""
    if kind == "all":
        return Wanted("summary", tuple(sources))
    if kind == "this":
        if follows and called in ("it", "this", "that"):  # may well be the answer before
            return None
        return Wanted("summary", tuple(sources) if len(sources) == 1 else ())
    found = called_sources(called, sources)
    return Wanted("summary", found if len(found) == 1 else ()) if found else None


def called_sources(called: str, sources: Sequence[Source]) -> tuple[Source, ...]:
    """Return the sources that ``called`` names: by words of the title or the file name that are the whole of it, or that hold
    a kind of document.

    "Annual report" names "Harbour: Annual Report 2025", and "Harbour" does not: that is a thing to ask about.
    """
    said = _words(called)
    if not said:
        return ()
    if len(sources) == 1 and said <= ANY_SOURCE | KINDS_OF_DOCUMENTS and said & ANY_SOURCE:
        return tuple(sources)
    whole = [one for one in sources if said in _names(one)]
    if whole:
        return tuple(whole)
    if not said & KINDS_OF_DOCUMENTS:
        return ()
    own = said - ANY_SOURCE
    return tuple(one for one in sources if own and any(own <= name for name in _names(one)))


def _names(source: Source) -> tuple[frozenset[str], ...]:
    """The words of the title and of the file's name, with and without its ending."""
    file = unquote(source.source.rstrip("/")).rsplit("/", 1)[-1]
    return tuple(_words(name) for name in (source.title, file, file.rsplit(".", 1)[0]))


def _words(name: str) -> frozenset[str]:
    return frozenset(word for word in _WORD.findall(name.lower()) if word not in STOPWORDS)


def _as_model_says(message: str, sources: Sequence[Source], model: BaseChatModel) -> Wanted:
    asking = PROMPTS.message_intent.invoke({"message": message})
    try:
        said = structured(model, MessageIntent, asking)
    except StoppedError:
        raise
    except Exception as error:  # noqa: BLE001  every provider raises its own kinds, and then it is a question
        log.info("What a message wants is not known: %s", type(error).__name__)
        said = None
    if said is None or said.intent == "question":
        return Wanted("question")
    if said.intent != "summary":
        return Wanted(said.intent)
    found = called_sources(said.document, sources)
    return Wanted("summary", found) if len(found) == 1 else Wanted("question")
