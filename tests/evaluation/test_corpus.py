"""A pack's passages and documents in an index."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from fakes import FakeEmbedder, agree

from evaluation.corpus import Corpus, IngestCost, IngestLog
from evaluation.load import load_pack
from evaluation.packs import Pack
from records import Scope
from store.index import Index

PASSAGES = [
    ("p1", "Oslo", "Oslo lies in Norway."),
    ("p2", "Bergen", "Bergen has much rain."),
    ("p3", "Ulm", "A spire."),
]


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    documents = tmp_path / "pack" / "documents"
    documents.mkdir(parents=True)
    lines = [json.dumps({"id": id_, "title": title, "text": text}) for id_, title, text in PASSAGES]
    (documents / "corpus.jsonl").write_text("\n".join(lines))
    question = {"id": "1", "question": "Rain?", "answer": "much", "evidence": [{"source": "p2"}], "kind": "k"}
    (documents.parent / "questions.jsonl").write_text(json.dumps(question))
    return load_pack(documents.parent)


def test_each_passage_is_a_source_with_its_title(pack: Pack, make_index: Callable[..., Index]) -> None:
    index = make_index()
    corpus = Corpus(pack, index)
    seen: list[str] = []
    cost = corpus.ingest(seen.append)
    assert (cost.sources, cost.pages, seen) == (3, 3, ["p1", "p2", "p3"])
    (chunk,) = index.catalog.chunks_of(corpus.source("p2"))
    assert (chunk.text, chunk.title) == ("Bergen has much rain.", "Bergen")
    assert corpus.name(chunk.source) == "p2"


def test_again_is_a_no_op_and_a_run_cut_off_goes_on(
    pack: Pack, make_index: Callable[..., Index], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evaluation.corpus.PASSAGES_AT_ONCE", 2)
    index = make_index()
    corpus = Corpus(pack, index)

    class Cut(Exception):
        pass

    def cut(source: str) -> None:
        if source == "p2":
            raise Cut

    with pytest.raises(Cut):
        corpus.ingest(cut)
    before = corpus.fingerprint()
    assert corpus.ingest().sources == 1
    assert corpus.fingerprint() != before
    assert corpus.ingest() == IngestCost()


def test_the_scope_is_everything_unless_the_index_holds_more(pack: Pack, make_index: Callable[..., Index]) -> None:
    index = make_index()
    corpus = Corpus(pack, index)
    corpus.ingest()
    assert corpus.scope() == Scope()
    assert corpus.scope(["p3"]) == Scope(sources=(corpus.source("p3"),))
    other = Pack(name="less", folder=pack.folder, documents=(pack.folder / "x.md",))
    assert Corpus(other, index).scope() == Scope(sources=(str(pack.folder / "x.md"),))


def test_costs_of_several_runs_add_up(tmp_path: Path) -> None:
    log = IngestLog(tmp_path / "intake.jsonl")
    log.add(IngestCost(seconds=2.0, sources=1, pages=10, peak_bytes=5))
    log.add(IngestCost())
    total = log.add(IngestCost(seconds=1.0, sources=1, pages=4, peak_bytes=3, failed=("b.pdf: broken",)))
    assert total == IngestCost(seconds=3.0, sources=2, pages=14, peak_bytes=5, failed=("b.pdf: broken",))
    assert log.add(IngestCost()).failed == ()


def test_another_embedding_model_embeds_what_is_in_anew(pack: Pack, make_index: Callable[..., Index]) -> None:
    Corpus(pack, make_index()).ingest()
    embedder = FakeEmbedder()
    other = make_index(embedder=embedder)
    assert Corpus(pack, other).ingest().sources == 0  # nothing is parsed again
    assert agree(other)
    assert other.parts.vectors.spaces() == {embedder.fingerprint}
