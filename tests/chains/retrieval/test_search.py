"""The steps of retrieval, one by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from asking import retrieve
from fakes import FakeEmbedder, chunk, document, put, settings_at

from chains.pipeline import build, resources_of
from chains.retrieval.base import Ranking
from chains.retrieval.search import fuse
from config import RETRIEVAL_STEPS, Settings
from errors import SettingsError
from records import GUEST, Scope
from store.index import Index

EVERYTHING = Scope()


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    with Index(settings_at(tmp_path), FakeEmbedder()) as one:  # type: ignore[arg-type]
        for company in ("harbour", "ferries"):
            source = f"{company}_2024.pdf"
            put(
                one,
                [
                    chunk(
                        "The sales team met and spoke of revenue and of revenue goals.", source=source, id=f"{company}1"
                    ),
                    chunk(
                        "Year | 2024\nNet sales | 12.5",
                        source=source,
                        id=f"{company}2",
                        kind="table",
                        context="Report › Consolidated Statements of Income",
                    ),
                    chunk("Nobody was hurt.", source=source, id=f"{company}3"),
                ],
                document(source),
            )
        yield one


def found(index: Index, question: str, *steps: str, scope: Scope = EVERYTHING) -> list[str]:
    return [hit.chunk.id for hit in retrieve(index, question, scope, replace(index.settings, steps=steps))]


def test_a_source_that_is_named_comes_first(index: Index) -> None:
    for company in ("harbour", "ferries"):
        ids = found(index, f"What was revenue of {company} in 2024?", "dense", "lexical", "learned")
        assert all(id_.startswith(company) for id_ in ids[:2])


def test_within_one_source_no_other_is_found(index: Index) -> None:
    scope = Scope(sources=("ferries_2024.pdf",))
    ids = found(index, "What was revenue of harbour?", *RETRIEVAL_STEPS, scope=scope)
    assert ids
    assert all(id_.startswith("ferries") for id_ in ids)


def test_the_glossary_brings_the_statement_that_shares_no_word(index: Index) -> None:
    question = "Did the gross margin of harbour improve?"
    assert "harbour2" not in found(index, question, "lexical")
    assert found(index, question, "lexical", "sections", "learned")[0] == "harbour2"
    assert found(index, "Who met?", "lexical", "sections") == found(index, "Who met?", "lexical")


def test_the_statement_itself_comes_before_what_speaks_of_it(index: Index) -> None:
    headed = ("Selected Data", "Consolidated Statements of Income")
    tables = [
        chunk(
            f"Year | 2024\nGross profit margin | {number}",
            source="weir.pdf",
            id=f"weir{number}",
            kind="table",
            section=(heading,),
            context=heading,
        )
        for number, heading in enumerate(headed)
    ]
    put(index, tables, document("weir.pdf"))
    scope = Scope(sources=("weir.pdf",))
    itself = "What was the gross profit margin on the selected data?"
    assert found(index, itself, "lexical", scope=scope) == ["weir0", "weir1"]
    assert found(index, itself, "lexical", "sections", scope=scope) == ["weir1", "weir0"]
    of_a_part = "What was the gross profit margin of the segment on the selected data?"
    assert found(index, of_a_part, "lexical", "sections", scope=scope) == ["weir0", "weir1"]


def test_kinds_that_are_not_asked_for_stay_away(index: Index) -> None:
    ids = found(index, "Did the gross margin of harbour improve?", *RETRIEVAL_STEPS, scope=Scope(kinds=("text",)))
    assert not [id_ for id_ in ids if id_.endswith("2")]


def test_a_source_that_came_or_went_is_known_at_once(index: Index) -> None:
    names = resources_of(index, index.settings).names
    assert "weir_2024.pdf" not in names.of(GUEST).match("the weir")
    put(index, [chunk("It stood.", source="weir_2024.pdf")], document("weir_2024.pdf"))
    assert "weir_2024.pdf" in names.of(GUEST).match("the weir")
    index.remove("weir_2024.pdf")
    assert "weir_2024.pdf" not in names.of(GUEST).match("the weir")


def test_a_step_that_does_not_exist_is_named(index: Index) -> None:
    with pytest.raises(SettingsError, match=r"'magic'.*dense"):
        build(index, replace(index.settings, steps=("dense", "magic")))


def test_steps_go_on_working_under_their_former_names() -> None:
    assert Settings.from_env({"RETRIEVAL_STEPS": "dense, glossary coverage years route bridge"}).steps == (
        "dense",
        "sections",
        "learned",
        "entity_hop",
    )


def test_rankings_count_by_their_weight() -> None:
    one, two = chunk("x"), chunk("y")
    hits = fuse({"a": Ranking([(one, 0.9), (two, 0.8)]), "b": Ranking([(two, 3.0)], weight=0.5)}, k=20)
    assert [(hit.chunk.id, hit.score) for hit in hits] == [("y", 1 / 22 + 0.5 / 21), ("x", 1 / 21)]
    assert hits[0].ranks == (("a", 2), ("b", 1))
    assert hits[0].scores == (("a", 0.8), ("b", 3.0))
