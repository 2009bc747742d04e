"""The list of kept conversations as HTML, and one of them as Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from app.asked_picture import picture_name
from app.chat import STOPPED, STOPPED_DRAFT, Conversation
from app.text import counted, escaped, one_line
from app.words import location
from records import Turn
from store.conversations import Summary

SHOWN = 200


def list_html(summaries: Sequence[Summary], current: str, search: str = "") -> str:
    """Return the conversations with ways to open, rename, export and delete each; ``current`` is the one that is open."""
    if not summaries:
        text = (
            "No conversation has these words." if search.strip() else "Conversations are kept here once you have asked."
        )
        return f'<p class="count">{text}</p>'
    items = "".join(_entry(one, one.id == current) for one in summaries[:SHOWN])
    more = f"; the latest {SHOWN} are shown, search to see others" if len(summaries) > SHOWN else ""
    return f'<p class="count">{counted(len(summaries), "conversation")}{more}</p><ul class="sources chats">{items}</ul>'


def _entry(one: Summary, is_open: bool) -> str:
    name, key = escaped(one.name), escaped(one.id)
    here = ' aria-current="true"' if is_open else ""
    return (
        f'<li><div class="source"><button type="button" class="link" data-act="open" data-key="{key}"{here}>{name}</button>'
        f"<small>{counted(one.questions, 'question')} · {one.when[:16].replace('T', ' ')} UTC</small>"
        f'<details class="rename"><summary>Rename</summary><form data-key="{key}">'
        f'<input name="name" value="{name}" maxlength="120" aria-label="New name of “{name}”">'
        f'<button type="submit">Save</button></form></details> '
        f'<a class="export" href="conversations/{key}.md" download>Export</a></div>'
        f'<details class="remove"><summary>Delete</summary><p>“{name}” will be deleted. '
        f'<button type="button" class="link" data-act="delete" data-key="{key}">Yes, delete</button></p></details></li>'
    )


def as_markdown(name: str, conversation: Conversation) -> str:
    """Return a conversation as Markdown: each question a heading, its answer, and the numbered sources of that."""
    blocks = [f"# {one_line(name)}"]
    for exchange in conversation:
        blocks.append(f"## {one_line(exchange.turn.question) or 'A picture'}")
        if exchange.turn.picture:
            blocks.append(f"*With a picture ({picture_name(exchange.turn.picture) or 'which cannot be read'}).*")
        if exchange.turn.answer:
            blocks.append(exchange.turn.answer)
        if exchange.status == "failed":
            blocks.append(f"*This question could not be answered. {one_line(exchange.error)}*")
        if exchange.status == "stopped":
            blocks.append(STOPPED_DRAFT if exchange.turn.answer else STOPPED)
        if exchange.turn.citations:
            blocks.append(sources_of(exchange.turn))
    return "\n\n".join(blocks) + "\n"


def sources_of(turn: Turn) -> str:
    """Return the citations of an answer as a numbered list in Markdown, under their own numbers."""
    lines = [f"{one.n}. {location(one.chunk)}: “{one_line(one.quote)}”" for one in turn.citations]
    return "\n".join(["Sources:", "", *lines])
