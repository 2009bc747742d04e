"""Embedding everything anew: beside the old space, switched when whole, whatever comes in between."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fakes import FakeEmbedder, agree, chunk, document, fingerprint, put, vector_ids

from errors import ModelError, StoreError
from records import Scope
from store.index import Index
from store.maintenance import reembed as module
from store.maintenance.doctor import check, repair
from store.maintenance.reembed import Reembedded, reembed
from store.spaces import EmbeddingSpace

MakeIndex = Callable[..., Index]
EVERYTHING = Scope()
ROOT = Path(__file__).resolve().parents[2]
PATHS = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}


class Killed(BaseException):
    """Stands for whatever ends a process."""


@pytest.fixture
def index(make_index: MakeIndex) -> Index:
    opened = make_index()
    put(opened, [chunk("the weir", ordinal=0), chunk("the turbines", ordinal=1)])
    put(opened, [chunk("the roofs", source="b.md")])
    return opened


@pytest.fixture(autouse=True)
def one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH", 1)


def found(index: Index, question: str) -> list[str]:
    return [one.id for one, score in index.dense.search(question, 5, EVERYTHING) if score > 0.1]


def test_every_chunk_is_embedded_and_the_old_space_removed(index: Index, make_index: MakeIndex) -> None:
    other = make_index(embedder=FakeEmbedder())
    told: list[tuple[int, int]] = []
    assert reembed(other, lambda done, missing: told.append((done, missing))) == Reembedded(3, switched=True)
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert other.parts.vectors.spaces() == {other.embedder.fingerprint}
    assert found(other, "the weir")[0] == "the weir"
    assert agree(other)
    assert check(other).faults == ()
    assert reembed(other) == Reembedded(0, switched=False)


def test_another_model_is_named_and_nothing_is_mixed(index: Index, make_index: MakeIndex) -> None:
    other = make_index(embedder=FakeEmbedder())
    other.embedder.name = "better"  # type: ignore[misc]
    said = r"embedded with the model 'fake', and the settings name 'better'.*python -m ingest --reembed"
    with pytest.raises(StoreError, match=said):
        found(other, "the weir")
    with pytest.raises(StoreError, match=said):
        other.check_models()
    index.check_models()
    assert found(index, "the weir")[0] == "the weir"
    reembed(other)
    with pytest.raises(StoreError, match="embedded with the model 'better', and the settings name 'fake'"):
        put(index, [chunk("a program that began before", source="c.md")])
    assert [source.source for source in other.catalog.sources()] == ["a.md", "b.md"]
    put(other, [chunk("the quay", source="c.md")])
    assert agree(other)


@pytest.mark.parametrize("after", [0, 1, 2])
def test_killed_while_it_fills_the_old_space_serves_and_the_next_run_goes_on(
    index: Index, make_index: MakeIndex, after: int
) -> None:
    embedder = FakeEmbedder()
    other = make_index(embedder=embedder)

    def cut(done: int, _: int) -> None:
        if done > after:
            raise Killed

    with pytest.raises(Killed):
        reembed(other, cut)
    assert found(index, "the weir")[0] == "the weir"
    assert check(index).faults == ()  # the half of the new space is none
    with pytest.raises(StoreError, match="--reembed"):
        found(other, "the weir")
    embedder.embedded.clear()
    again = make_index(embedder=embedder)
    assert reembed(again).chunks == len(embedder.embedded) == 3 - (after + 1)
    assert agree(again)
    assert again.parts.vectors.spaces() == {embedder.fingerprint}


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", ["switch_keys", "finish", "delete"])
def test_killed_at_the_switch_one_space_is_whole(
    index: Index, make_index: MakeIndex, monkeypatch: pytest.MonkeyPatch, step: str, after: bool
) -> None:
    embedder = FakeEmbedder()
    other = make_index(embedder=embedder)
    kind = type(other.parts.vectors if step == "delete" else other.catalog)
    real = getattr(kind, step)

    def failing(*args: Any, **kwargs: Any) -> Any:
        if after:
            real(*args, **kwargs)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(kind, step, failing)
        with pytest.raises(Killed):
            reembed(other)
    switched = (step, after) != ("switch_keys", False)
    serving = make_index(embedder=embedder) if switched else make_index()
    assert found(serving, "the weir")[0] == "the weir"
    assert check(serving).faults == ()
    embedder.embedded.clear()
    again = make_index(embedder=embedder)
    reembed(again)
    assert embedder.embedded == []  # all were made before
    assert agree(again)
    assert again.parts.vectors.spaces() == {embedder.fingerprint}


def test_what_comes_and_goes_in_between_is_carried_over(index: Index, make_index: MakeIndex) -> None:
    embedder = FakeEmbedder()
    other = make_index(embedder=embedder)

    def meanwhile(done: int, _: int) -> None:
        if done == 1:
            put(index, [chunk("the quay", source="0.md")])  # passed already
            put(index, [chunk("the weir", ordinal=0), chunk("the dam", ordinal=1)])
            index.remove("b.md")

    assert reembed(other, meanwhile).switched
    assert vector_ids(other) == {"the quay", "the weir", "the dam"}
    assert agree(other)
    assert check(other).faults == ()


def test_a_chunk_that_goes_while_it_is_embedded_gets_no_vector(index: Index, make_index: MakeIndex) -> None:
    embedder = FakeEmbedder()
    embed = embedder.embed_documents

    def removing(texts: list[str]) -> list[list[float]]:
        index.remove("b.md")
        return embed(texts)

    embedder.embed_documents = removing  # type: ignore[method-assign]
    other = make_index(embedder=embedder)
    reembed(other)
    assert vector_ids(other) == {"the weir", "the turbines"}
    assert agree(other)


def test_what_others_keep_adding_is_embedded_while_they_wait(index: Index, make_index: MakeIndex) -> None:
    other = make_index(embedder=FakeEmbedder())

    def meanwhile(done: int, _: int) -> None:
        put(index, [chunk(f"number {done}", source=f"0{done}.md")])  # one more for each that is embedded

    reembed(other, meanwhile)
    assert agree(other)
    assert check(other).faults == ()


def test_sources_that_fit_are_not_parsed_again_and_the_others_named(index: Index, make_index: MakeIndex) -> None:
    old, new = index.embedder.fingerprint, FakeEmbedder(limit=3)
    for source, text in (("short.md", "the dam"), ("long.md", "the weir is closed today")):
        parsed = fingerprint(parser=f"7/{old}/150")
        index.put(document(source), [chunk(text, source=source)], parsed, "2026-01-02T03:04:05+00:00")
    other = make_index(embedder=new)
    assert reembed(other).too_long == ("long.md",)
    versions = {name: known.parser for name in ("short.md", "long.md") if (known := other.catalog.fingerprint(name))}
    assert versions == {"short.md": f"7/{new.fingerprint}/150", "long.md": f"7/{old}/150"}


def test_a_change_of_mind_removes_the_half_that_was_made(index: Index, make_index: MakeIndex) -> None:
    other = make_index(embedder=FakeEmbedder())

    def cut(*_: int) -> None:
        raise Killed

    with pytest.raises(Killed):
        reembed(other, cut)
    back = make_index()
    assert reembed(back) == Reembedded(0, switched=True)
    assert back.parts.vectors.spaces() == {back.embedder.fingerprint}
    assert repair(back)[0].faults == ()


def test_a_space_that_came_later_is_filled(index: Index, make_index: MakeIndex) -> None:
    put(index, [chunk("a fish", kind="image", source="c.md")])
    pictures = EmbeddingSpace("pictures", FakeEmbedder(), kinds=("image",))
    late = make_index(spaces=[pictures])
    assert reembed(late) == Reembedded(1, switched=True)
    assert vector_ids(late, "pictures") == {"a fish"}
    assert late.catalog.keys_of("pictures") == {pictures.key}
    assert check(late).faults == ()


def test_a_model_that_fails_keeps_what_it_has_made(index: Index, make_index: MakeIndex) -> None:
    embedder = FakeEmbedder()
    embed = embedder.embed_documents

    def failing(texts: list[str]) -> list[list[float]]:
        if len(embedder.embedded) == 2:
            raise ModelError("The provider is asleep.")
        return embed(texts)

    embedder.embed_documents = failing  # type: ignore[method-assign]
    with pytest.raises(ModelError, match="asleep"):
        reembed(make_index(embedder=embedder))
    embedder.embed_documents = embed  # type: ignore[method-assign]
    assert reembed(make_index(embedder=embedder)).chunks == 1


def test_an_index_opens_while_its_model_fails(index: Index, make_index: MakeIndex) -> None:
    index.parts.vectors.delete(index.embedder.fingerprint, ["the weir"])
    index.catalog.begin(["the weir"])  # killed while it was written
    broken = FakeEmbedder(index.embedder.fingerprint)

    def failing(texts: list[str]) -> list[list[float]]:
        raise ModelError("The provider is asleep.")

    broken.embed_documents = failing  # type: ignore[method-assign]
    assert make_index(embedder=broken).catalog.journal() == ["the weir"]
    assert agree(make_index())


SLOWLY = """
import sys, time
from fakes import FakeEmbedder, settings_at
from store.index import Index
from store.maintenance import reembed as module

class Slow(FakeEmbedder):
    def embed_documents(self, texts):
        time.sleep(0.1)  # so that a kill comes while it works
        return super().embed_documents(texts)

def tell(done, missing):
    print(done, missing, flush=True)

module.BATCH = 2
with Index(settings_at(sys.argv[1], sys.argv[2]), Slow("slow")) as index:
    module.reembed(index, tell)
"""


def test_real_kills_lose_nothing_that_was_embedded(make_index: MakeIndex, chroma_url: str) -> None:
    old = make_index()
    put(old, [chunk(f"number {n}", ordinal=n) for n in range(12)])
    missing = []
    for lines in (1, 2):
        command = [sys.executable, "-c", SLOWLY, str(old.folder), chroma_url]
        with subprocess.Popen(command, cwd=ROOT, env=PATHS, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            said = [process.stdout.readline().split() for _ in range(lines)]
            process.kill()
        missing.append(int(said[0][1]))
        assert found(old, "number 3")
        assert check(old).faults == ()
    assert missing[0] == 12
    assert missing[1] in (10, 8)  # what was stored when it was killed is not embedded again
    embedder = FakeEmbedder("slow")
    again = make_index(embedder=embedder)
    assert reembed(again).chunks == len(embedder.embedded) <= missing[1] - 4
    assert again.parts.vectors.spaces() == {"slow"}
    assert agree(again)
