"""What is answered without a look into the documents: greetings, what the assistant can do, and which documents there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from chains.query.intent import wanted
from records import Source, Turn
from store.documents import Documents
from text.citation_marks import without_marks

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

LISTED = 50  # documents in an answer
HELP = (
    "I answer questions from your documents, and show for each statement where it stands: the page, the table or the figure. "
    "You can ask what a document says, compare figures, ask for a summary of a document, or add a picture and ask where it "
    "stands. Where I am not sure of an answer I show the passages that come nearest, and say so."
)
GREETING = "Hello! Ask me what your documents say."
THANKS = "You are welcome. Ask on whenever you like."
NO_DOCUMENTS = "There are no documents yet. Add some under Documents, or by the command: python -m ingest SOURCE..."
WHICH = "Which document do you mean? Name it as the list does, e.g. “Summarise {example}”."
_KINDS = {"pdf": "PDF", "web": "web page", "markdown": "Markdown", "text": "text", "image": "picture"}


def reply(turn: Turn, documents: Documents, model: BaseChatModel | None = None) -> Turn:
    """Return ``turn`` with its intent, and with the answer where none of the documents has to be read for it. The scope of a
    summary is narrowed to what is to be summarised.

    Args:
        model: tells what is wanted where the rule is in doubt.
    """
    readable = documents.sources(turn.scope.principal)
    chosen = turn.scope.sources
    sources = [
        one for one in readable if (chosen is None or one.source in chosen) and one.source not in turn.scope.left_out
    ]
    found = wanted(turn.question, sources, follows=bool(turn.history), model=model)
    if found.intent == "question" or (found.intent == "summary" and not readable):
        return turn
    turn = replace(turn, intent=found.intent, standalone=turn.question)
    if found.intent == "summary" and found.sources:
        return replace(turn, scope=replace(turn.scope, sources=tuple(one.source for one in found.sources)))
    said = {
        "greeting": lambda: GREETING,
        "thanks": lambda: THANKS,
        "help": lambda: f"{HELP}\n\n{listing(sources, len(readable))}",
        "documents": lambda: listing(sources, len(readable)),
        "summary": lambda: f"{WHICH.format(example=_title(sources[0]))}\n\n{listing(sources, len(readable))}",
    }
    return replace(turn, answer=said[found.intent](), outcome="conversation", stage="understand")


def listing(sources: Sequence[Source], readable: int) -> str:
    """Return ``sources`` as a list in Markdown with kind and pages, told how many of all that are ``readable`` they are."""
    if not readable:
        return NO_DOCUMENTS
    number = f"{readable:,} document{'' if readable == 1 else 's'}"
    head = f"There {'is' if readable == 1 else 'are'} {number}"
    if len(sources) < readable:
        head = f"This question may use {len(sources):,} of {number}"
    lines = [f"- **{_title(one)}** ({_facts(one)})" for one in sources[:LISTED]]
    more = [f"- and {len(sources) - LISTED:,} more"] if len(sources) > LISTED else []
    return "\n".join([f"{head}:", "", *lines, *more])


def _title(source: Source) -> str:
    return without_marks(" ".join((source.title or source.source.rsplit("/", 1)[-1]).split())).replace("*", "")


def _facts(source: Source) -> str:
    kind = _KINDS.get(source.kind, source.kind)
    pages = f", {source.pages:,} page{'' if source.pages == 1 else 's'}" if source.kind == "pdf" else ""
    return f"{kind}{pages}"
