"""Records as the catalog stores them, and back."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import lru_cache
from typing import Any

from records import About, Access, Chunk, Loss, Reading, Source, Span

SELECT_SOURCE = (
    "SELECT source, kind, title, pages, chunks, whenever, content_hash, original, losses, owner, "
    "(SELECT group_concat(label, char(10)) FROM readers r WHERE r.source = sources.source), "
    "(SELECT name FROM names n WHERE n.source = sources.source), about, "
    "(SELECT words FROM being_read b WHERE b.source = sources.source), "
    "(SELECT done FROM being_read b WHERE b.source = sources.source) FROM sources"
)


def load_source(row: tuple[Any, ...]) -> Source:
    """Return the source in a row of ``SELECT_SOURCE``."""
    (
        source,
        kind,
        title,
        pages,
        chunks,
        when,
        content_hash,
        original,
        losses,
        owner,
        readers,
        name,
        about,
        words,
        done,
    ) = row
    return Source(
        source=source,
        kind=kind,
        title=title,
        pages=int(pages),
        chunks=int(chunks),
        when=when,
        content_hash=content_hash,
        original=original,
        losses=tuple(Loss(**loss) for loss in json.loads(losses)),
        access=Access(tuple(sorted((readers or "").split("\n"))) if readers else (), owner),
        name=name or "",
        about=load_about(about),
        reading=None if words is None else Reading(int(words), int(done)),
    )


def dump_about(about: About) -> str:
    """Return what is known of a source as JSON; "" for nothing."""
    kept = {name: value for name, value in asdict(about).items() if value}
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":")) if kept else ""


def load_about(record: str) -> About:
    """Return what the JSON ``record`` knows of a source."""
    if not record:
        return About()
    kept = json.loads(record)
    for name in ("stated", "own"):
        kept[name] = tuple((field, value) for field, value in kept.get(name, ()))
    return About(**{**kept, "tags": tuple(kept.get("tags", ()))})


def dump_chunk(chunk: Chunk) -> str:
    """Return a chunk as JSON."""
    return json.dumps(asdict(chunk), ensure_ascii=False, separators=(",", ":"))


@lru_cache(4_000)  # several rankings find the same chunk, and the next question finds it again; some 10 kB each
def load_chunk(record: str) -> Chunk:
    """Return the chunk in a JSON record."""
    fields = json.loads(record)
    fields["section"] = tuple(fields["section"])
    fields["bbox"] = tuple(fields["bbox"]) if fields["bbox"] else None
    fields["spans"] = tuple(Span(**{**span, "bbox": tuple(span["bbox"])}) for span in fields["spans"])
    return Chunk(**fields)
