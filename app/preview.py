"""What is stored of a source, as HTML to look through: its text, tables, figures and chunks."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote as quoted

from app.links import source_link
from app.names import shown_name
from app.sources import facts, losses_html
from app.tables import table_html
from app.text import counted, escaped, shortened
from app.words import authorship
from records import Chunk, Source
from store.contents import Contents, StoredTable
from store.source_ids import source_id

PARTS = {"text": "Text", "tables": "Tables", "figures": "Figures", "chunks": "Chunks"}
AT_ONCE = {"text": 40, "tables": 10, "figures": 12, "chunks": 40}  # of them on one page of the preview


def parse_key(key: str) -> tuple[str, str, int]:
    """Return the id of the source, the part and the number of the first entry that ``preview-ID:part:first`` names; part ''
    is the first that has something."""
    id_, _, rest = key.removeprefix("preview-").partition(":")
    part, _, first = rest.partition(":")
    return id_, part if part in PARTS else "", int(first) if first.isdecimal() and len(first) < 10 else 0


def preview_html(contents: Contents, part: str = "", first: int = 0, related: Sequence[Source] = ()) -> str:
    """Return one of ``PARTS`` of a source, from entry ``first`` (from 0) on, with the way to the others and to ``related``
    sources; the first that has something where ``part`` is ""."""
    source = contents.source
    entries: dict[str, Sequence[Chunk | StoredTable]] = {
        "text": contents.passages,
        "tables": contents.tables,
        "figures": contents.pictures,
        "chunks": contents.chunks,
    }
    part = part or next((name for name, some in entries.items() if some), "text")
    shown = entries[part][first : first + AT_ONCE[part]]
    tabs = "".join(_tab(contents, name, len(entries[name]), current=name == part) for name in PARTS)
    body = "".join(_entry(one, part) for one in shown) or f"<p>No {PARTS[part].lower()} in it.</p>"
    return (
        f'<section class="preview" tabindex="-1"><p class="open"><a role="button" href="#preview-">Back to the list</a></p>'
        f"<h3>{source_link(source, shortened(shown_name(source), 120))}</h3>"
        f'<p class="where">{escaped(" · ".join(facts(source, readers=False)))}</p>'
        f"{losses_html(source.losses, source.source)}{_related(related)}"
        f'<nav aria-label="Parts of the source"><ul class="parts">{tabs}</ul></nav>{body}'
        f"{_turning(contents, part, first, len(entries[part]))}</section>"
    )


def _related(sources: Sequence[Source]) -> str:
    links = " · ".join(
        f'<a role="button" href="#preview-{source_id(one.source)}">{escaped(shortened(shown_name(one), 60))}</a>'
        for one in sources
    )
    return f'<p class="open related">Nearest to it: {links}</p>' if links else ""


def _link(contents: Contents, part: str, first: int, label: str, attributes: str = "") -> str:
    key = f"preview-{source_id(contents.source.source)}:{part}:{first}"
    return f'<a role="button" href="#{key}"{attributes}>{label}</a>'


def _tab(contents: Contents, part: str, number: int, *, current: bool) -> str:
    attributes = ' aria-current="true"' if current else ""
    return f"<li>{_link(contents, part, 0, f'{PARTS[part]} ({number:,})', attributes)}</li>"


def _turning(contents: Contents, part: str, first: int, number: int) -> str:
    step = AT_ONCE[part]
    ways = []
    if first > 0:
        ways.append(_link(contents, part, max(first - step, 0), "Before"))
    if first + step < number:
        ways.append(_link(contents, part, first + step, "Next"))
    if not ways:
        return ""
    return f'<p class="turning">{first + 1:,}-{min(first + step, number):,} of {number:,} {" · ".join(ways)}</p>'


def _entry(one: Chunk | StoredTable, part: str) -> str:
    if isinstance(one, StoredTable):
        chunk = one.chunks[0]
        return f"<article>{_place(chunk)}{table_html(one.table)}</article>"
    if part == "figures":
        url = escaped(f"evidence/{quoted(one.id, safe='')}/picture")
        image = (
            f'<img loading="lazy" src="{url}" alt="{escaped(shortened(one.text, 120) or "Figure")}">'
            if one.picture
            else ""
        )
        return f'<article>{_place(one)}<figure class="picture-image">{image}</figure>{_words(one)}</article>'
    if part == "chunks":
        length = counted(len(one.text), "character")
        context = f'<p class="where">Searched with: {escaped(one.context)}</p>' if one.context else ""
        return f"<article>{_place(one, f'{one.kind}, {length}')}{context}{_words(one)}</article>"
    return f"<article>{_place(one)}{_words(one)}</article>"


def _place(chunk: Chunk, more: str = "") -> str:
    where = [f"Page {chunk.page}", *chunk.section, *([more] if more else [])]
    return f'<p class="where">{escaped(" › ".join(shortened(part, 80) for part in where))}</p>'


def _words(chunk: Chunk) -> str:
    by = f"<footer>{escaped(authorship(chunk.author))}</footer>" if chunk.author else ""
    return f'<div class="words">{escaped(chunk.text)}{by}</div>' if chunk.text.strip() else ""
