"""The parts of a store that must be kept in agreement, for the modules that write to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from errors import StoreError
from records import Chunk
from store.assets import Assets
from store.catalog import Catalog
from store.database.locking import StoreLock
from store.job_files import JobList
from store.lexical_folder import LexicalFolder
from store.relabelling import relabelled, to_relabel
from store.signatures import Signatures
from store.spaces import EmbeddingSpace, space_name
from store.vectors.base import Readers, VectorIndex

RELABELLED = 200  # sources whose readers are written in one go
MODEL_OF = "model of "  # in the catalog's settings, before a key: the name of the embedder


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What lies in a data folder."""

    folder: Path
    write_lock: StoreLock  # whoever writes holds it, over all processes and threads
    uploads: Path
    catalog: Catalog
    assets: Assets
    signatures: Signatures
    lexical: LexicalFolder
    vectors: VectorIndex
    spaces: Mapping[str, EmbeddingSpace]  # by name; there may be others, of other programs, which are left alone
    job_files: JobList
    own_uploads: bool = False  # this machine's alone, while others have the sources, too, and may remove them

    def present_keys(self) -> dict[str, str]:
        """Return for each space the key at which it is kept with its present embedder."""
        return {name: space.key for name, space in self.spaces.items()}

    def check_model(self, space: EmbeddingSpace) -> None:
        """Check that what is stored was embedded with the present model of ``space``, at least in part.

        Raises:
            StoreError: it was not; the message names the way out.
        """
        if self.catalog.has_key(space.name, space.key):  # all of them are looked through for the message alone
            return
        keys = self.catalog.keys_of(space.name)
        if not keys:
            return
        known = sorted(filter(None, (self.catalog.meta(MODEL_OF + key) for key in keys)))
        stored = f"the model {known[0]!r}" if known else "another model"
        raise StoreError(
            f"What is stored was embedded with {stored}, and the settings name {space.embedder.name!r}. {space.mended}"
        )

    def note_models(self) -> None:
        """Note the names of the present embedders, for messages. Under the write lock."""
        for space in self.spaces.values():
            self.catalog.set_meta(MODEL_OF + space.key, space.embedder.name)

    def without_vector(self, space: EmbeddingSpace, chunks: Iterable[Chunk]) -> list[Chunk]:
        """Return those of ``chunks`` that belong in ``space`` and have no vector there."""
        own = space.of(chunks)
        known = self.vectors.ids(space.key, [chunk.id for chunk in own]) if own else set()
        return [chunk for chunk in own if chunk.id not in known]

    def put_vectors(
        self, key: str, chunks: Sequence[Chunk], vectors: Sequence[Sequence[float]], readers: Readers | None = None
    ) -> None:
        """Store the vectors of ``chunks`` in the space at ``key``, with ``readers`` or else those that their sources have.
        Under the write lock."""
        if chunks:
            known = self.catalog.readers({chunk.source for chunk in chunks}) if readers is None else readers
            self.vectors.upsert(key, chunks, vectors, known)

    def settled_readers(self) -> dict[str, tuple[str, ...]]:
        """Return the readers, () for everybody, of all sources but those of which the indexes are still to be told."""
        rows = self.catalog.rows(
            "SELECT source FROM sources WHERE source NOT IN (SELECT source FROM relabel) "
            "AND source NOT IN (SELECT source FROM unlabelled)"
        )
        known = self.catalog.readers()
        return {source: known.get(source, ()) for (source,) in rows}

    def label_vectors(self, chunks: Sequence[Chunk], readers: Readers) -> None:
        """Let the vectors of ``chunks`` have ``readers``, in all spaces. Under the write lock."""
        for key in sorted(self.vectors.spaces()) if chunks else ():
            self.vectors.relabel(key, chunks, readers)

    def delete_everywhere(self, ids: Iterable[str]) -> None:
        """Delete the chunks ``ids`` from the lexical index and all embedding spaces. Under the write lock."""
        if gone := sorted(ids):
            for key in sorted(self.vectors.spaces()):
                self.vectors.delete(key, gone)
            self.lexical.write(add=(), delete=gone)

    def relabel(self) -> None:
        """Let the indexes know the readers of sources as they are now. Under the write lock; until then searches ask the
        catalog (``Documents.view``)."""
        while sources := to_relabel(self.catalog, RELABELLED):
            readers = self.catalog.readers(sources)
            chunks = [chunk for source in sources for chunk in self.catalog.chunks_of(source)]
            self.lexical.write(add=chunks, delete=(), readers=readers)
            self.label_vectors(chunks, readers)
            relabelled(self.catalog, readers)

    def delete_elsewhere(self, chunks: Iterable[Chunk]) -> None:
        """Delete the vectors of ``chunks`` that another embedder of a space made than the catalog says. Under the write
        lock."""
        listed = list(chunks)
        recorded = self.catalog.keys(chunk.source for chunk in listed)
        for key in sorted(self.vectors.spaces()):
            name = space_name(key)
            self.vectors.delete(key, [chunk.id for chunk in listed if recorded.get((chunk.source, name), key) != key])

    def drop_assets(self, candidates: Iterable[str]) -> None:
        """Remove those of ``candidates`` that no source uses. Under the write lock."""
        gone = set(candidates) - self.catalog.assets()
        for name in gone:
            self.assets.remove(name)
        if gone:
            self.signatures.remove(gone)
