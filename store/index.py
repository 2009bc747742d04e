"""The store as one thing: catalog, vectors, words and assets kept in agreement.

A write goes: note chunk ids and assets in the journal; add to the indexes; switch the catalog over in one transaction;
delete what is old; clear the journal. Killed anywhere, the catalog says what is true, and what the journal names and the
catalog does not is deleted at the next start. Searches show only what the catalog names. Assets are stored before the
write that names them begins: store.jobs tells when those of a killed program may be swept away.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import RLock
from typing import TypeVar

from config import Settings
from errors import StoreError
from models.embed import Embedder
from records import Access, Chunk, Document, Source
from store.assets import Assets
from store.auth.access import ADMINS
from store.catalog import Catalog, Fingerprint
from store.documents import Documents
from store.entries import Entry, assets_of, source_of
from store.jobs import Work, Works
from store.lexical import LexicalIndex, LexicalIndexOutdated
from store.locks import exclusive
from store.maintenance.recovery import UPLOAD, delete_elsewhere, drop_assets, recover, repair_graph, repair_if_idle
from store.originals import Originals
from store.searches import DenseSearch, ImageSearch, LexicalSearch
from store.server import LocalServer, ServerGone, connect, parse_url
from store.signatures import Signatures
from store.uploads import is_upload, kept, remove_upload
from store.vectors import Vectors
from text.embedded import embedded_text
from vision.image_index import ImageIndex

T = TypeVar("T")
ATTEMPTS = 4  # at a call of a server that dies over it
logger = logging.getLogger(__name__)


class AssetsGone(StoreError):
    """Another program removed an asset that a source on its way in needs; prepare the source again."""


class Index:
    """Everything stored in a data folder. Use as a context manager, or call ``close``."""

    def __init__(self, settings: Settings, embedder: Embedder | None = None) -> None:
        self.settings = settings
        self.folder = settings.data_dir
        self.embedder = embedder or Embedder(settings.embed_model)
        self.assets = Assets(self.folder / "assets")
        self.originals = Originals(self.assets)
        self.uploads = self.folder / "uploads"
        self.catalog = Catalog(self.folder / "catalog.sqlite")
        self.signatures = Signatures(self.catalog)
        self._images = ImageIndex(self.signatures, self.assets)
        self.works = Works(self.folder / "works", self.catalog)
        self._id = self.catalog.meta("index")
        self._write_lock = self.folder / "write.lock"
        self._server: LocalServer | None = None
        self._vectors: Vectors | None = None
        self._words: LexicalIndex | None = None
        self.documents = Documents(self.catalog)
        self.dense = DenseSearch(self.documents, self.embedder, self.ask_vectors)
        self.lexical = LexicalSearch(self.documents, lambda: self.words)
        self.images = ImageSearch(self.documents, self.signatures, self._images)
        self._lock = RLock()
        self._closed = False
        self._deleted = False  # anything, since it was last looked whether searches find the rest
        repair_if_idle(self, self._write_lock, opening=True)

    def __enter__(self) -> Index:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- the two indexes ---

    @property
    def words(self) -> LexicalIndex:
        """The lexical index; written anew from the catalog when it is of another version or was removed."""
        with self._lock:
            if self._words is None:
                self._words = self._open_words()
            return self._words

    def _open_words(self) -> LexicalIndex:
        folder = self.folder / "words"
        try:
            words = LexicalIndex(folder)
            if words.count() or not self.catalog.counts():
                return words
        except LexicalIndexOutdated:
            pass
        with self.locked():
            return self.rewrite_words()

    def rewrite_words(self) -> LexicalIndex:
        """Writes the lexical index anew. Under the write lock."""
        folder = self.folder / "words"
        try:
            words = LexicalIndex(folder)
            words.count()
        except StoreError:
            shutil.rmtree(folder, ignore_errors=True)
            words = LexicalIndex(folder)
        words.write(add=self.catalog.all_chunks(), delete=(), anew=True)
        self._words = words
        return words

    @property
    def vectors(self) -> Vectors:
        """The vectors; connects to Chroma, or starts it, on first use and after it died."""
        with self._lock:
            if self._vectors is None or (self._server is not None and not self._server.lives()):
                self._vectors = self._connect()
            return self._vectors

    def _connect(self) -> Vectors:
        if self.settings.chroma_url:
            client = connect(parse_url(self.settings.chroma_url))
        else:
            if self._server is None:
                self._server = LocalServer(self.folder)
            else:
                self._server.revive()
            client = connect(self._server.address)
        vectors = Vectors(client, self.embedder.fingerprint, self._id)
        if self._server is not None and (kill := self._server.unrepaired()):
            vectors.repair()
            self._server.repaired(kill)
        return vectors

    def ask_vectors(self, call: Callable[[Vectors], T]) -> T:
        """``call`` on the vectors; again when the server of this folder died over it and was started anew."""
        for attempt in range(ATTEMPTS):
            try:
                vectors = self.vectors
                return call(vectors)
            except ServerGone:
                if self.settings.chroma_url or attempt == ATTEMPTS - 1:
                    raise
                with self._lock:
                    self._vectors = None
        raise AssertionError("unreachable")

    # --- writing ---

    def put(self, document: Document, chunks: Sequence[Chunk], fingerprint: Fingerprint, when: str) -> Source:
        """``put_all`` of one document."""
        return self.put_all([Entry(document, chunks, fingerprint)], when)[0]

    def put_all(self, entries: Sequence[Entry], when: str) -> list[Source]:
        """Takes documents of different sources in with their chunks, each instead of what its source had before.
        Unchanged chunks stay as they are and are not embedded again. Many small documents at once cost little more
        than one.

        Raises:
            AssetsGone: an asset is not there any more; parse its source again. None of the documents was taken in.
        """
        chunks = [chunk for entry in entries for chunk in entry.chunks]
        # asked of the vectors, not of the catalog: they may be of another embedder, or gone
        embedded = self._embed(self._missing(chunks), {})  # before others have to wait
        assets = {entry.document.source: assets_of(entry.document, entry.chunks) for entry in entries}
        with self._writing(set().union(*assets.values())):
            for source, needed in assets.items():
                if gone := self.assets.missing(needed):
                    raise AssetsGone(f"{source} lost {len(gone)} pictures or tables on its way in. Take it in again.")
            new = self._missing(chunks)  # mending an earlier write may have taken some away
            embedded = self._embed(new, embedded)
            space = self.embedder.fingerprint
            known = {source: self.catalog.chunk_ids(source) for source in assets}
            moved = [
                id_ for source in assets if self.catalog.space(source) not in (None, space) for id_ in known[source]
            ]
            old = sorted({id_ for ids in known.values() for id_ in ids} - {chunk.id for chunk in chunks})
            before = {name for source in assets for name in self.catalog.assets_of(source)}
            self.catalog.begin([*(chunk.id for chunk in new), *old, *moved, *set().union(*assets.values()), *before])
            if new:
                self.ask_vectors(lambda vectors: vectors.upsert(new, [embedded[chunk.id] for chunk in new]))
                self.words.write(add=new, delete=())
            sources = []
            for document, own, fingerprint in entries:
                sources.append(source_of(document, len(own), fingerprint, when))
                self.catalog.replace_source(sources[-1], own, fingerprint, assets[document.source], space)
            self._delete(old)
            if moved:
                delete_elsewhere(self, {space: moved})
            drop_assets(self, before)
            self.catalog.finish()
        self._images.fill(chunk.picture for chunk in chunks if chunk.picture)  # killed here: the first search does it
        return sources

    def _missing(self, chunks: Sequence[Chunk]) -> list[Chunk]:
        known = self.ask_vectors(lambda vectors: vectors.known([chunk.id for chunk in chunks]))
        return [chunk for chunk in chunks if chunk.id not in known]

    def _embed(self, chunks: Sequence[Chunk], done: dict[str, list[float]]) -> dict[str, list[float]]:
        left = [chunk for chunk in chunks if chunk.id not in done]
        vectors = self.embedder.embed_documents([embedded_text(chunk) for chunk in left])
        return done | {chunk.id: vector for chunk, vector in zip(left, vectors, strict=True)}

    def remove(self, source: str) -> bool:
        """Removes ``source`` with everything it left, the copy of an uploaded file too; False when it is not known."""
        with self._writing():
            space = self.catalog.space(source)
            if space is None:
                return False
            old = self.catalog.chunk_ids(source)
            before = self.catalog.assets_of(source)
            upload = [UPLOAD + source] if is_upload(source, self.uploads) else []
            self.catalog.begin([*old, *before, *upload])
            self.catalog.remove_source(source)
            self._delete(old)
            if space != self.embedder.fingerprint:
                delete_elsewhere(self, {"": old})
            drop_assets(self, before)
            remove_upload(source, self.uploads)
            self.catalog.finish()
        return True

    # --- work under way ---

    def begin(self, sources: Sequence[str], access: Mapping[str, Access] | None = None) -> Work:
        """Notes that ``sources`` are going to be taken in, so that they are if this program is killed, and who may read
        those in ``access``; what is here already, from this moment on. Pass the result to ``end``.

        An upload of which nobody has said it, because this program was killed before it could, is for admins alone.
        """
        said = dict(access or {})
        with self._writing():
            for source in sources:
                if source not in said and is_upload(source, self.uploads) and self.catalog.access(source) is None:
                    said[source] = Access((ADMINS,))
            return self.works.begin(sources, said)

    def end(self, work: Work) -> None:
        """Ends ``work``; sources that were not reached wait for another one. The last to end sweeps up what sources that
        failed have left."""
        work.close(tidy=False)
        repair_if_idle(self, self._write_lock)
        self.repair_after_deletions()

    def repair_after_deletions(self) -> None:
        """Looks whether deletions have hidden anything from searches, and mends it. After the last of them, for it takes a
        while: half a second, and more where there are many chunks."""
        if not self._deleted:
            return
        try:
            with self._writing():
                self._deleted = False
                repair_graph(self)
        except (StoreError, OSError) as error:
            logger.warning("Whether searches find all in %s could not be looked at: %s", self.folder, error)

    def left(self) -> list[str]:
        """Sources that a program was to take in when it ended, uploaded files that it kept included."""
        waiting = self.works.left()
        known = {*self.catalog.waiting(), *(source.source for source in self.catalog.sources())}
        return [*waiting, *(path for path in kept(self.uploads) if path not in known)]

    def cancel(self, sources: Sequence[str]) -> None:
        """Nobody is to take ``sources`` in any more; copies of files that are in no source go."""
        with self._writing():
            self.catalog.cancel(sources)
            for source in sources:
                if self.catalog.space(source) is None:
                    remove_upload(source, self.uploads)

    # --- keeping agreement ---

    def _delete(self, ids: Sequence[str]) -> None:
        if ids:
            self._deleted = True
            self.ask_vectors(lambda vectors: vectors.delete(ids))
            self.words.write(add=(), delete=ids)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else writes, over all processes and threads."""
        with exclusive(self._write_lock):
            yield

    @contextmanager
    def writing(self) -> Iterator[None]:
        """``locked``, with all that a writer needs open."""
        _ = self.words  # may have to write itself, under this very lock
        with self.locked():
            yield

    @contextmanager
    def _writing(self, keep: Iterable[str] = ()) -> Iterator[None]:
        """``writing``; mends what an earlier writer left half done, but for the assets ``keep``, which this one needs."""
        with self.writing():
            recover(self, keep)
            yield

    def close(self) -> None:
        """Leaves the server (stopping it if nobody else uses it) and closes the files."""
        if self._closed:
            return
        self._closed = True
        self.repair_after_deletions()
        self.catalog.close()
        if self._vectors is not None:
            self._vectors.close()
        if self._server is not None:
            self._server.close()
