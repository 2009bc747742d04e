"""The evidence of a citation as HTML: quote, table, figure, page with the rectangle, link to the source."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote as quoted

from PIL import Image

from app.chat import Conversation, cite_key
from app.tables import cited_cells, table_html
from app.text import escaped, shortened
from app.words import location
from errors import StoreError
from ingest.connectors.address import is_url
from records import BBox, Chunk, Source, Turn
from store.assets import Assets

NEAREST = 5  # passages shown when nothing answers

EMPTY = """<div class="empty"><h3>Where answers come from</h3>
<p>Ask a question. For each statement of the answer you see here the page it stands on, with the passage marked, or the
table or the figure.</p></div>"""


_ADDED = '<p class="check near">The model did not cite this passage; it was found for the statement afterwards.</p>'


@dataclass(frozen=True, kw_only=True)
class EvidenceItem:
    """One piece of evidence: a citation, or a passage that came near."""

    key: str
    number: int
    chunk: Chunk
    quote: str
    bbox: BBox | None
    checked: bool | None  # None: nothing was claimed that could be checked
    nearest: bool = False  # quoted in the reply, which does not call it an answer
    computed: bool = False  # a statement was computed from it
    disputed: bool = False  # read a second time, the passage has other words
    added: bool = False  # the model that wrote the statement did not cite it; it was found afterwards


def evidence_items(turn: Turn, number: int) -> tuple[EvidenceItem, ...]:
    """Return the evidence for the ``number``-th question (from 0): its citations or, if it has none, the nearest
    passages."""
    if turn.citations:
        computed = {n for statement in turn.statements if statement.computed for n in statement.citations}
        added, nearest = turn.added, turn.nearest
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


def first_key(conversation: Conversation) -> str:
    """Return the key of the evidence to show when an answer has arrived; "" when there is none."""
    shown = evidence_items(conversation[-1].turn, len(conversation) - 1) if conversation else ()
    return shown[0].key if shown else ""


def panel(conversation: Conversation, key: str, sources: Mapping[str, Source], assets: Assets) -> str:
    """Return the evidence ``key`` with the list of the other evidence of the same answer, as HTML."""
    for number, exchange in enumerate(conversation):
        shown = evidence_items(exchange.turn, number)
        chosen = next((item for item in shown if item.key == key), None)
        if chosen is not None:
            head = _heading(exchange.turn)
            source = sources.get(chosen.chunk.source)
            card = _card(chosen, source, assets)
            return f'{head}{_drawn(exchange.turn)}{_list(shown, key)}<article class="evidence-item">{card}</article>'
    last = conversation[-1].turn if conversation and not key else None
    return _drawn(last) or EMPTY if last else EMPTY


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


def passage_html(chunk: Chunk, number: int, source: Source | None, assets: Assets) -> str:
    """Return one passage as evidence is shown, with nothing claimed of it."""
    quote = chunk.text if chunk.kind == "text" else ""
    item = EvidenceItem(key="", number=number, chunk=chunk, quote=quote, bbox=chunk.bbox, checked=None)
    return f'<article class="evidence-item">{_card(item, source, assets)}</article>'


def _heading(turn: Turn) -> str:
    question = escaped(shortened(turn.question, 140))
    title, text = "Evidence", f"for “{question}”"
    if turn.outcome == "passages":
        title, text = "Nearest passages", f"Nothing found answers “{question}” with certainty. These came nearest."
    elif not turn.citations:
        title = "Nearest passages"
        text = f"Nothing found answers “{question}”. These passages came nearest; they are no evidence for an answer."
    return f'<header class="evidence-head"><h3>{title}</h3><p>{text}</p></header>'


def _list(shown: Sequence[EvidenceItem], key: str) -> str:
    items = []
    for item in shown:
        current = ' aria-current="true"' if item.key == key else ""
        warning = ' <span class="doubt" title="Not confirmed by the check">⚠</span>' if item.checked is False else ""
        items.append(
            f'<li><a href="#{item.key}"{current}><b>{item.number}</b>'
            f"<span>{escaped(location(item.chunk))}<small>{escaped(shortened(item.quote, 120))}</small></span>"
            f"{warning}</a></li>"
        )
    return f'<nav aria-label="Citations"><ol class="citations">{"".join(items)}</ol></nav>'


def _card(item: EvidenceItem, source: Source | None, assets: Assets) -> str:
    chunk = item.chunk
    parts = [_title(item, source), _check(item), _ADDED if item.added else ""]
    if source is None:
        notice = "This source has been removed since; only the words that were cited are left."
        return "".join([*parts, f'<p class="gone">{notice}</p>', _quote(item)])
    if not chunk.table:
        parts.append(_quote(item))
    if chunk.table:
        parts.append(_table(item, assets))
    if chunk.picture:
        parts.append(_picture(item, source))
    if source.kind == "pdf" and source.original:
        parts.append(_page(item, source))
    return "".join(parts)


def _title(item: EvidenceItem, source: Source | None) -> str:
    chunk = item.chunk
    title = escaped(shortened(chunk.title or chunk.source, 160))
    where = [escaped(shortened(heading, 80)) for heading in chunk.section if heading != chunk.title]
    if source is not None and source.kind == "pdf":
        where.insert(0, f"Page {chunk.page} of {source.pages}")
    path = f'<p class="where">{" › ".join(where)}</p>' if where else ""
    return f'<h4><b class="number">{item.number}</b> {title}</h4>{path}{_link(chunk, source)}'


def _link(chunk: Chunk, source: Source | None) -> str:
    if source is None:
        return ""
    page = chunk.page if source.kind == "pdf" else None
    label = "Open the source" if page is None else f"Open the document at page {page}"
    return f'<p class="open">{source_link(source, label, page)}</p>'


def source_link(source: Source, label: str, page: int | None = None) -> str:
    """Return a link that opens a source in a tab of its own: a URL itself, a file through the route that serves
    originals."""
    href = source.source if is_url(source.source) else f"original?source={quoted(source.source, safe='')}"
    if page is not None:
        href += f"#page={page}"
    return f'<a href="{escaped(href)}" target="_blank" rel="noopener noreferrer">{escaped(label)}</a>'


def _check(item: EvidenceItem) -> str:
    if item.disputed:
        why = "read a second time, this passage has other words than these. See for yourself."
        return f'<p class="check bad">⚠ Not confirmed: {why}</p>'
    if item.nearest:
        return '<p class="check near">A nearest passage. Whether it answers is for you to judge.</p>'
    if item.checked is None:
        return ""
    if item.computed and item.checked:
        return '<p class="check good">✓ Checked: the result was computed again from the cited cells.</p>'
    if item.computed:
        return '<p class="check bad">⚠ Not confirmed: the cited cells do not come to this result.</p>'
    if item.checked:
        return '<p class="check good">✓ Checked: numbers, names and words of the statement stand in this passage.</p>'
    why = "a number, a name or a quotation of the statement is not in this passage, or too few of its words are."
    return f'<p class="check bad">⚠ Not confirmed: {why}</p>'


def _quote(item: EvidenceItem) -> str:
    if not item.quote.strip():
        return ""
    by = ""
    if item.chunk.author:
        by = f"<footer>Written by the model {escaped(item.chunk.author)}, not in the source itself.</footer>"
    kind = "quote near" if item.checked is None else "quote"
    return f'<blockquote class="{kind}">{escaped(item.quote)}{by}</blockquote>'


def _table(item: EvidenceItem, assets: Assets) -> str:
    try:
        table = assets.read_table(item.chunk.table)
    except (StoreError, ValueError):
        return _quote(item)
    return table_html(table, cited_cells(table, item.chunk, item.quote, item.bbox))


def _picture(item: EvidenceItem, source: Source) -> str:
    rectangle = item.bbox if source.kind == "image" else None
    url = f"evidence/{quoted(item.chunk.id, safe='')}/picture{_rectangle(rectangle)}"
    return _figure(url, "Figure in the source", "picture")


def _page(item: EvidenceItem, source: Source) -> str:
    url = f"evidence/{quoted(item.chunk.id, safe='')}/page{_rectangle(item.bbox)}"
    return _figure(url, f"Page {item.chunk.page} of {source.title}, with the cited passage marked", "page")


def _figure(url: str, description: str, kind: str) -> str:
    return (
        f'<figure class="{kind}-image"><a href="{escaped(url)}" target="_blank" rel="noopener" title="Open larger">'
        f'<img src="{escaped(url)}" alt="{escaped(description)}"></a></figure>'
    )


def _rectangle(bbox: BBox | None) -> str:
    return "" if bbox is None else "?rectangle=" + ",".join(f"{value:.1f}" for value in bbox)
