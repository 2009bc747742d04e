"""A source that is somewhere else now: it keeps its vectors, its readers and the name that somebody gave it.

Killed anywhere, it is in the old place or in the new one, whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from records import Chunk
from store.being_read import is_whole
from store.catalog import Catalog
from store.maintenance.recovery import Recovery
from store.parts import Parts
from store.schema import TABLES_OF_SOURCE
from store.serialisation import dump_chunk
from vision.image_index import ImageIndex


def move(
    parts: Parts, recovery: Recovery, images: ImageIndex, source: str, chunks: Sequence[Chunk], stamp: str
) -> bool:
    """Give what ``source`` has to the source that ``chunks`` name, and embed nothing that has a vector.

    Args:
        chunks: those of ``source`` in reading order, with the new source and ids that belong to it.
        stamp: the version of the new source.

    Returns:
        False, and nothing is changed, when ``source`` is unknown, not whole or has other chunks, or the new one is known.
    """
    catalog = parts.catalog
    if not chunks:
        return False
    new = chunks[0].source
    with recovery.writing():
        old = catalog.chunk_ids(source)
        if not old or len(old) != len(chunks) or catalog.knows(new) or not is_whole(catalog, source):
            return False
        former = {chunk.id: id_ for chunk, id_ in zip(chunks, old, strict=True)}
        catalog.begin({*old, *former})
        readers = {new: catalog.readers([source])[source]}
        for space in parts.spaces.values():
            own = space.of(chunks)
            kept = parts.vectors.stored(space.key, [former[chunk.id] for chunk in own]) if own else {}
            vectors = {chunk.id: kept[former[chunk.id]] for chunk in own if former[chunk.id] in kept}
            lacking = [chunk for chunk in own if chunk.id not in vectors]
            embedded = space.embed(lacking) if lacking else []
            vectors |= {chunk.id: vector for chunk, vector in zip(lacking, embedded, strict=True)}
            if own:
                parts.put_vectors(space.key, own, [vectors[chunk.id] for chunk in own], readers)
        parts.lexical.write(add=chunks, delete=(), readers=readers)
        _switch(catalog, source, chunks, stamp, parts.present_keys())
        recovery.note_deletion(len(old))
        parts.delete_everywhere(old)
        catalog.finish()
    images.fill(chunk.picture for chunk in chunks if chunk.picture)
    return True


def _switch(catalog: Catalog, source: str, chunks: Sequence[Chunk], stamp: str, keys: Mapping[str, str]) -> None:
    """Let the catalog name the new source instead of ``source``, at one moment."""
    new = chunks[0].source
    with catalog.transaction() as db:
        db.execute("DELETE FROM chunks WHERE source = ?", (source,))
        db.executemany(
            "INSERT INTO chunks VALUES (?, ?, ?, ?)",
            ((chunk.id, new, chunk.ordinal, dump_chunk(chunk)) for chunk in chunks),
        )
        for table in TABLES_OF_SOURCE:
            if table != "chunks":
                db.execute(f"DELETE FROM {table} WHERE source = ?", (new,))
                db.execute(f"UPDATE {table} SET source = ? WHERE source = ?", (new, source))
        db.execute("UPDATE sources SET stamp = ? WHERE source = ?", (stamp, new))
        db.execute("DELETE FROM embedded WHERE source = ?", (new,))
        db.executemany("INSERT INTO embedded VALUES (?, ?, ?)", ((new, space, key) for space, key in keys.items()))
        db.execute("DELETE FROM waiting WHERE source = ?", (new,))
