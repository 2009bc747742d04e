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
from store.database.locking import lock_of
from store.index import Index
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
        on_chunks: told how many vectors are made, of how many that were missing.

    Raises:
        StoreError: the index cannot be written.
        ModelError: a model does not answer; what it has embedded is kept for the next run.
    """
    parts, catalog = index.parts, index.parts.catalog
    with lock_of(parts.folder, "reembed", index.settings.catalog_url).held():
        missing = _missing(parts)
        if not missing and _is_present(parts) and not catalog.meta(BEING_FILLED):
            return Reembedded(0, switched=False)
        catalog.set_meta(BEING_FILLED, " ".join(sorted(parts.present_keys().values())))
        made = 0
        for _ in range(ROUNDS):
            total = made + sum(len(ids) for _, ids in missing)
            for space, batch in _batches(parts, missing):
                vectors = space.embed(batch)
                with index.recovery.writing():
                    made += _store(parts, space, batch, vectors)
                on_chunks(made, total)
            missing = _missing(parts)
            if not missing:
                break
        too_long = _too_long(parts)
        with index.recovery.writing():
            for space, batch in _batches(parts, _missing(parts)):
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


Missing = list[tuple[EmbeddingSpace, list[str]]]  # ids of chunks


def _missing(parts: Parts) -> Missing:
    """The spaces that lack vectors, and the chunks whose."""
    kinds = parts.catalog.kinds()
    found: Missing = []
    for space in parts.spaces.values():
        held = parts.vectors.ids(space.key)
        if ids := [id_ for id_, _, kind in kinds if kind in space.kinds and id_ not in held]:
            found.append((space, ids))
    return found


def _batches(parts: Parts, missing: Missing) -> Iterator[tuple[EmbeddingSpace, list[Chunk]]]:
    """Yield chunks that have no vector in a space, as far as they are still there."""
    for space, ids in missing:
        for start in range(0, len(ids), BATCH):
            if batch := list(parts.catalog.chunks(ids[start : start + BATCH]).values()):
                yield space, batch


def _store(parts: Parts, space: EmbeddingSpace, chunks: list[Chunk], vectors: list[list[float]]) -> int:
    """Store the vectors of those of ``chunks`` that are still there; return how many. Under the write lock."""
    there = parts.catalog.chunks([chunk.id for chunk in chunks])
    kept = [(there[chunk.id], vector) for chunk, vector in zip(chunks, vectors, strict=True) if chunk.id in there]
    parts.put_vectors(space.key, [chunk for chunk, _ in kept], [vector for _, vector in kept])
    return len(kept)


def _too_long(parts: Parts) -> set[str]:
    """The sources with chunks that were cut for a model which reads more at once."""
    tokenizer = parts.spaces[TEXT].embedder.tokenizer
    return {
        chunk.source for chunk in parts.catalog.all_chunks() if tokenizer.count(embedded_text(chunk)) > tokenizer.limit
    }
