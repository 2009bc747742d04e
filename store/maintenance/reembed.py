"""Embedding all that is stored anew, from the chunks, when the settings name another model.

The new space is filled beside the old one, which goes on being searched and written to; one transaction switches over when
the new one is whole; then the old one is removed. Killed anywhere, the next run goes on: what has a vector keeps it, and
after the switch the journal names what is left to remove.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from records import Chunk
from store.catalog import BEING_FILLED
from store.index import Index
from store.locks import exclusive
from store.maintenance.doctor import drop_strays
from store.parts import Parts
from store.spaces import TEXT, EmbeddingSpace
from text.embedded import embedded_text

BATCH = 64  # chunks that are embedded, and then stored, at once
ROUNDS = 3  # after which what others took in meanwhile is embedded while they wait


@dataclass(frozen=True)
class Reembedded:
    """What was done."""

    chunks: int  # vectors made in this run
    switched: bool  # False: the present models had made all vectors already
    too_long: tuple[str, ...] = ()  # sources with chunks of which the model reads only the beginning


def reembed(index: Index, on_chunks: Callable[[int, int], None] = lambda done, missing: None) -> Reembedded:
    """Embed every chunk with the present model of each space that holds it, and remove what other models made.

    Args:
        index: opened with the new models.
        on_chunks: told how many of how many missing vectors are made.

    Raises:
        StoreError: the index cannot be written.
        ModelError: a model does not answer; what it has embedded is kept for the next run.
    """
    parts, catalog = index.parts, index.parts.catalog
    with exclusive(parts.folder / "reembed.lock"):
        if not catalog.meta(BEING_FILLED) and not _left(parts) and _is_present(parts):
            return Reembedded(0, switched=False)
        catalog.set_meta(BEING_FILLED, " ".join(sorted(parts.present_keys().values())))
        made = 0
        for _ in range(ROUNDS):
            missing = _left(parts)
            for space, batch in _batches(parts):
                vectors = space.embed(batch)
                with index.recovery.writing():
                    made += _store(parts, space, batch, vectors)
                on_chunks(made, missing)
            if not _left(parts):
                break
        too_long = _too_long(parts)
        with index.recovery.writing():
            for space, batch in _batches(parts):
                made += _store(parts, space, batch, space.embed(batch))
            parts.note_models()
            whole = [source.source for source in catalog.sources() if source.source not in too_long]
            catalog.switch_keys(parts.present_keys(), whole)
            drop_strays(parts)
            catalog.finish()
        return Reembedded(made, switched=True, too_long=tuple(sorted(too_long)))


def _is_present(parts: Parts) -> bool:
    """Whether the present models have made the vectors of all sources."""
    return all(parts.catalog.keys_of(name) <= {key} for name, key in parts.present_keys().items())


def _left(parts: Parts) -> int:
    """The number of vectors that are missing."""
    kinds = parts.catalog.kinds()
    held = {space.key: parts.vectors.ids(space.key) for space in parts.spaces.values()}
    return sum(
        kind in space.kinds and id_ not in held[space.key] for space in parts.spaces.values() for id_, _, kind in kinds
    )


def _batches(parts: Parts) -> Iterator[tuple[EmbeddingSpace, list[Chunk]]]:
    """Yield chunks that have no vector in a space."""
    for space in parts.spaces.values():
        batch: list[Chunk] = []
        for source in parts.catalog.sources():
            batch += parts.without_vector(space, parts.catalog.chunks_of(source.source))
            while len(batch) >= BATCH:
                yield space, batch[:BATCH]
                batch = batch[BATCH:]
        if batch:
            yield space, batch


def _store(parts: Parts, space: EmbeddingSpace, chunks: list[Chunk], vectors: list[list[float]]) -> int:
    """Store the vectors of those of ``chunks`` that are still there; return how many. Under the write lock."""
    there = parts.catalog.chunks([chunk.id for chunk in chunks])
    kept = [(there[chunk.id], vector) for chunk, vector in zip(chunks, vectors, strict=True) if chunk.id in there]
    parts.vectors.upsert(space.key, [chunk for chunk, _ in kept], [vector for _, vector in kept])
    return len(kept)


def _too_long(parts: Parts) -> set[str]:
    """The sources with chunks that were cut for a model which reads more at once."""
    tokenizer = parts.spaces[TEXT].embedder.tokenizer
    return {
        chunk.source for chunk in parts.catalog.all_chunks() if tokenizer.count(embedded_text(chunk)) > tokenizer.limit
    }
