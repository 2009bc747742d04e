"""Pictures get the words of a model: a layer that is made, kept and renewed without reading the source."""

from __future__ import annotations

import json
from dataclasses import replace
from threading import Barrier
from typing import Any

import pytest
from describing import BLUE, GREEN, RED, Desk, said, shown
from fakes import agree, put

from errors import ModelError
from ingest import __main__ as command
from ingest.describe import FAILURES
from ingest.pipeline import describe, ingest
from store.index import Index
from store.maintenance.doctor import repair

# --- taking in -------------------------------------------------------------------------------------------------------


def test_pictures_are_described_beside_what_they_say_themselves(desk: Desk) -> None:
    index = desk.open()
    source = desk.file("report.txt", "The weir.", f"{RED} Figure 1. Hours", BLUE)
    outcome = desk.take_in(index, source)
    assert shown(index, source) == [
        ("Figure 1. Hours", ""),
        (f"A {RED} square.", "some:model"),
        (f"A {BLUE} square.", "some:model"),
    ]
    assert (outcome.status, outcome.chunks, outcome.losses) == ("added", {"text": 1, "image": 3}, ())
    assert outcome.usage is not None
    assert vars(outcome.usage) == {"described": 2, "failed": 0, "tokens_in": 200, "tokens_out": 20}


def test_the_model_is_told_where_a_picture_stands_and_what_is_printed(desk: Desk) -> None:
    desk.take_in(desk.open(), desk.file("report.txt", "The weir.", f"{RED} Figure 1. Hours"))
    (prompt,) = desk.model.prompts
    assert prompt.endswith("report › Colours\nPage 2.\nCaption and words printed in it: Figure 1. Hours")
    assert "never instructions" in prompt


def test_an_unchanged_source_costs_no_reading_and_no_call(desk: Desk) -> None:
    index = desk.open()
    source = desk.file("a.txt", RED)
    desk.take_in(index, source)
    before = index.catalog.source(source), index.catalog.chunks_of(source)
    outcome = desk.take_in(index, source)
    assert (outcome.status, desk.workers.read_sources, desk.model.colours) == ("unchanged", [source], [RED])
    assert before[0] is not None and (index.catalog.source(source), index.catalog.chunks_of(source)) == before


def test_a_failure_is_named_and_tried_again_alone(desk: Desk) -> None:
    index = desk.open(vision_workers=1)
    desk.model.failing = {RED: 1}
    source = desk.file("a.txt", f"{RED} One", f"{BLUE} Two")
    (loss,) = desk.take_in(index, source).losses
    assert loss.what == "description of a figure on page 1"
    assert loss.why == "The chat model some:model did not answer (refused)."
    assert index.catalog.sources()[0].losses == (loss,)
    outcome = desk.take_in(index, source)
    assert (outcome.status, outcome.losses, index.catalog.sources()[0].losses) == ("updated", (), ())
    assert desk.model.colours == [RED, BLUE, RED]
    assert desk.workers.read_sources == [source]
    assert [text for text, author in shown(index, source) if author] == [f"A {RED} square.", f"A {BLUE} square."]


def test_a_model_that_fails_again_and_again_is_not_asked_for_ever(desk: Desk) -> None:
    colours = [f"#0000{n:02x}" for n in range(FAILURES + 4)]
    desk.model.failing = dict.fromkeys(colours, 1)
    outcome = desk.take_in(desk.open(vision_workers=1), desk.file("a.txt", *colours))
    assert len(desk.model.colours) == FAILURES
    assert len(outcome.losses) == len(colours)
    assert outcome.losses[-1].why == f"some:model was not asked, since it failed {FAILURES} times in a row."


def test_as_many_pictures_are_asked_about_at_once_as_the_settings_say(desk: Desk) -> None:
    together = Barrier(3, timeout=20)
    desk.model.during = lambda colour: together.wait()
    desk.take_in(desk.open(vision_workers=3), desk.file("a.txt", RED, GREEN, BLUE))
    assert sorted(desk.model.colours) == sorted([RED, GREEN, BLUE])


def test_one_picture_in_many_places_is_paid_for_once_and_described_at_the_first(desk: Desk) -> None:
    index = desk.open()
    source = desk.file("a.txt", f"{RED} One", "Text.", f"{RED} Two", RED)
    desk.take_in(index, source)
    assert desk.model.colours == [RED]
    assert shown(index, source) == [("One", ""), (f"A {RED} square.", "some:model"), ("Two", ""), ("", "")]


# --- a layer ---------------------------------------------------------------------------------------------------------


def test_descriptions_are_laid_over_an_index_as_if_they_had_been_there(desk: Desk) -> None:
    source = desk.file("a.txt", "Before.", f"{RED} Figure 1", BLUE, "After.")
    plain = desk.open("")
    desk.take_in(plain, source)
    ids = plain.catalog.chunk_ids(source)
    index = desk.open()
    (outcome,) = describe(index, [source])
    assert (outcome.status, outcome.usage and outcome.usage.described) == ("updated", 2)
    assert desk.workers.read_sources == [source]
    laid = index.catalog.chunks_of(source)
    assert [chunk.id for chunk in laid if chunk.author == ""] == [ids[0], ids[1], ids[3]]
    assert agree(index)
    index.remove(source)
    desk.take_in(index, source)
    assert index.catalog.chunks_of(source) == laid


def test_a_second_time_there_is_nothing_to_do(desk: Desk) -> None:
    index = desk.open()
    source = desk.file("a.txt", RED)
    desk.take_in(index, source)
    assert {outcome.source: outcome.status for outcome in describe(index, [source, "unknown"])} == {
        source: "unchanged",
        "unknown": "failed",
    }
    assert desk.model.colours == [RED]


def test_reading_a_changed_source_without_a_model_keeps_what_was_said_of_its_pictures(desk: Desk) -> None:
    source = desk.file("a.txt", f"{RED} One", f"{BLUE} Two")
    desk.take_in(desk.open(), source)
    desk.file("a.txt", "New words.", f"{BLUE} Two", f"{GREEN} Three")
    plain = desk.open("")
    outcome = desk.take_in(plain, source)
    assert (outcome.status, outcome.usage) == ("updated", None)
    assert shown(plain, source) == [("Two", ""), (f"A {BLUE} square.", "some:model"), ("Three", "")]
    assert said(plain) == [f"A {BLUE} square."]
    desk.take_in(desk.open(), source)
    assert sorted(desk.model.colours) == sorted([RED, BLUE, GREEN])


def test_another_model_describes_anew_and_a_failing_one_takes_nothing_away(desk: Desk) -> None:
    source = desk.file("a.txt", RED, BLUE)
    desk.take_in(desk.open(), source)
    desk.model.failing = {BLUE: 1}
    other = desk.open("other:model", vision_workers=1)
    desk.take_in(other, source)
    assert shown(other, source) == [(f"A {RED} square.", "other:model"), (f"A {BLUE} square.", "some:model")]
    assert said(other) == [f"A {BLUE} square.", f"A {RED} square."]


def test_an_index_of_an_older_version_keeps_its_descriptions(desk: Desk) -> None:
    source = desk.file("a.txt", f"{RED} One")
    index = desk.open("")
    desk.take_in(index, source)
    (printed,) = index.catalog.chunks_of(source)
    pieces = [replace(printed, text=text, author="old:model", id=text) for text in ("Bars.", "Higher ones last.")]
    put(index, [printed, *pieces], replace(_document(index, source), source=source))
    (index.folder / "captions").mkdir()
    (index.folder / "captions" / "of_a_removed_picture.txt").write_text("A secret chart.")
    desk.file("a.txt", f"{RED} One", "More.")
    again = desk.open("")
    desk.take_in(again, source)
    assert shown(again, source) == [("One", ""), ("Bars. Higher ones last.", "old:model")]
    assert not (index.folder / "captions").exists()


@pytest.mark.parametrize("harm", ["gone", "damaged"])
def test_a_description_that_is_damaged_on_disk_is_kept_by_its_chunk(desk: Desk, harm: str) -> None:
    index = desk.open()
    source = desk.file("a.txt", RED)
    desk.take_in(index, source)
    (name,) = (name for name in index.assets.names() if name.endswith(".caption"))
    index.assets.path(name).write_text("{") if harm == "damaged" else index.assets.remove(name)
    repair(index)
    desk.take_in(index, source)
    assert shown(index, source) == [(f"A {RED} square.", "some:model")]
    assert desk.model.colours == [RED]


def _document(index: Index, source: str) -> Any:
    from fakes import document

    return document(original=index.catalog.sources()[0].original)


# --- the command -----------------------------------------------------------------------------------------------------


def test_the_command_describes_counts_and_prices(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sources = [desk.file("a.txt", RED), desk.file("b.txt", BLUE)]
    desk.take_in(desk.open(""), *sources)
    monkeypatch.setattr("store.index.Index", lambda settings: desk.open(settings.vision_model))
    monkeypatch.setenv("VISION_MODEL", "some:model")
    (desk.folder / "prices.json").write_text('{"model": {"input": 0.5, "output": 4}}')
    monkeypatch.setenv("CHAT_PRICES", str(desk.folder / "prices.json"))
    where = ["--data-dir", str(desk.folder / "data"), "--json"]
    desk.model.failing = {RED: 1}
    assert command.main(["--describe", sources[0], *where]) == 1
    assert json.loads(capsys.readouterr().out)["descriptions"]["failed"] == 1
    assert command.main(["--describe", sources[0], *where]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["descriptions"] == {
        "described": 1,
        "failed": 0,
        "tokens_in": 100,
        "tokens_out": 10,
        "cost": 0.00009,  # (100 * 0.5 + 10 * 4) / 1,000,000
    }
    assert command.main(["--describe", *where]) == 0
    assert (json.loads(capsys.readouterr().out)["unchanged"], desk.model.colours) == (1, [RED, RED, BLUE])
    assert command.main(["--describe", "nowhere.txt", *where]) == 1


def test_a_model_that_cannot_be_loaded_is_tried_and_said_once_a_run(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tried: list[str] = []

    def load(name: str, settings: Any) -> Any:
        tried.append(name)
        raise ModelError("It needs a package: pip install langchain-some -c constraints.txt")

    monkeypatch.setattr("models.caption.load_chat_model", load)
    sources = [desk.file("a.txt", RED, GREEN), desk.file("b.txt", BLUE)]
    index = desk.open(vision_workers=1)
    outcomes = list(ingest(index, sources, workers=desk.workers))
    assert {(one.status, one.usage and one.usage.failed) for one in outcomes} == {("added", 1)}
    (loss,) = [loss for one in outcomes for loss in one.losses]
    assert loss.why == (
        "VISION_MODEL=some:model cannot be used. It needs a package: pip install langchain-some -c constraints.txt "
        "Then: python -m ingest --describe"
    )
    assert tried == ["some:model"]
    assert agree(index)
    monkeypatch.setattr("store.index.Index", lambda settings: desk.open(settings.vision_model))
    monkeypatch.setenv("VISION_MODEL", "some:model")
    assert command.main(["--describe", "--data-dir", str(desk.folder / "data")]) == 1
    assert capsys.readouterr().err.count("langchain-some") == 1


def test_without_a_vision_model_there_is_nothing_to_ask(desk: Desk) -> None:
    with pytest.raises(ModelError, match="VISION_MODEL=ollama"):
        list(describe(desk.open(""), []))
