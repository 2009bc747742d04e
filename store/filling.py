"""Filling an embedding space with what was taken in before it was there, from stored chunks and assets: nothing is parsed
again.

Kill-safe like every write (store.writer): chunk ids stand in the journal until vectors and catalog agree. What is embedded
stays; the next run goes on with the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from records import Chunk
from store.maintenance.recovery import Recovery
from store.parts import Parts
from store.spaces import EmbeddingSpace, space_name

AT_ONCE = 64  # chunks embedded between two writes
OnSource = Callable[[int, int], None]  # sources done, sources in all


def fill(parts: Parts, recovery: Recovery, space: EmbeddingSpace, on_source: OnSource) -> int:
    """Embed the chunks of every source that have no vector in ``space``, and drop those that another embedder of it made;
    return how many were embedded.

    Raises:
        ModelError: the embedder cannot be loaded.
        StoreError: the store cannot be written.
    """
    made = 0
    sources = [source.source for source in parts.catalog.sources() if source.reading is None]
    for done, source in enumerate(sources, start=1):
        own = space.of(parts.catalog.chunks_of(source))
        missing = parts.without_vector(space, own)
        for start in range(0, len(missing), AT_ONCE):
            made += _write(parts, recovery, space, source, missing[start : start + AT_ONCE])
        if own and not missing and parts.catalog.keys([source]).get((source, space.name)) != space.key:
            _write(parts, recovery, space, source, [])
        on_source(done, len(sources))
    return made


def _write(parts: Parts, recovery: Recovery, space: EmbeddingSpace, source: str, chunks: list[Chunk]) -> int:
    embedded = space.embed(chunks) if chunks else []  # before others have to wait
    return write_vectors(
        parts, recovery, source, space.key, dict(zip((one.id for one in chunks), embedded, strict=True))
    )


def write_vectors(parts: Parts, recovery: Recovery, source: str, key: str, vectors: Mapping[str, list[float]]) -> int:
    """Store ``vectors`` of chunks of ``source`` in the space at ``key``, by the chunks' ids, and note that the source's lie
    there; return how many were stored: a chunk that went meanwhile has none."""
    with recovery.writing():
        own = {
            chunk.id: chunk for chunk in parts.catalog.chunks_of(source)
        }  # it may have been replaced or removed meanwhile
        if not own:
            return 0
        kept = [own[id_] for id_ in vectors if id_ in own]
        parts.catalog.begin(own)
        parts.put_vectors(key, kept, [vectors[chunk.id] for chunk in kept])
        parts.catalog.set_keys(source, {space_name(key): key})
        parts.delete_elsewhere(own.values())
        parts.catalog.finish()
    return len(kept)
