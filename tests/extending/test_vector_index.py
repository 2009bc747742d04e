"""Another place for vectors: six methods in memory, handed to an index."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from fakes import FakeEmbedder, agree, chunk, put

from records import OPERATOR, Chunk, Scope
from store.auth.access import EVERYONE, View
from store.index import Index
from store.maintenance import backup
from store.maintenance.doctor import check, repair
from store.vectors.base import Readers, VectorIndex

MakeIndex = Callable[..., Index]


class InMemory(VectorIndex):
    """Every vector is compared; vectors are of unit length, so a dot product is a cosine."""

    def __init__(self) -> None:
        self.held: dict[str, dict[str, tuple[Chunk, list[float]]]] = {}
        self.readers: dict[str, Sequence[str]] = {}  # by the id of the chunk

    def upsert(self, space: str, chunks: Sequence[Chunk], vectors: Sequence[Sequence[float]], readers: Readers) -> None:
        for one, vector in zip(chunks, vectors, strict=True):
            self.held.setdefault(space, {})[one.id] = (one, list(vector))
            self.readers[one.id] = readers.get(one.source) or (EVERYONE,)

    def delete(self, space: str, ids: Sequence[str]) -> None:
        for id_ in ids:
            self.held.get(space, {}).pop(id_, None)

    def search(
        self,
        space: str,
        vector: Sequence[float],
        limit: int,
        scope: Scope,
        view: View | None = None,
        besides: str = "",
    ) -> list[tuple[str, float]]:
        found = [
            (id_, sum(a * b for a, b in zip(vector, own, strict=True)))
            for id_, (one, own) in self.held.get(space, {}).items()
            if one.source != besides
            and (view is None or self._is_in(view, one))
            and (scope.sources is None or one.source in scope.sources)
            and (scope.kinds is None or one.kind in scope.kinds)
        ]
        return sorted(found, key=lambda item: -item[1])[:limit]

    def _is_in(self, view: View, one: Chunk) -> bool:
        labelled = any(label in view.labels for label in self.readers[one.id])
        return one.source not in view.hidden and (labelled or one.source in view.shown)

    def ids(self, space: str, among: Sequence[str] | None = None) -> set[str]:
        return set(self.held.get(space, {})) & (set(self.held.get(space, {})) if among is None else set(among))

    def stored(self, space: str, ids: Sequence[str]) -> dict[str, list[float]]:
        return {id_: self.held[space][id_][1] for id_ in ids if id_ in self.held.get(space, {})}

    def spaces(self) -> set[str]:
        return {space for space, held in self.held.items() if held}


def test_an_index_works_on_it(make_index: MakeIndex, tmp_path: Path) -> None:
    vectors = InMemory()
    index = make_index(vectors=vectors)
    put(index, [chunk("the weir"), chunk("the mill", ordinal=1)])
    put(index, [chunk("the roofs", source="b.md")])
    assert [one.id for one, _ in index.dense.search("mill", 1, Scope(principal=OPERATOR))] == ["the mill"]
    index.remove("b.md")
    assert agree(index)
    vectors.held[index.embedder.fingerprint].pop("the weir")
    assert [fault.kind for fault in check(index).faults] == ["missing vectors"]
    assert repair(index)[1].faults == ()
    backup.save(index, tmp_path / "b.zip")
    other = make_index(tmp_path / "other", vectors=InMemory())
    backup.load(other, tmp_path / "b.zip")
    assert agree(other)
    changed = make_index(vectors=vectors, embedder=FakeEmbedder())
    assert [fault.kind for fault in check(changed).faults] == ["vectors of another embedding model"]
    assert repair(changed)[1].faults == ()
    assert vectors.spaces() == {changed.embedder.fingerprint}
