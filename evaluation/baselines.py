"""Baselines: what anybody builds in an afternoon, over the same documents.

- ``bm25``: BM25 (k1 0.9, b 0.4: Anserini's defaults, https://doi.org/10.1145/3239571) over whole pages.
- ``tutorial``: LangChain's RAG tutorial (https://docs.langchain.com/oss/python/langchain/rag): text of pages, recursive
  splitter 1000/200, all-MiniLM-L6-v2, Chroma.

Both see the text of PDF pages as PyMuPDF gives it, web pages as BeautifulSoup's text, passages as they are, and of picture
files the text that our OCR found, since without it they would have nothing.
"""

from __future__ import annotations

import re
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, cast

import snowballstemmer
from langchain_core.embeddings import Embeddings

from config import Settings
from evaluation.corpus import Corpus
from evaluation.systems import SNIPPET, SNIPPETS, Location, Reply, System
from records import Kind
from text.stopwords import STOPWORDS

K1, B = 0.9, 0.4
CHUNK_SIZE, CHUNK_OVERLAP = 1000, 200  # characters, the tutorial's
DEPTH = 100  # results taken from a ranking
_WORD = re.compile(r"[^\W_]+(?:[.,'][^\W_]+)*")
BATCH = 256  # chunks embedded and stored in one go


@dataclass(frozen=True)
class Page:
    """The plain text of one page, passage or picture."""

    source: str  # as the pack names it
    number: int  # from 1
    text: str
    kind: Kind = "text"


Find = Callable[[str, Sequence[str] | None], list[Page]]  # pages or parts of them, best first, in all or some documents


def pages_of(corpus: Corpus) -> Iterator[Page]:
    """Yield all pages of a pack, document by document."""
    for passage in corpus.pack.passages:
        yield Page(passage.id, 1, f"{passage.title}\n{passage.text}")
    for path in corpus.pack.documents:
        suffix = path.suffix.lower()
        if suffix == ".pdf":
            yield from _pdf_pages(path)
        elif suffix in (".html", ".htm", ".xhtml"):
            yield Page(path.name, 1, _web_text(path))
        elif suffix in (".png", ".jpg", ".jpeg", ".webp"):
            chunks = corpus.index.catalog.chunks_of(str(path))
            yield Page(path.name, 1, "\n".join(chunk.text for chunk in chunks), "image")
        else:
            yield Page(path.name, 1, path.read_text("utf-8", errors="replace"))


def _pdf_pages(path: Path) -> Iterator[Page]:
    import pymupdf

    with pymupdf.open(path) as document:
        for number, page in enumerate(document, start=1):
            yield Page(path.name, number, page.get_text())


def _web_text(path: Path) -> str:
    from bs4 import BeautifulSoup

    return BeautifulSoup(path.read_bytes(), "html.parser").get_text(" ", strip=True)


class Bm25:
    """BM25 over pages; in a document, with that document's own statistics, as if it were all there is."""

    name = "bm25"

    def __init__(self, corpus: Corpus, settings: Settings) -> None:
        self._corpus = corpus
        self._indexes: dict[str | None, tuple[Any, list[Page]]] = {}

    def settings(self) -> dict[str, Any]:
        """Return what decides the ranking."""
        return {"k1": K1, "b": B, "method": "lucene", "words": "content words, Snowball stems"}

    def ask(self, question: str, documents: Sequence[str] | None) -> Reply:
        """Rank the pages that share a word with the question."""
        return _reply(self.find, question, documents)

    def find(self, question: str, documents: Sequence[str] | None) -> list[Page]:
        """Return the pages that share a word with the question, best first."""
        index, pages = self._index_of(documents[0] if documents else None)
        scores = index.get_scores(_terms(question)) if pages else []
        best = sorted(
            (position for position in range(len(pages)) if scores[position] > 0), key=lambda position: -scores[position]
        )
        return [pages[position] for position in best[:DEPTH]]

    @cached_property
    def _pages(self) -> list[tuple[Page, list[str]]]:
        return [(page, _terms(page.text)) for page in pages_of(self._corpus)]

    def _index_of(self, document: str | None) -> tuple[Any, list[Page]]:
        if document not in self._indexes:
            import bm25s

            chosen = [(page, terms) for page, terms in self._pages if document is None or page.source == document]
            index = bm25s.BM25(k1=K1, b=B, method="lucene")
            if chosen:
                # bm25s needs a word in every text; this one is in no question
                index.index([terms or ["\x00"] for _, terms in chosen], show_progress=False)
            self._indexes[document] = index, [page for page, _ in chosen]
        return self._indexes[document]


def _terms(text: str) -> list[str]:
    """The stems of the words between what is no letter, as English has them: a baseline knows no other language."""
    words = (word.removesuffix("'s") for word in _WORD.findall(text.lower().replace("’", "'")))
    return [_stemmer().stemWord(word) for word in words if word not in STOPWORDS]


@cache
def _stemmer() -> Any:
    return snowballstemmer.stemmer("english")


class Tutorial:
    """LangChain's RAG tutorial, its retrieval half."""

    name = "tutorial"

    def __init__(self, corpus: Corpus, settings: Settings) -> None:
        self._corpus = corpus
        self._folder = settings.data_dir.parent / "tutorial"

    def settings(self) -> dict[str, Any]:
        """Return what decides the ranking."""
        return {"chunk_size": CHUNK_SIZE, "chunk_overlap": CHUNK_OVERLAP, "embeddings": "all-MiniLM-L6-v2"}

    def ask(self, question: str, documents: Sequence[str] | None) -> Reply:
        """Find the chunks nearest to the question."""
        return _reply(self.find, question, documents)

    def find(self, question: str, documents: Sequence[str] | None) -> list[Page]:
        """Return the chunks nearest to the question, nearest first."""
        chosen = {"source": documents[0]} if documents else None
        found = self._store.similarity_search(question, k=DEPTH, filter=chosen)
        return [
            Page(one.metadata["source"], one.metadata["page"], one.page_content, one.metadata["kind"]) for one in found
        ]

    @cached_property
    def _store(self) -> Any:
        """The tutorial's vector store in a folder of its own; chunks that are in it already are not embedded again."""
        from chromadb.config import Settings as ChromaSettings
        from langchain_chroma import Chroma
        from langchain_core.documents import Document
        from langchain_text_splitters import RecursiveCharacterTextSplitter

        splitter = RecursiveCharacterTextSplitter(chunk_size=CHUNK_SIZE, chunk_overlap=CHUNK_OVERLAP)
        documents = [
            Document(
                id=f"{page.source}/{page.number}/{position}/{zlib.crc32(text.encode()):08x}",
                page_content=text,
                metadata={"source": page.source, "page": page.number, "kind": page.kind},
            )
            for page in pages_of(self._corpus)
            for position, text in enumerate(splitter.split_text(page.text))
        ]
        store = Chroma(
            collection_name="tutorial",
            embedding_function=cast(Embeddings, self._corpus.index.embedder),
            persist_directory=str(self._folder),
            client_settings=ChromaSettings(
                anonymized_telemetry=False, is_persistent=True, persist_directory=str(self._folder)
            ),
        )
        wanted = {str(one.id) for one in documents}
        known = set(store.get(include=[])["ids"])
        if others := sorted(known - wanted):
            for start in range(0, len(others), BATCH):
                store.delete(others[start : start + BATCH])
        new = [one for one in documents if one.id not in known]
        for start in range(0, len(new), BATCH):
            store.add_documents(new[start : start + BATCH])
        return store


def _reply(find: Find, question: str, documents: Sequence[str] | None) -> Reply:
    began = time.perf_counter()
    found = find(question, documents)
    spent = round((time.perf_counter() - began) * 1000, 1)
    return Reply(locations=_locations(found), timings_ms={"total": spent})


def _locations(pages: Iterable[Page]) -> tuple[Location, ...]:
    return tuple(
        Location(
            source=page.source,
            page=page.number,
            kind=page.kind,
            text=page.text[:SNIPPET] if position < SNIPPETS else "",
        )
        for position, page in enumerate(pages)
    )


BASELINES: dict[str, Callable[[Corpus, Settings], System]] = {"bm25": Bm25, "tutorial": Tutorial}
