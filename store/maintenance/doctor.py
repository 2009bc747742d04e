"""Does everything in a data folder agree? ``check`` names each fault, ``repair`` repairs what the folder itself can.

The catalog holds every chunk whole, so vectors and lexical index can always be made again from it. Assets cannot: a source
that lost one is noted to be read again. A fault of vectors is one of an embedding space; spaces of other programs, whose
embedder is not here, are looked at only for chunks that are gone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from errors import StoreError
from records import OPERATOR, Chunk
from store.catalog import BEING_FILLED
from store.index import Index
from store.maintenance import recount
from store.parts import Parts
from store.spaces import EmbeddingSpace, space_name
from store.uploads import abandoned
from store.waiting import expected

Kind = Literal[
    "catalog damaged",
    "chunks do not match their source",
    "unfinished write",
    "missing vectors",
    "vectors of another embedding model",
    "outdated vectors",
    "orphaned vectors",
    "vectors not found by search",
    "lexical index damaged",
    "not in the lexical index",
    "twice in the lexical index",
    "orphans in the lexical index",
    "missing assets",
    "damaged assets",
    "orphaned assets",
    "orphaned signatures",
    "unfinished uploads",
]


AT_ONCE = 1000  # chunks compared in one call


@dataclass(frozen=True)
class Fault:
    """Something that does not agree, and the ids, sources or files it is about."""

    kind: Kind
    names: tuple[str, ...]
    space: str = ""  # the embedding space, of vectors that are made again


@dataclass(frozen=True, kw_only=True)
class Report:
    """What was looked at and what was found."""

    sources: int
    chunks: int
    assets: int
    waiting: int  # sources on their way in, or left by a program that was killed; no fault
    faults: tuple[Fault, ...]


def check(index: Index) -> Report:
    """Check everything; no write comes in between.

    Raises:
        StoreError: a part cannot be read at all.
    """
    damage = _lexical_damage(index.parts)
    with index.parts.write_lock.held():
        return _check(index, damage)


def repair(index: Index) -> tuple[Report, Report]:
    """Repair what is at fault; return the reports before and after.

    Raises:
        StoreError: what is broken cannot be made again from the rest.
    """
    damage = _lexical_damage(index.parts)
    with index.parts.write_lock.held():
        before = _check(index, damage)
        hidden = [fault for fault in before.faults if fault.kind == "vectors not found by search"]
        for fault in before.faults:
            _repair(index.parts, fault)
        index.recovery.recover()
        index.recovery.sweep()
        for fault in hidden:  # has a journal of its own
            key = index.parts.spaces[fault.space].key
            index.recovery.repair(key, sorted(index.parts.vectors.ids(key)))
        return before, _check(index)


def _lexical_damage(parts: Parts) -> str:
    """Return why the lexical index cannot be opened. Before the lock is taken: one of another version writes itself anew."""
    try:
        parts.lexical.open()
        parts.lexical.follow()
    except StoreError as error:
        return str(error)
    return ""


def _check(index: Index, lexical_damage: str = "") -> Report:
    parts, catalog = index.parts, index.parts.catalog
    if broken := catalog.faults():
        fault = Fault("catalog damaged", tuple(broken))
        return Report(sources=0, chunks=0, assets=0, waiting=0, faults=(fault,))
    counts = recount.counts(catalog)
    faults = _of("chunks do not match their source", (name for name, should, has in counts if should != has))
    faults += _of("unfinished write", catalog.journal())
    faults += _vectors(parts)
    faults += [Fault("lexical index damaged", (lexical_damage,))] if lexical_damage else _lexical(parts)
    faults += _assets(parts)
    signed, shown = parts.signatures.assets(), parts.signatures.pictures(None, OPERATOR)
    faults += _of("orphaned signatures", signed - set(shown))
    faults += _of("unfinished uploads", (str(path) for path in abandoned(parts.uploads)))
    return Report(
        sources=sum(1 for _, should, _ in counts if should >= 0),
        chunks=sum(has for *_, has in counts),
        assets=len(catalog.assets()),
        waiting=len({*expected(catalog), *index.jobs.left()}),
        faults=tuple(faults),
    )


def _of(kind: Kind, names: Iterable[str], space: str = "") -> list[Fault]:
    found = tuple(sorted(names))
    return [Fault(kind, found, space)] if found else []


def _vectors(parts: Parts) -> list[Fault]:
    """Every chunk of a space's kinds has one vector in it, made by the embedder that its source was embedded with, and
    nothing else has."""
    expected = _expected(parts)
    present = {key: parts.vectors.ids(key) for key in parts.vectors.spaces()}
    faults: list[Fault] = []
    readers = parts.settled_readers()
    for name, space in parts.spaces.items():
        keys = {key for key in {*expected, *present} if space_name(key) == name}
        own = {key: expected.get(key, set()) for key in keys}
        missing = {id_ for key in keys for id_ in own[key] - present.get(key, set())}
        elsewhere = {id_ for key in keys - {space.key} for id_ in own[key] & present.get(key, set())}
        outdated: list[str] = []
        chunks = parts.catalog.all_chunks()
        while batch := list(islice(chunks, AT_ONCE)):
            outdated += parts.vectors.outdated(space.key, space.of(batch), readers)
        unreachable = parts.vectors.unreachable(space.key, sorted(own.get(space.key, set()) - missing))
        faults += _of("missing vectors", missing, name)
        faults += _of("vectors of another embedding model", elsewhere, name)
        faults += _of("outdated vectors", outdated, name)
        faults += _of("vectors not found by search", unreachable, name)
    return faults + _of("orphaned vectors", (id_ for ids in _strays(parts).values() for id_ in ids))


def _expected(parts: Parts) -> dict[str, set[str]]:
    """Return for each key of the spaces that are here the chunks whose vectors belong there."""
    recorded = parts.catalog.keys()
    expected: dict[str, set[str]] = {}
    for id_, source, kind in parts.catalog.kinds():
        for name, space in parts.spaces.items():
            if kind in space.kinds:
                expected.setdefault(recorded.get((source, name), space.key), set()).add(id_)
    return expected


def _strays(parts: Parts) -> dict[str, set[str]]:
    """Return for each key the ids whose vectors belong elsewhere, or to no chunk at all."""
    expected, recorded = _expected(parts), parts.catalog.keys()
    chunks = parts.catalog.kinds()
    strays = {}
    for key in parts.vectors.spaces():
        name = space_name(key)
        if key in parts.catalog.meta(BEING_FILLED).split():  # by a program that embeds everything anew
            allowed = {id_ for id_, *_ in chunks}
        elif name in parts.spaces:
            allowed = expected.get(key, set())
        else:  # of another program: which kinds are in it is not known here
            allowed = {id_ for id_, source, _ in chunks if recorded.get((source, name)) == key}
        if found := parts.vectors.ids(key) - allowed:
            strays[key] = found
    return strays


def _lexical(parts: Parts) -> list[Fault]:
    try:
        present = Counter(parts.lexical.open().ids())
    except StoreError as error:
        return [Fault("lexical index damaged", (str(error),))]
    expected = {id_ for source in parts.catalog.sources() for id_ in parts.catalog.chunk_ids(source.source)}
    return [
        *_of("not in the lexical index", expected - set(present)),
        *_of("twice in the lexical index", (id_ for id_, count in present.items() if count > 1)),
        *_of("orphans in the lexical index", set(present) - expected),
    ]


def _assets(parts: Parts) -> list[Fault]:
    assets, named = parts.assets, parts.catalog.assets()
    for chunk in parts.catalog.all_chunks():
        named |= {chunk.table, chunk.picture} - {""}
    faults = [*_of("missing assets", assets.missing(named)), *_of("damaged assets", assets.damaged(named))]
    if not parts.job_files.dead()[1]:  # else they may belong to what is on its way in
        stray = set(assets.names()) - named
        faults += _of("orphaned assets", [*stray, *(path.name for path in assets.drafts())])
    return faults


# --- repairing -------------------------------------------------------------------------------------------------------


def _repair(parts: Parts, fault: Fault) -> None:
    match fault.kind:
        case "catalog damaged":
            raise StoreError(
                f"{parts.catalog.path} is damaged ({fault.names[0]}). Move the folder away and bring a backup back: python "
                "-m store import FILE."
            )
        case "chunks do not match their source":
            recount.recount(parts.catalog, fault.names)
        case "missing vectors" | "vectors of another embedding model" | "outdated vectors":
            _embed_again(parts, parts.spaces[fault.space], fault.names)
        case "orphaned vectors":
            drop_strays(parts)
        case (
            "lexical index damaged"
            | "not in the lexical index"
            | "twice in the lexical index"
            | "orphans in the lexical index"
        ):
            parts.lexical.rewrite()
        case "missing assets" | "damaged assets":
            _read_again(parts, set(fault.names))
        case "orphaned signatures":
            parts.signatures.remove(fault.names)
        case "orphaned assets" | "unfinished uploads" | "unfinished write" | "vectors not found by search":
            pass  # by recovery


def _embed_again(parts: Parts, space: EmbeddingSpace, ids: Sequence[str]) -> None:
    """Make the vectors of ``ids`` anew with the present embedder of ``space``, and those that their sources miss."""
    wanted = set(ids)
    for source in sorted({chunk.source for chunk in parts.catalog.chunks(ids).values()}):
        chunks = space.of(parts.catalog.chunks_of(source))
        absent = {chunk.id for chunk in parts.without_vector(space, chunks)}
        again: list[Chunk] = [chunk for chunk in chunks if chunk.id in wanted or chunk.id in absent]
        parts.put_vectors(space.key, again, space.embed(again))
        parts.catalog.set_keys(source, {space.name: space.key})
    drop_strays(parts)


def drop_strays(parts: Parts) -> None:
    """Delete vectors that belong elsewhere, or to no chunk at all. Under the write lock."""
    for key, ids in _strays(parts).items():
        parts.vectors.delete(key, sorted(ids))


def _read_again(parts: Parts, assets: set[str]) -> None:
    """Let the sources that need ``assets`` be read again, and make room for their content."""
    sources = parts.catalog.sources()
    needing = {source.source for source in sources if parts.catalog.assets_of(source.source) & assets}
    needing |= {chunk.source for chunk in parts.catalog.all_chunks() if {chunk.table, chunk.picture} & assets}
    for name in assets:
        parts.assets.remove(name)
    parts.catalog.invalidate(sorted(needing))
