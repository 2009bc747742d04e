"""Files that are somewhere else in their folder: known by their content, they keep what they have."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace

from errors import SourceError
from ingest.chunk.chunker import numbered
from ingest.connectors.address import is_url, source_name, suffix_of
from ingest.connectors.registry import read_source
from records import Access, Source
from store.index import Index


def follow(index: Index, gone: Iterable[str], new: Mapping[str, str], access: Mapping[str, Access]) -> dict[str, str]:
    """Move what is known of files that are ``gone`` to ``new`` files of the same content; return the old names by the new.

    A file whose title is its name, and is called otherwise now, is not moved: what is embedded begins with the title. Nor is
    one with attachments, which are named after it.

    Args:
        index: what to move in.
        gone: sources that are not listed any more.
        new: the versions of sources that are not known yet.
        access: who may read them, where it is said.
    """
    left: dict[tuple[str, str], list[Source]] = {}
    for source in gone:
        known = index.catalog.source(source)
        if known and known.content_hash and not is_url(source) and not index.catalog.attached_to(source):
            left.setdefault((known.content_hash, suffix_of(source)), []).append(known)
    moved: dict[str, str] = {}
    for source, version in new.items() if left else ():
        if is_url(source) or not any(files and suffix == suffix_of(source) for (_, suffix), files in left.items()):
            continue
        try:
            digest = hashlib.sha256(read_source(source, index.settings).data).hexdigest()
        except SourceError:
            continue  # reading it with the others will say why
        candidates = left.get((digest, suffix_of(source)), [])
        for known in candidates:
            old = known.source
            if known.title == source_name(old) != source_name(source):
                continue
            chunks = [replace(chunk, source=source) for chunk in index.catalog.chunks_of(old)]
            if source in access:
                index.catalog.set_access(old, access[source])  # before it is there under its new name
            if index.move(old, list(numbered(chunks)), version):
                moved[source] = old
                candidates.remove(known)
                break
    return moved
