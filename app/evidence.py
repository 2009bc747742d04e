"""The evidence of an answer as HTML: one piece of it, the others to go to, and how they were found."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence

from PIL import Image

from app.archive import Archive
from app.card import EvidenceItem, card_html
from app.chat import Conversation, cite_key
from app.figures import view_of
from app.text import escaped, shortened
from app.trace import trace_html
from app.words import answers, location
from records import Chunk, Source, SubAnswer, Turn

NEAREST = 5  # passages shown when nothing answers

EMPTY = """<div class="empty"><h2>Where answers come from</h2>
<p>Ask a question. For each statement of the answer you see here the page it stands on, with the passage marked, or the
table or the figure.</p></div>"""


def evidence_items(turn: Turn, number: int) -> tuple[EvidenceItem, ...]:
    """Return the evidence for the ``number``-th question (from 0): its citations or, if it has none, the nearest
    passages."""
    if turn.citations:
        computed = {n for statement in turn.statements if statement.computed for n in statement.citations}
        added, nearest = turn.added, turn.nearest
        parts = {citation.n: part for part in turn.parts for citation in part.citations}
        return tuple(
            EvidenceItem(
                key=cite_key(number, citation.n),
                number=citation.n,
                chunk=citation.chunk,
                quote=citation.quote,
                bbox=citation.bbox or citation.chunk.bbox,
                checked=None if citation.n in nearest else citation.checked,
                nearest=citation.n in nearest,
                computed=citation.n in computed,
                disputed=citation.disputed,
                added=citation.n in added,
                answers=answers(parts.get(citation.n) or _only(turn), turn.model),
            )
            for citation in turn.citations
        )
    return tuple(
        EvidenceItem(
            key=cite_key(number, n),
            number=n,
            chunk=hit.chunk,
            quote=shortened(hit.chunk.text, 600),
            bbox=hit.chunk.bbox,
            checked=None,
        )
        for n, hit in enumerate(turn.hits[:NEAREST], start=1)
    )


def _only(turn: Turn) -> SubAnswer | None:
    """The part that a citation is of where no part has it: a model may put an answer together from what all found."""
    return SubAnswer(question=turn.question, outcome=turn.outcome) if turn.parts else None


def first_key(conversation: Conversation) -> str:
    """Return the key of the evidence to show when an answer has arrived; "" when there is none."""
    shown = evidence_items(conversation[-1].turn, len(conversation) - 1) if conversation else ()
    return shown[0].key if shown else ""


def panel(conversation: Conversation, key: str, sources: Mapping[str, Source], archive: Archive) -> str:
    """Return the evidence ``key`` with the list of the other evidence of the same answer, as HTML."""
    for number, exchange in enumerate(conversation):
        shown = evidence_items(exchange.turn, number)
        at = next((place for place, item in enumerate(shown) if item.key == key), None)
        if at is not None:
            head = _head(exchange.turn, shown, at)
            card = card_html(shown[at], sources.get(shown[at].chunk.source), archive)
            listed = _list(shown, key, sources, archive)
            article = f'<article class="{_class(shown[at])}" tabindex="-1">{card}</article>'
            return f"{head}{_drawn(exchange.turn)}{listed}{article}{trace_html(exchange.turn)}"
    last = conversation[-1].turn if conversation and not key else None
    return _drawn(last) or EMPTY if last else EMPTY


def passage_html(chunk: Chunk, number: int, source: Source | None, archive: Archive) -> str:
    """Return one passage as evidence is shown, with nothing claimed of it."""
    quote = chunk.text if chunk.kind == "text" else ""
    item = EvidenceItem(key="", number=number, chunk=chunk, quote=quote, bbox=chunk.bbox, checked=None)
    return f'<article class="{_class(item)}">{card_html(item, source, archive)}</article>'


def _class(item: EvidenceItem) -> str:
    return "evidence-item near" if item.near else "evidence-item"


def _drawn(turn: Turn) -> str:
    """The picture that was asked about, with what was found in it outlined."""
    if not turn.drawn:
        return ""
    with Image.open(io.BytesIO(turn.drawn)) as image:
        buffer = io.BytesIO()
        image.convert("RGB").save(buffer, "JPEG", quality=85)
    names = ", ".join(dict.fromkeys(one.label for one in turn.objects))
    url = f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}"
    return (
        f'<figure class="picture-image"><img src="{url}" alt="{escaped(f"Found in your picture: {names}")}"></figure>'
    )


def _head(turn: Turn, shown: Sequence[EvidenceItem], at: int) -> str:
    """The title, and the way to the piece before and the piece after; it stays in sight."""
    question = escaped(shortened(turn.question, 140))
    title, text = "Evidence", f"for “{question}”"
    if turn.outcome == "passages":
        title, text = "Nearest passages", f"Nothing found answers “{question}” with certainty. These came nearest."
    elif not turn.citations:
        title = "Nearest passages"
        text = f"Nothing found answers “{question}”. These passages came nearest; they are no evidence for an answer."
    steps = (
        _step(shown, at - 1, "previous", "‹")
        + f"<span>{at + 1} of {len(shown)}</span>"
        + _step(shown, at + 1, "next", "›")
    )
    nav = f'<nav class="steps" aria-label="Citations one by one">{steps}</nav>' if len(shown) > 1 else ""
    return f'<header class="evidence-head"><div><h2>{title}</h2>{nav}</div><p>{text}</p></header>'


def _step(shown: Sequence[EvidenceItem], to: int, name: str, sign: str) -> str:
    if not 0 <= to < len(shown):
        return f'<span class="step" aria-hidden="true">{sign}</span>'
    key = name[0]
    return (
        f'<a class="step" data-step="{name}" href="#{shown[to].key}" aria-label="{name.capitalize()} citation" '
        f'aria-keyshortcuts="{key}" title="{name.capitalize()} citation (key {key})">{sign}</a>'
    )


def _list(shown: Sequence[EvidenceItem], key: str, sources: Mapping[str, Source], archive: Archive) -> str:
    items = []
    for item in shown:
        current = ' aria-current="true"' if item.key == key else ""
        warning = ""
        if item.checked is False:
            warning = (
                ' <span class="doubt" role="img" aria-label="not confirmed" title="Not confirmed by the check">⚠</span>'
            )
        source = sources.get(item.chunk.source)
        view = view_of(item.chunk, source, item.quote, item.bbox, archive, near=item.near) if source else None
        items.append(
            f'<li><a href="#{item.key}"{current} {view.attribute if view else ""}><b>{item.number}</b>'
            f"<span>{escaped(location(item.chunk))}<small>{escaped(shortened(item.quote, 120))}</small></span>"
            f"{warning}</a></li>"
        )
    return f'<nav aria-label="Citations"><ol class="citations">{"".join(items)}</ol></nav>'
