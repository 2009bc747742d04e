"""What must hold of the chunks of any document."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.chunk.chunker import Window, chunk_document
from records import Chunk, Document, Element
from text.embedded import embedded_text
from text.tokens import words


def chunked(document: Document, window: Window) -> list[Chunk]:
    """Chunks of ``document``; the asset of the nth element's table is called "table n"."""
    tables = {i: f"table {i}" for i, element in enumerate(document.elements) if element.table}
    return chunk_document(document, tables, window)


def said(element: Element) -> list[str]:
    """All that an element says, each text by itself: a line, a cell, a caption."""
    texts = [element.caption, element.picture.alt if element.picture else ""]
    texts += [line.text for line in element.lines] if element.kind != "table" else []
    texts += [cell.text for cell in element.table.cells] if element.table else []
    return texts


def missing_words(document: Document, chunks: Sequence[Chunk], window: Window) -> set[str]:
    """Words of the elements that no chunk's embedded text holds.

    A word that a line's end breaks may be mended, and one that is longer than a whole window is cut: such words are
    looked for as letters.
    """
    held = {word for chunk in chunks for word in words(chunk.searched_text)}
    wanted = {word for element in document.elements for text in said(element) for word in words(text)}
    absent = wanted - held
    if not absent:
        return absent
    letters = "\n".join("".join(words(chunk.searched_text)) for chunk in chunks)
    return {word for word in absent if "".join(words(word)) not in letters and window.count(word) <= window.limit // 4}


def broken(document: Document, window: Window) -> list[str]:
    """What does not hold, in words; [] for a document whose chunks are as they should be."""
    chunks = chunked(document, window)
    found = [f"lost: {sorted(missing_words(document, chunks, window))[:5]}"] * bool(
        missing_words(document, chunks, window)
    )
    pages = {element.page for element in document.elements}
    for chunk in chunks:
        if window.count(chunk.searched_text) > window.limit:
            found.append(f"{window.count(chunk.searched_text)} tokens: {embedded_text(chunk)[:80]!r}")
        if any(not 0 <= span.start < span.end <= len(chunk.text) for span in chunk.spans):
            found.append(f"a span outside of {chunk.text[:80]!r}")
        if chunk.page not in pages:
            found.append(f"page {chunk.page} of {sorted(pages)}")
        if chunk.kind == "table" and chunk.table not in {f"table {i}" for i in range(len(document.elements))}:
            found.append(f"no whole table behind {chunk.text[:80]!r}")
    if len({chunk.id for chunk in chunks}) < len(chunks):
        found.append("an id twice")
    if [chunk.ordinal for chunk in chunks] != list(range(len(chunks))):
        found.append("ordinals do not count up")
    if [chunk.id for chunk in chunked(document, window)] != [chunk.id for chunk in chunks]:
        found.append("ids change from run to run")
    return found
