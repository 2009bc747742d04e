"""Does everything in a data folder agree? ``check`` names each fault, ``repair`` mends what the folder itself can mend.

The catalog holds every chunk whole, so vectors and words can always be made again from it. Assets cannot: a source that
lost one is noted to be read again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from errors import StoreError
from records import Chunk
from store.index import Index
from store.maintenance.recovery import recover, sweep
from store.uploads import abandoned
from store.vectors import Vectors
from text.embedded import embedded_text

Kind = Literal[
    "catalog damaged",
    "chunks do not match their source",
    "write left half done",
    "vectors missing",
    "vectors of another embedding model",
    "vectors out of date",
    "vectors of nobody",
    "vectors not found by search",
    "words damaged",
    "words missing",
    "words doubled",
    "words of nobody",
    "assets missing",
    "assets damaged",
    "assets of nobody",
    "signatures of nobody",
    "uploads never finished",
]
AT_ONCE = 1000  # chunks compared in one call


@dataclass(frozen=True)
class Fault:
    """Something that does not agree, and the ids, sources or files it is about."""

    kind: Kind
    names: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Report:
    """What was looked at and what was found."""

    sources: int
    chunks: int
    assets: int
    waiting: int  # sources on their way in, or left by a program that was killed; no fault
    faults: tuple[Fault, ...]


def check(index: Index) -> Report:
    """Looks at everything; no write comes in between.

    Raises:
        StoreError: a part cannot be read at all.
    """
    damaged = _words_damage(index)
    with index.locked():
        return _check(index, damaged)


def repair(index: Index) -> tuple[Report, Report]:
    """Mends; the reports before and after.

    Raises:
        StoreError: what is broken cannot be made again from the rest.
    """
    damaged = _words_damage(index)
    with index.locked():
        before = _check(index, damaged)
        for fault in before.faults:
            _repair(index, fault)
        recover(index)
        sweep(index)
        return before, _check(index)


def _words_damage(index: Index) -> str:
    """Why the lexical index cannot be opened. Before the lock is taken: one of another version writes itself anew."""
    try:
        _ = index.words
    except StoreError as error:
        return str(error)
    return ""


def _check(index: Index, words_damage: str = "") -> Report:
    catalog = index.catalog
    broken = catalog.faults()
    if broken:
        fault = Fault("catalog damaged", tuple(broken))
        return Report(sources=0, chunks=0, assets=0, waiting=0, faults=(fault,))
    counts = catalog.counts()
    faults = _of("chunks do not match their source", (name for name, should, has in counts if should != has))
    faults += _of("write left half done", catalog.journal())
    faults += index.ask_vectors(lambda vectors: _vectors(index, vectors))
    faults += [Fault("words damaged", (words_damage,))] if words_damage else _words(index)
    faults += _assets(index)
    faults += _of("signatures of nobody", index.signatures.assets() - set(index.signatures.pictures()))
    faults += _of("uploads never finished", (str(path) for path in abandoned(index.uploads)))
    return Report(
        sources=sum(1 for _, should, _ in counts if should >= 0),
        chunks=sum(has for *_, has in counts),
        assets=len(catalog.assets()),
        waiting=len({*catalog.waiting(), *index.left()}),
        faults=tuple(faults),
    )


def _of(kind: Kind, names: Iterable[str]) -> list[Fault]:
    found = tuple(sorted(names))
    return [Fault(kind, found)] if found else []


def _vectors(index: Index, vectors: Vectors) -> list[Fault]:
    """Every chunk has one vector, in the space in which its source was embedded, and nothing else has."""
    expected: dict[str, set[str]] = {vectors.space: set()}
    for source, space in index.catalog.spaces().items():
        expected.setdefault(space or vectors.space, set()).update(index.catalog.chunk_ids(source))
    held = {one.space: one for one in (vectors, *vectors.others())}
    missing: set[str] = set()
    elsewhere: set[str] = set()
    nobody: list[str] = []
    for space in {*expected, *held}:
        present = set(held[space].ids()) if space in held else set()
        missing |= expected.get(space, set()) - present
        nobody += present - expected.get(space, set())
        if space != vectors.space:
            elsewhere |= expected.get(space, set()) & present
    stale: list[str] = []
    chunks = index.catalog.all_chunks()
    while part := list(islice(chunks, AT_ONCE)):
        stale += vectors.stale(part)
    nobody += vectors.foreign() if not index.settings.chroma_url else ()
    return [
        *_of("vectors missing", missing),
        *_of("vectors of another embedding model", elsewhere),
        *_of("vectors out of date", stale),
        *_of("vectors of nobody", nobody),
        *_of("vectors not found by search", vectors.unfound(sorted(expected[vectors.space] - missing))),
    ]


def _words(index: Index) -> list[Fault]:
    try:
        present = Counter(index.words.ids())
    except StoreError as error:
        return [Fault("words damaged", (str(error),))]
    expected = {id_ for source in index.catalog.spaces() for id_ in index.catalog.chunk_ids(source)}
    return [
        *_of("words missing", expected - set(present)),
        *_of("words doubled", (id_ for id_, count in present.items() if count > 1)),
        *_of("words of nobody", set(present) - expected),
    ]


def _assets(index: Index) -> list[Fault]:
    assets, named = index.assets, index.catalog.assets()
    for chunk in index.catalog.all_chunks():
        named |= {chunk.table, chunk.picture} - {""}
    faults = [*_of("assets missing", assets.missing(named)), *_of("assets damaged", assets.damaged(named))]
    if not index.works.dead()[1]:  # else they may belong to what is on its way in
        stray = set(assets.names()) - named
        faults += _of("assets of nobody", [*stray, *(path.name for path in assets.drafts())])
    return faults


# --- mending ---------------------------------------------------------------------------------------------------------


def _repair(index: Index, fault: Fault) -> None:
    match fault.kind:
        case "catalog damaged":
            raise StoreError(
                f"{index.catalog.path} is damaged ({fault.names[0]}). Move the folder away and bring a backup back: python "
                "-m store import FILE."
            )
        case "chunks do not match their source":
            index.catalog.recount(fault.names)
        case "vectors missing" | "vectors of another embedding model" | "vectors out of date":
            _embed_again(index, fault.names)
        case "vectors not found by search":
            index.ask_vectors(lambda vectors: vectors.rebuild(_chunks_in(index, vectors.space)))
        case "vectors of nobody":
            index.ask_vectors(lambda vectors: _drop_strays(index, vectors))
        case "words damaged" | "words missing" | "words doubled" | "words of nobody":
            index.rewrite_words()
        case "assets missing" | "assets damaged":
            _read_again(index, set(fault.names))
        case "signatures of nobody":
            index.signatures.remove(fault.names)
        case "assets of nobody" | "uploads never finished" | "write left half done":
            pass  # swept and recovered already


def _embed_again(index: Index, ids: Sequence[str]) -> None:
    """Makes the vectors of the sources of ``ids`` anew, in the present space."""
    for source in sorted({chunk.source for chunk in index.catalog.chunks(ids).values()}):
        chunks = index.catalog.chunks_of(source)
        names = [chunk.id for chunk in chunks]
        moved = index.catalog.space(source) != index.embedder.fingerprint
        known = index.ask_vectors(lambda vectors, names=names: vectors.known(names))  # type: ignore[misc]
        wanted = [chunk for chunk in chunks if chunk.id in ids or chunk.id not in known]
        made = index.embedder.embed_documents([embedded_text(chunk) for chunk in wanted])
        index.ask_vectors(
            lambda vectors, wanted=wanted, made=made: vectors.upsert(wanted, made)  # type: ignore[misc]
        )
        if moved:
            index.catalog.set_space(source, index.embedder.fingerprint)
    index.ask_vectors(lambda vectors: _drop_strays(index, vectors))


def _chunks_in(index: Index, space: str) -> list[Chunk]:
    sources = [source for source, own in index.catalog.spaces().items() if (own or space) == space]
    return [chunk for source in sources for chunk in index.catalog.chunks_of(source)]


def _drop_strays(index: Index, vectors: Vectors) -> None:
    if not index.settings.chroma_url:
        vectors.drop_foreign()
    spaces = index.catalog.spaces()
    for one in (vectors, *vectors.others()):
        here = [name for name, space in spaces.items() if (space or vectors.space) == one.space]
        expected = {id_ for name in here for id_ in index.catalog.chunk_ids(name)}
        one.delete(sorted(set(one.ids()) - expected))
        if one is not vectors and not one.count():
            one.drop()


def _read_again(index: Index, assets: set[str]) -> None:
    """Lets the sources that need ``assets`` be read again, and makes room for their content."""
    needing = {source.source for source in index.catalog.sources() if index.catalog.assets_of(source.source) & assets}
    needing |= {chunk.source for chunk in index.catalog.all_chunks() if {chunk.table, chunk.picture} & assets}
    for name in assets:
        index.assets.remove(name)
    index.catalog.invalidate(sorted(needing))
