"""Filling an embedding space with what was taken in before it was there, from stored chunks and assets: nothing is parsed
again.

Kill-safe like every write (store.writer): chunk ids stand in the journal until vectors and catalog agree. What is embedded
stays; the next run goes on with the rest.
"""

from __future__ import annotations

from collections.abc import Callable

from records import Chunk
from store.maintenance.recovery import Recovery
from store.parts import Parts
from store.spaces import EmbeddingSpace

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
    sources = [source.source for source in parts.catalog.sources()]
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
    with recovery.writing():
        own = space.of(parts.catalog.chunks_of(source))  # it may have been replaced or removed meanwhile
        present = {chunk.id for chunk in own}
        kept = [(chunk, vector) for chunk, vector in zip(chunks, embedded, strict=True) if chunk.id in present]
        if not own:
            return 0
        parts.catalog.begin(present)
        parts.vectors.upsert(space.key, [chunk for chunk, _ in kept], [vector for _, vector in kept])
        parts.catalog.set_keys(source, {space.name: space.key})
        parts.delete_elsewhere(own)
        parts.catalog.finish()
    return len(kept)
