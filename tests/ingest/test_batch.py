"""A batch of sources on its way into the index: what is bad fails alone, with a word that says why."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
from fakes import FakeEmbedder, agree, settings_at
from pdf_files import NO_PAGES, load_all_or_fail, load_or_fail, pdf, read_or_die, read_when_fresh

from errors import StoreError
from ingest import workers as workers_module
from ingest.outcome import Outcome
from ingest.parsers.memory import is_out_of_memory
from ingest.parsers.registry import PARSERS
from ingest.pipeline import READ_TOGETHER, ingest
from ingest.workers import Loaded, Workers
from records import Scope, Source
from store.index import Index
from store.maintenance.reembed import reembed
from store.new_document import NewDocument

Batch = tuple[Index, Workers]


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory, chroma_url: str) -> Iterator[Batch]:
    """An index and its workers; the tests share them, each with sources of its own."""
    settings = settings_at(tmp_path_factory.mktemp("batch"), chroma_url, workers=2)
    with Index(settings, FakeEmbedder()) as index, Workers(settings) as workers:  # type: ignore[arg-type]
        yield index, workers


class Idle(Workers):
    """Workers that must not be needed."""

    def load(self, source: str, known_hash: str) -> Loaded:
        raise AssertionError(f"{source} was loaded")


def take_in(batch: Batch, *paths: Path | str, **options: object) -> dict[str, Outcome]:
    index, workers = batch
    outcomes = list(ingest(index, [str(path) for path in paths], workers=workers, **options))  # type: ignore[arg-type]
    assert agree(index)
    return {Path(outcome.source).name: outcome for outcome in outcomes}


def file(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_in_a_mixed_batch_exactly_the_bad_fail_each_with_its_reason(batch: Batch, tmp_path: Path) -> None:
    good = [
        file(tmp_path / "good.md", "# Weir\n\nThe weir stood still."),
        file(tmp_path / "good.html", "<html><body><h1>Roofs</h1><p>The roofs gained a little.</p></body></html>"),
        file(tmp_path / "good.txt", "Plain words."),
        file(tmp_path / "good.pdf", pdf("The turbines were turned and they went on turning.")),
        file(tmp_path / "really a pdf.txt", pdf("Batteries were filled and emptied.")),
    ]
    bad = {
        file(tmp_path / "broken.pdf", pdf("x")[:200]): "broken",
        file(tmp_path / "text.pdf", "no PDF at all"): "broken",
        file(tmp_path / "locked.pdf", pdf("x", password="secret")): "encrypted",
        file(tmp_path / "no pages.pdf", NO_PAGES): "no pages",
        file(tmp_path / "blank.pdf", pdf("")): "holds no text, table or picture",
        file(tmp_path / "empty.md", ""): "empty",
        file(tmp_path / "zip.md", b"PK\x03\x04\x00\x00\x00\x00" * 50): "binary file",
        file(tmp_path / "picture.png", b"\x89PNG\r\n\x1a\n"): "not a readable picture",
        tmp_path / "missing.md": "does not exist",
    }
    outcomes = take_in(batch, *good, *bad)
    assert {name for name, outcome in outcomes.items() if outcome.status == "added"} == {path.name for path in good}
    for path, reason in bad.items():
        outcome = outcomes[path.name]
        assert outcome.status == "failed"
        assert reason in outcome.error
        assert path.name in outcome.error
    assert (outcomes["really a pdf.txt"].kind, outcomes["good.pdf"].kind) == ("pdf", "pdf")
    index = batch[0]
    stored = {Path(source.source).name for source in index.catalog.sources()}
    assert stored == {path.name for path in good}
    ranking = index.lexical.search("turbines", 5, Scope(sources=(str(tmp_path / "good.pdf"),)))
    assert [chunk.page for chunk, _ in ranking] == [1]


def test_an_unchanged_file_costs_nothing(batch: Batch, tmp_path: Path) -> None:
    index, _ = batch
    path = file(tmp_path / "a.md", "The weir stood still.")
    assert take_in(batch, path, path)["a.md"].status == "added"
    embedded = len(index.embedder.embedded)  # type: ignore[attr-defined]
    assert take_in((index, Idle(index.settings)), path)["a.md"].status == "unchanged"
    assert len(index.embedder.embedded) == embedded  # type: ignore[attr-defined]


def test_a_file_written_again_with_the_same_content_is_unchanged(batch: Batch, tmp_path: Path) -> None:
    index, _ = batch
    path = file(tmp_path / "a.pdf", pdf("The weir stood still for many days of the summer."))
    assert take_in(batch, path)["a.pdf"].status == "added"
    os.utime(path, (1, 1))
    seen: list[object] = []
    assert take_in(batch, path, on_pages=lambda *pages: seen.append(pages))["a.pdf"].status == "unchanged"
    assert seen == []
    assert take_in((index, Idle(index.settings)), path)["a.pdf"].status == "unchanged"


def test_a_changed_file_replaces_its_old_self(batch: Batch, tmp_path: Path) -> None:
    index, _ = batch
    path = file(tmp_path / "a.md", "# Old\n\nThe weir stood still.")
    take_in(batch, path)
    file(path, "# New\n\nThe roofs gained a little.")
    outcome = take_in(batch, path)["a.md"]
    assert (outcome.status, outcome.title, outcome.chunks) == ("updated", "New", {"text": 1})
    only = Scope(sources=(str(path),))
    assert index.lexical.search("weir", 5, only) == []
    assert len(index.lexical.search("roofs", 5, only)) == 1


def test_a_file_that_became_bad_keeps_its_old_self(batch: Batch, tmp_path: Path) -> None:
    index, _ = batch
    path = file(tmp_path / "a.pdf", pdf("The weir stood still for many days of the summer."))
    take_in(batch, path)
    file(path, b"%PDF-1.7 cut")
    assert take_in(batch, path)["a.pdf"].status == "failed"
    assert len(index.lexical.search("weir", 5, Scope(sources=(str(path),)))) == 1


def test_another_embedder_is_refused_and_what_was_to_come_waits(tmp_path: Path, chroma_url: str) -> None:
    settings = settings_at(tmp_path / "data", chroma_url, workers=1)
    first, second = file(tmp_path / "a.md", "The weir stood still."), file(tmp_path / "b.md", "The roofs gained.")
    with Workers(settings) as workers:
        with Index(settings, FakeEmbedder()) as index:  # type: ignore[arg-type]
            assert [outcome.status for outcome in ingest(index, [str(first)], workers=workers)] == ["added"]
        with Index(settings, FakeEmbedder()) as index:  # type: ignore[arg-type]
            with pytest.raises(StoreError, match="python -m ingest --reembed"):
                list(ingest(index, [str(first), str(second)], workers=workers))
            left = index.jobs.left()
            assert set(left) == {str(first), str(second)}
            reembed(index)
            found = {outcome.source: outcome.status for outcome in ingest(index, left, workers=workers)}
            assert found == {str(first): "unchanged", str(second): "added"}
            assert [chunk.text for chunk, _ in index.dense.search("weir", 1, Scope())] == ["The weir stood still."]


def test_pages_are_told_as_they_are_read(batch: Batch, tmp_path: Path) -> None:
    path = file(tmp_path / "long.pdf", pdf(*(f"Page {n} speaks of turbines and of weirs." for n in range(1, 11))))
    seen: list[tuple[str, int, int]] = []
    outcome = take_in(batch, path, on_pages=lambda *pages: seen.append(pages))["long.pdf"]
    assert {(source, total) for source, _, total in seen} == {(str(path), 10)}
    told = [done for _, done, _ in seen]
    assert told == sorted(told) and set(told) >= {0, 8, 10} and len(set(told)) > 3  # by page, not by eight
    assert (outcome.pages, outcome.losses) == (10, ())


def test_a_page_that_kills_its_reader_is_lost_alone(
    batch: Batch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paged = PARSERS["pdf"].paged
    assert paged is not None
    monkeypatch.setitem(PARSERS, "pdf", replace(PARSERS["pdf"], paged=replace(paged, read=read_or_die)))
    path = file(tmp_path / "deadly.pdf", pdf("First page about weirs.", "Deadly page.", "Third page about roofs."))
    outcome = take_in(batch, path)["deadly.pdf"]
    assert (outcome.status, outcome.pages) == ("added", 3)
    assert [(loss.what, "crash (exit code 11)" in loss.why) for loss in outcome.losses] == [
        ("1 of 3 pages", False),
        ("page 2", True),
    ]
    chunks = batch[0].catalog.chunks_of(str(path))
    assert [(chunk.page, chunk.text) for chunk in chunks] == [
        (1, "First page about weirs."),
        (3, "Third page about roofs."),
    ]


def test_pages_that_find_no_memory_in_a_grown_reader_are_read_by_a_fresh_one(
    batch: Batch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paged = PARSERS["pdf"].paged
    assert paged is not None
    monkeypatch.setitem(PARSERS, "pdf", replace(PARSERS["pdf"], paged=replace(paged, read=read_when_fresh)))
    path = file(tmp_path / "long.pdf", pdf(*(f"Page {n} speaks of weirs." for n in range(1, 11))))
    outcome = take_in(batch, path)["long.pdf"]
    assert (outcome.status, outcome.pages, outcome.losses) == ("added", 10, ())
    assert [chunk.page for chunk in batch[0].catalog.chunks_of(str(path))] == list(range(1, 11))


@pytest.mark.parametrize(
    ("error", "ran_out"),
    [
        (MemoryError(), True),
        (RuntimeError("Failed to allocate memory for requested buffer"), True),
        (ValueError("malformed table"), False),
    ],
)
def test_running_out_of_memory_is_told_from_other_errors(error: Exception, ran_out: bool) -> None:
    wrapped = RuntimeError("recognition failed")
    wrapped.__cause__ = error
    assert (is_out_of_memory(error), is_out_of_memory(wrapped)) == (ran_out, ran_out)


def test_a_source_that_kills_hangs_or_breaks_its_parser_fails_alone(
    batch: Batch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers_module, "load", load_or_fail)
    monkeypatch.setattr(workers_module, "load_all", load_all_or_fail)  # short files are read together
    reasons = {
        "crash.md": "made its reader crash (exit code 11)",
        "hang.md": "took more than 8 s",
        "memory.md": "more memory than reading it may take",
        "fault.md": "could not be parsed (RecursionError",
    }
    paths = [file(tmp_path / name, "words") for name in (*reasons, "good.md")]
    with Workers(replace(batch[0].settings, task_seconds=8)) as hasty:
        outcomes = take_in((batch[0], hasty), *paths)
    assert outcomes["good.md"].status == "added"
    assert {name: reasons[name] in outcomes[name].error for name in reasons} == dict.fromkeys(reasons, True)


def test_a_batch_that_is_stopped_ends_after_the_sources_at_hand(batch: Batch, tmp_path: Path) -> None:
    index, workers = batch
    paths = [str(file(tmp_path / f"{n}.md", f"Note {n}.")) for n in range(100)]
    stop = Event()
    done = []
    for outcome in ingest(index, paths, workers=workers, stop=stop):
        done.append(outcome.source)
        stop.set()
    assert 1 <= len(done) <= (workers.size + 2) * READ_TOGETHER < len(paths)
    assert all(index.catalog.fingerprint(source) for source in done)
    assert agree(index)


def test_short_files_are_stored_together_and_each_has_its_outcome(
    batch: Batch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index, _ = batch
    writes: list[int] = []
    put_all = index.put_all

    def counted(documents: Sequence[NewDocument], when: str) -> list[Source]:
        writes.append(len(documents))
        return put_all(documents, when)

    monkeypatch.setattr(index, "put_all", counted)
    paths = [file(tmp_path / f"{n}.md", f"Note {n}.") for n in range(READ_TOGETHER + 4)]
    paths.insert(2, file(tmp_path / "empty.md", ""))
    outcomes = take_in(batch, *paths)
    assert sorted(writes) == [5, READ_TOGETHER - 1]  # one of the first sixteen is empty
    assert [name for name, outcome in outcomes.items() if outcome.status == "failed"] == ["empty.md"]
    assert all(outcomes[f"{n}.md"].chunks == {"text": 1} for n in range(READ_TOGETHER + 4))


def test_giving_a_batch_up_leaves_the_index_in_agreement(batch: Batch, tmp_path: Path) -> None:
    index, workers = batch
    paths = [str(file(tmp_path / f"{n}.md", f"Note {n}.")) for n in range(10)]
    outcomes = ingest(index, paths, workers=workers)
    next(outcomes)
    outcomes.close()  # type: ignore[attr-defined]
    assert agree(index)
