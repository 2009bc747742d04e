"""One piece of evidence as HTML: what is said of it, its words in their surroundings, its table, its picture, its page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.archive import Archive
from app.figures import coming_html, drawn_url, figure_html, picture_view, view_of
from app.links import source_link
from app.tables import cited_cells, table_html
from app.text import escaped, shortened
from app.words import ADDED, NEAREST, Finding, authorship, in_source
from errors import StoreError
from records import BBox, Chunk, Source
from text.cell_address import place

SURROUNDINGS = 600  # characters before and after what is cited of a source without pages


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
    answers: Finding | None = None  # whether it answers the question

    @property
    def near(self) -> bool:
        """Whether nothing is claimed of it: it only came near."""
        return self.nearest or self.checked is None


def card_html(item: EvidenceItem, source: Source | None, archive: Archive) -> str:
    """Return one piece of evidence; ``source`` is None when it has been removed since."""
    if source is None:
        notice = "This source has been removed since; only the words that were cited are left."
        return "".join([_title(item, source), _findings(item), f'<p class="gone">{notice}</p>', _quote(item)])
    return "".join([_title(item, source), _findings(item), *_exhibits(item, source, archive)])


def _exhibits(item: EvidenceItem, source: Source, archive: Archive) -> Iterator[str]:
    chunk = item.chunk
    view = view_of(chunk, source, item.quote, item.bbox, archive, near=item.near)
    if chunk.table:
        yield _table(item, archive)
    else:
        yield _quote(item) if view else _in_surroundings(item, archive)
    if chunk.picture and (picture := picture_view(chunk, source, item.quote, item.bbox, archive, near=item.near)):
        yield figure_html(picture, "Figure in the source")
    if view and view.kind == "page":
        passage = "a passage that came near" if view.near else "the cited passage"
        marked = f", with {passage} marked" if view.marks else ""
        yield figure_html(view, f"Page {view.page} of {view.title}{marked}")
    elif archive.drawn.is_coming(source):
        yield coming_html(drawn_url(chunk, item.quote, near=item.near))


def _title(item: EvidenceItem, source: Source | None) -> str:
    chunk = item.chunk
    title = escaped(shortened(chunk.title or chunk.source, 160))
    where = [escaped(shortened(heading, 80)) for heading in chunk.section if heading != chunk.title]
    if source is not None and source.kind == "pdf":
        where.insert(0, f"Page {chunk.page} of {source.pages}")
    elif chunk.unit == "sheet":
        where = [escaped(place(chunk, item.bbox))]  # its heading is the sheet's name
    elif source is not None and chunk.unit:
        where.insert(0, f"{chunk.unit.capitalize()} {chunk.page} of {source.pages}")
    path = f'<p class="where">{" › ".join(where)}</p>' if where else ""
    return f'<h3><b class="number">{item.number}</b> {title}</h3>{path}{_link(item, source)}'


def _link(item: EvidenceItem, source: Source | None) -> str:
    if source is None:
        return ""
    page = item.chunk.page if source.kind == "pdf" else None
    label = "Open the source at this place" if page is None else f"Open the document at page {page}"
    quote = "" if item.chunk.table or item.chunk.author else item.quote.split("\n")[0]
    return f'<p class="open">{source_link(source, label, page, quote)}</p>'


def _findings(item: EvidenceItem) -> str:
    """Two things apart: whether what is stated is in the source, and whether it answers the question."""
    found = [in_source(item.checked, computed=item.computed, disputed=item.disputed)]
    found.append(Finding("near", NEAREST) if item.nearest and not item.answers else item.answers)
    if item.added:
        found.append(Finding("near", ADDED))
    return "".join(f'<p class="check {one.mark}">{one.sign}{escaped(one.text)}</p>' for one in found if one)


def _quote(item: EvidenceItem) -> str:
    if not item.quote.strip():
        return ""
    return f'<blockquote class="{_quote_class(item)}">{escaped(item.quote)}{_author(item)}</blockquote>'


def _in_surroundings(item: EvidenceItem, archive: Archive) -> str:
    """The words of a source without pages among those before and after them."""
    chunks = archive.neighbours(item.chunk)
    at = next((n for n, one in enumerate(chunks) if one.id == item.chunk.id), None)
    start = item.chunk.text.find(item.quote) if item.quote.strip() else -1
    if at is None or start < 0 or item.chunk.author:
        return _quote(item)
    texts = [one.text for one in chunks if not one.author]
    before = "\n".join([*texts[:at], item.chunk.text[:start]])
    after = "\n".join([item.chunk.text[start + len(item.quote) :], *texts[at + 1 :]])
    before, after = escaped(_end_of(before)), escaped(_begin_of(after))
    return (
        f'<blockquote class="{_quote_class(item)} surrounded"><span class="around">{before}</span>'
        f'<mark class="cited-words">{escaped(item.quote)}</mark><span class="around">{after}</span></blockquote>'
    )


def _end_of(text: str) -> str:
    return text if len(text) <= SURROUNDINGS else "… " + text[-SURROUNDINGS:].partition(" ")[2]


def _begin_of(text: str) -> str:
    return text if len(text) <= SURROUNDINGS else text[:SURROUNDINGS].rpartition(" ")[0] + " …"


def _author(item: EvidenceItem) -> str:
    if not item.chunk.author:
        return ""
    return f"<footer>{escaped(authorship(item.chunk.author))}</footer>"


def _quote_class(item: EvidenceItem) -> str:
    return "quote near" if item.near else "quote"


def _table(item: EvidenceItem, archive: Archive) -> str:
    try:
        table = archive.assets.read_table(item.chunk.table)
    except (StoreError, ValueError):
        return _quote(item)
    return table_html(table, cited_cells(table, item.chunk, item.quote, item.bbox))
