"""The store as one thing: catalog, vectors, words and assets kept in agreement.

A write goes: note chunk ids and assets in the journal; add to the indexes; switch the catalog over in one transaction;
delete what is old; clear the journal. Killed anywhere, the catalog says what is true, and what the journal names and the
catalog does not is deleted at the next start. Searches show only what the catalog names.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from threading import RLock

from config import Settings
from errors import StoreError
from models.embed import Embedder
from records import Chunk, Document, Scope, Source
from store.assets import Assets
from store.catalog import Catalog, Fingerprint
from store.locks import exclusive, open_lock
from store.server import LocalServer, connect, parse_url
from store.vectors import Vectors
from store.words import Words


class Index:
    """Everything stored in a data folder. Use as a context manager, or call ``close``."""

    def __init__(self, settings: Settings, embedder: Embedder | None = None) -> None:
        self.settings = settings
        self.folder = settings.data_dir
        self.embedder = embedder or Embedder(settings.embed_model)
        self.assets = Assets(self.folder / "assets")
        self.catalog = Catalog(self.folder / "catalog.sqlite")
        self._write_lock = self.folder / "write.lock"
        self._server: LocalServer | None = None
        self._vectors: Vectors | None = None
        self._lock = RLock()
        self._closed = False
        if self.catalog.journal():
            self._recover_if_idle()

    def __enter__(self) -> Index:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @cached_property
    def words(self) -> Words:
        """The lexical index."""
        return Words(self.folder / "words")

    @property
    def vectors(self) -> Vectors:
        """The vectors; connects to Chroma, or starts it, on first use and after it died."""
        with self._lock:
            if self._vectors is None or (self._server is not None and not self._server.lives()):
                self._vectors = self._connect()
            return self._vectors

    def _connect(self) -> Vectors:
        if self.settings.chroma_url:
            return Vectors(connect(parse_url(self.settings.chroma_url)), self.embedder.fingerprint)
        if self._server is None:
            self._server = LocalServer(self.folder)
        else:
            self._server.revive()
        return Vectors(connect(self._server.address), self.embedder.fingerprint)

    def put(self, document: Document, chunks: Sequence[Chunk], fingerprint: Fingerprint, when: str) -> Source:
        """Takes ``document`` in with ``chunks``, instead of what its source had before. Unchanged chunks stay as they
        are and are not embedded again."""
        source = Source(
            source=document.source,
            kind=document.kind,
            title=document.title,
            pages=document.pages,
            chunks=len(chunks),
            when=when,
            content_hash=fingerprint.content_hash,
            original=document.original,
            losses=document.losses,
        )
        # asked of the vectors, not of the catalog: they may be of another embedder, or gone
        embedded = self._embed(self._missing(chunks), {})  # before others have to wait
        assets = assets_of(document, chunks)
        with self._writing(assets):
            new = self._missing(chunks)  # mending an earlier write may have taken some away
            embedded = self._embed(new, embedded)
            old = sorted(set(self.catalog.chunk_ids(document.source)) - {chunk.id for chunk in chunks})
            before = self.catalog.assets_of(document.source)
            self.catalog.begin([*(chunk.id for chunk in new), *old, *assets, *before])
            self.vectors.upsert(new, [embedded[chunk.id] for chunk in new])
            self.words.write(add=new, delete=())
            self.catalog.replace_source(source, chunks, fingerprint, assets)
            self._delete(old)
            self._drop_assets(before)
            self.catalog.finish()
        return source

    def _missing(self, chunks: Sequence[Chunk]) -> list[Chunk]:
        known = self.vectors.known([chunk.id for chunk in chunks])
        return [chunk for chunk in chunks if chunk.id not in known]

    def _embed(self, chunks: Sequence[Chunk], done: dict[str, list[float]]) -> dict[str, list[float]]:
        left = [chunk for chunk in chunks if chunk.id not in done]
        vectors = self.embedder.embed_documents([chunk.embedded_text for chunk in left])
        return done | {chunk.id: vector for chunk, vector in zip(left, vectors, strict=True)}

    def remove(self, source: str) -> bool:
        """Removes ``source`` with everything it left; False when it is not known."""
        with self._writing():
            if self.catalog.fingerprint(source) is None:
                return False
            old = self.catalog.chunk_ids(source)
            before = self.catalog.assets_of(source)
            self.catalog.begin([*old, *before])
            self.catalog.remove_source(source)
            self._delete(old)
            self._drop_assets(before)
            self.catalog.finish()
        return True

    def discard(self, assets: Iterable[str]) -> None:
        """Removes ``assets`` that were stored for a source which then could not be taken in, as far as no source uses
        them."""
        with self._writing():
            self._drop_assets(set(assets))

    def dense(self, question: str, limit: int, scope: Scope) -> list[tuple[Chunk, float]]:
        """Chunks nearest to ``question`` in meaning with their cosine similarity, best first.

        Raises:
            StoreError: the index holds sources, but no vectors of this embedder.
        """
        found = self.vectors.search(self.embedder.embed_query(question), limit, scope)
        if not found and self.catalog.sources() and not self.vectors.ids():
            raise StoreError(
                f"What is in {self.folder} was embedded with another model than {self.embedder.name!r}. Take your sources "
                "in again, or set EMBED_MODEL back."
            )
        return self._existing(found)

    def lexical(self, question: str, limit: int, scope: Scope) -> list[tuple[Chunk, float]]:
        """Chunks that share words with ``question`` with their BM25 score, best first."""
        return self._existing(self.words.search(question, limit, scope))

    def idf(self, stems: Iterable[str]) -> dict[str, float]:
        """How rare each stem is in the index."""
        return self.words.idf(stems)

    def _existing(self, ranking: list[tuple[str, float]]) -> list[tuple[Chunk, float]]:
        chunks = self.catalog.chunks([id_ for id_, _ in ranking])
        return [(chunks[id_], score) for id_, score in ranking if id_ in chunks]

    def _delete(self, ids: Sequence[str]) -> None:
        if ids:
            self.vectors.delete(ids)
            self.words.write(add=(), delete=ids)

    def _drop_assets(self, candidates: set[str]) -> None:
        for name in candidates - self.catalog.assets():
            self.assets.remove(name)

    @contextmanager
    def _writing(self, keep: Iterable[str] = ()) -> Iterator[None]:
        """One writer at a time, over all processes and threads; mends what an earlier one left half done, but for the
        assets ``keep``, which this one needs."""
        with exclusive(self._write_lock):
            self._recover(keep)
            yield

    def _recover(self, keep: Iterable[str] = ()) -> None:
        begun = self.catalog.journal()
        if not begun:
            return
        existing = self.catalog.chunks(begun)
        assets = {name for name in begun if self.assets.is_name(name)}
        self._delete([id_ for id_ in begun if id_ not in existing and id_ not in assets])
        self._drop_assets(assets - set(keep))
        self.catalog.finish()

    def _recover_if_idle(self) -> None:
        """Mends at the start, unless a writer is at work: then the journal is its own."""
        handle = open_lock(self._write_lock)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        else:
            self._recover()
        finally:
            os.close(handle)

    def close(self) -> None:
        """Leaves the server (stopping it if nobody else uses it) and closes the files."""
        if self._closed:
            return
        self._closed = True
        self.catalog.close()
        if self._vectors is not None:
            self._vectors.close()
        if self._server is not None:
            self._server.close()


def assets_of(document: Document, chunks: Sequence[Chunk]) -> set[str]:
    """Names of all assets that belong to ``document`` and its ``chunks``."""
    names = {document.original, *(chunk.table for chunk in chunks), *(chunk.picture for chunk in chunks)}
    names |= {element.picture.asset for element in document.elements if element.picture}
    return names - {""}
