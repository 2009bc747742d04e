"""Elements of a document -> chunks that the embedder reads to the last word."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from ingest.chunk.mentions import with_mentions
from ingest.chunk.passages import Count, Passage, join, known_words, paragraph, split
from ingest.chunk.table_passages import table_parts_by_page
from models.embed import TokenCounter
from models.language import language_of
from records import BBox, Chunk, Document, Element, Line, Span
from text.embedded import embedded_text
from text.geometry import around, union
from text.tokens import words

# tokens, where an embedder would read more: a whole page as one passage is found, and cited, less closely
LONGEST_CHUNK = 510
CONTEXT_SHARE = 4  # at most a quarter of the embedder's window goes to title and section path
MENTION_SHARE = 3  # at most a third of it to sentences elsewhere that refer to a table or figure
LOOKED_AT = 10  # chunks, the first, by which the language of a document is told
SMALL_SHARE = 3  # a section shorter than a third of it is packed together with the next one


_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True)
class Window:
    """What the embedder can read: ``limit`` tokens without its two special ones, measured by ``count``."""

    limit: int
    count: Count


def window_of(tokenizer: TokenCounter) -> Window:
    """Return what of the embedder's ``tokenizer`` chunks are cut to."""
    return Window(min(tokenizer.limit, LONGEST_CHUNK), tokenizer.count)


@dataclass
class _Group:
    """Elements of one page that will share chunks."""

    elements: list[Element] = field(default_factory=list)
    passages: list[Passage] = field(default_factory=list)
    tokens: int = 0

    def add(self, element: Element, passage: Passage, tokens: int) -> None:
        self.elements.append(element)
        self.passages.append(passage)
        self.tokens += tokens


def chunk_document(document: Document, assets_of_tables: dict[int, str], window: Window) -> list[Chunk]:
    """Return all chunks of ``document`` in reading order.

    Args:
        assets_of_tables: for the index of each table in ``document.elements``, the asset that holds it whole.
        window: the embedder's limit and tokenizer.

    Every word of every element is in the ``searched_text`` of some chunk, and none of these is longer than the window.
    """
    vocabulary = known_words(line.text for element in document.elements for line in element.lines)
    drafts: list[Chunk] = []
    group = _Group()
    for index, element in enumerate(with_mentions(document.elements)):
        if element.kind == "text":
            passage = paragraph(element.lines, vocabulary)
            tokens = window.count(passage.text)
            if group.elements and _begins_new(group, element, tokens, window):
                drafts += _text_chunks(document, group, window)
                group = _Group()
            group.add(element, passage, tokens)
            continue
        drafts += _text_chunks(document, group, window)
        group = _Group()
        if element.kind == "table" and element.table is not None:
            drafts += _table_chunks(document, element, assets_of_tables.get(index, ""), window)
        else:
            drafts += _image_chunks(document, element, window)
    drafts += _text_chunks(document, group, window)
    return [replace(one, unit=document.unit) for one in numbered(_with_languages(list(_without_bare_headings(drafts))))]


def _begins_new(group: _Group, element: Element, tokens: int, window: Window) -> bool:
    last = group.elements[-1]
    if element.page != last.page or (element.bbox is None) != (last.bbox is None):
        return True  # what has no place, as in an attached file, cannot be shown with what has one
    room = window.limit - window.limit // CONTEXT_SHARE
    if group.tokens + tokens > room:
        return not all(one.heading for one in group.elements)
    same_section = element.section == last.section and not element.heading
    return not same_section and group.tokens > window.limit // SMALL_SHARE and not last.heading


def _text_chunks(document: Document, group: _Group, window: Window) -> Iterator[Chunk]:
    if not group.elements:
        return
    section = _common_section(group.elements)
    context = _context(document.title, section, window)
    limit = window.limit - window.count(context)
    first = group.elements[0]
    for piece in split(join(group.passages), limit, window.count):
        yield Chunk(
            id="",
            source=document.source,
            kind="text",
            text=piece.text,
            context=context,
            title=document.title,
            section=section,
            page=first.page,
            bbox=around(piece.spans, 0, len(piece.text)) or first.bbox,
            spans=piece.spans,
            element="heading" if all(element.heading for element in group.elements) else "",
        )


def _common_section(elements: list[Element]) -> tuple[str, ...]:
    paths = [(*one.section, one.text.replace("\n", " ")) if one.heading else one.section for one in elements]
    section = paths[0]
    for path in paths[1:]:
        same = 0
        while same < min(len(section), len(path)) and section[same] == path[same]:
            same += 1
        section = section[:same]
    return section


def _table_chunks(document: Document, element: Element, asset: str, window: Window) -> Iterator[Chunk]:
    assert element.table is not None
    context = _context(document.title, element.section, window, element.mentions)
    limit = window.limit - window.count(context)
    for page, part in table_parts_by_page(element.table, limit, window.count, _caption(element)):
        yield Chunk(
            id="",
            source=document.source,
            kind="table",
            text=part.passage.text,
            context=context,
            title=document.title,
            section=element.section,
            page=page or element.page,
            bbox=union([element.bbox, element.caption_bbox])
            if not page
            else union(one.bbox for one in part.passage.spans),
            spans=part.passage.spans,
            element=asset,
            table=asset,
            first_row=part.first_row,
            last_row=part.last_row,
            author=element.author,
        )


def _image_chunks(document: Document, element: Element, window: Window) -> Iterator[Chunk]:
    context = _context(document.title, element.section, window, element.mentions)
    limit = window.limit - window.count(context)
    asset = element.picture.asset if element.picture else ""
    alt = element.picture.alt if element.picture else ""
    printed = join([_caption(element), Passage(alt if alt != element.caption else ""), *_printed_rows(element.lines)])
    for piece in split(printed, limit, window.count):  # one without any word still is a chunk, found by its section
        yield Chunk(
            id="",
            source=document.source,
            kind="image",
            text=piece.text,
            context=context,
            title=document.title,
            section=element.section,
            page=element.page,
            bbox=union([element.bbox, element.caption_bbox]),
            spans=piece.spans,
            element=asset,
            picture=asset,
        )


def _printed_rows(lines: Sequence[Line]) -> Iterator[Passage]:
    """The text inside a picture, one line for what stands side by side: a bar's name and its value."""
    row: list[Line] = []
    for line in lines:
        if row and not _level(row[-1].bbox, line.bbox):
            yield paragraph(row)
            row = []
        row.append(line)
    if row:
        yield paragraph(row)


def _level(left: BBox | None, right: BBox | None) -> bool:
    if left is None or right is None:
        return False
    shared = min(left[3], right[3]) - max(left[1], right[1])
    return shared > 0.5 * min(left[3] - left[1], right[3] - right[1])


def _caption(element: Element) -> Passage:
    box = element.caption_bbox
    return Passage(element.caption, (Span(0, len(element.caption), box),) if box else ())


def _context(title: str, section: tuple[str, ...], window: Window, mentions: tuple[str, ...] = ()) -> str:
    """Title, section path and mentions as far as they have room; the innermost headings are kept longest."""
    limit = window.limit // CONTEXT_SHARE
    path = [heading for heading in section if heading != title]
    named = [title] if _LETTER.search(title) else []  # a file called 0033.png is about nothing
    while path and window.count(" › ".join([*named, *path])) > limit:
        path.pop(0)
    head = " › ".join([*named, *path])
    if window.count(head) > limit:
        head = split(Passage(title), limit, window.count)[0].text
    room = window.limit // MENTION_SHARE
    for mention in mentions:
        room -= window.count(mention)
        if room < 0:
            break
        head += f"\n{mention}"
    return head


def _without_bare_headings(chunks: list[Chunk]) -> Iterator[Chunk]:
    """Leaves out a chunk that holds only headings when the next chunk's context says the same words."""
    for index, chunk in enumerate(chunks):
        if chunk.element == "heading":
            following = chunks[index + 1] if index + 1 < len(chunks) else None
            if following and set(words(chunk.text)) <= set(words(following.context)):
                continue
            yield replace(chunk, element="")
        else:
            yield chunk


def _with_languages(chunks: Sequence[Chunk]) -> Iterator[Chunk]:
    """The chunks with their languages; one whose words do not tell is in that of the whole."""
    whole = language_of("\n".join(islice((chunk.text for chunk in chunks if chunk.kind == "text"), LOOKED_AT)))
    for chunk in chunks:
        yield replace(chunk, language=language_of(chunk.text, otherwise=whole))


def numbered(chunks: Iterable[Chunk]) -> Iterator[Chunk]:
    """Yield ``chunks`` with their ordinals, and ids from place and content: the same words at the same place keep theirs
    when the source is taken in again."""
    seen: Counter[str] = Counter()
    for ordinal, chunk in enumerate(chunks):
        identity = "\x1f".join(
            [
                chunk.source,
                str(chunk.page),
                chunk.kind,
                chunk.author,
                embedded_text(chunk) if chunk.kind == "image" else chunk.context,
                chunk.text,
                chunk.element,
                str(chunk.bbox),
            ]
        )
        seen[identity] += 1
        digest = hashlib.sha256(f"{identity}\x1f{seen[identity]}".encode()).hexdigest()
        yield replace(chunk, id=digest[:32], ordinal=ordinal)
