"""The second hop: sources that the best hits name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from asking import EVERYTHING, retrieve
from fakes import chunk, document, put

from chains.pipeline import resources_of
from chains.retrieval.base import Query
from records import Hit, Scope
from store.index import Index
from text.source_names import SourceNames

MakeIndex = Callable[..., Index]
QUESTION = "When did the mother of Lothar Weir die?"


@pytest.fixture
def index(make_index: MakeIndex) -> Index:
    """A man, his mother, who shares no word with the question, and others who share some."""
    index = make_index()
    pages = {
        "Lothar Weir": "Lothar Weir was a king, the second son of Ermengarde Quay, and ruled the harbour.",
        "Ermengarde Quay": "She passed away on 20 March 851 in the abbey that she had founded.",
        "Berta Mole": "The mother of a king, she did not die young; his mother was old when she had to die.",
        "Anna Pier": "When a mother has to die, the king mourns.",
    }
    for title, words in pages.items():
        source = f"{title}.md"
        put(index, [chunk(words, source=source, title=title)], replace(document(source), title=title))
    return index


def found(index: Index, *steps: str, question: str = QUESTION, scope: Scope = EVERYTHING) -> list[Hit]:
    return list(retrieve(index, question, scope, replace(index.settings, steps=steps)))


def sureness(hit: Hit) -> float:
    """What the hop says of a hit; 0 where no hit names its source."""
    return dict(hit.scores).get("entity_hop", 0.0)


def test_a_source_that_a_hit_names_is_noted_and_added_at_the_end(index: Index) -> None:
    """The king's page comes first and is named, so it is as sure as can be."""
    plain = found(index, "lexical")
    hits = found(index, "lexical", "entity_hop")
    assert [hit.chunk.title for hit in plain] == ["Lothar Weir", "Berta Mole", "Anna Pier"]
    assert hits[:3] == plain
    assert [(hit.chunk.title, hit.ranks, hit.score) for hit in hits[3:]] == [
        ("Ermengarde Quay", (("entity_hop", 1),), 0.0)
    ]
    named = {"Lothar Weir.md": 1.0}
    assert Query(QUESTION, Scope(), resources_of(index, index.settings)).named == named
    assert sureness(hits[3]) == ((1.0 + 1.0) / 2) ** 2


def test_a_hit_that_is_less_sure_passes_on_less(index: Index) -> None:
    """Nothing names this page's source, so that half of its fused score is left, and its square counts."""
    words = "Berta Mole was often mistaken for Anna Pier."
    put(index, [chunk(words, source="Notes.md", title="Notes")], replace(document("Notes.md"), title="Notes"))
    hits = {hit.chunk.title: hit for hit in found(index, "lexical", "entity_hop", question="Who was often mistaken?")}
    assert hits["Notes"].score == 1.0
    assert [sureness(hits[title]) for title in ("Anna Pier", "Notes")] == [0.25, 0.0]
    known = next(
        hit for hit in found(index, "lexical", question="Who was often mistaken?") if hit.chunk.title == "Notes"
    )
    assert known == hits["Notes"]


def test_what_the_hop_found_comes_up(index: Index) -> None:
    before = [hit.chunk.title for hit in found(index, "lexical", "entity_hop")]
    titles = [hit.chunk.title for hit in found(index, "lexical", "entity_hop", "learned")]
    assert titles[0] == before[0] == "Lothar Weir"
    assert titles.index("Ermengarde Quay") < before.index("Ermengarde Quay") == len(before) - 1


def test_of_a_table_the_rows_asked_for_name_first(make_index: MakeIndex) -> None:
    index = make_index()
    rows = "Player | Country\nAda Quay | Northland\nBo Weir | Southland\nCy Mole | Eastland"
    drafted = chunk(rows, source="Draft.md", title="Draft", kind="table", first_row=1, last_row=4)
    put(index, [drafted], replace(document("Draft.md"), title="Draft"))
    for title in ("Northland", "Southland", "Eastland"):
        words = f"{title} has many people."
        put(index, [chunk(words, source=f"{title}.md", title=title)], replace(document(f"{title}.md"), title=title))
    question = "How many people live where Bo Weir of the draft is from?"
    hits = found(index, "lexical", "entity_hop", question=question)
    sure = {hit.chunk.title: sureness(hit) for hit in hits}
    assert sure["Southland"] > sure["Northland"] == sure["Eastland"] == 0
    hits = found(index, "lexical", "entity_hop", "learned", question=question)
    assert [hit.chunk.title for hit in hits[:2]] == ["Draft", "Southland"]


def test_it_does_not_leave_the_scope(index: Index) -> None:
    scope = Scope(sources=("Lothar Weir.md", "Berta Mole.md"))
    hits = found(index, "lexical", "entity_hop", "learned", scope=scope)
    assert {hit.chunk.source for hit in hits} <= set(scope.sources or ())


def test_sources_of_the_same_title_name_each_other_not(make_index: MakeIndex) -> None:
    index = make_index()
    for year in (2022, 2023):
        source = f"harbour_{year}.pdf"
        words = f"Harbour Company reports its mother lode of {year}."
        put(
            index,
            [chunk(words, source=source, title="Harbour Company")],
            replace(document(source), title="Harbour Company"),
        )
    plain = retrieve(index, "mother lode of 2022", Scope(), replace(index.settings, steps=("lexical",)))
    assert (
        retrieve(index, "mother lode of 2022", Scope(), replace(index.settings, steps=("lexical", "entity_hop")))
        == plain
    )


NAMES = SourceNames(
    [
        ("a", "Mother (1914 film)"),
        ("b", "Mother"),
        ("c", "New York"),
        ("d", "New York Harbour"),
        ("e", "Ox"),
        *((f"x{n}", "Smith") for n in range(4)),
    ]
)


@pytest.mark.parametrize(
    ("text", "sources"),
    [
        ("She was in Mother, a film.", ["a", "b"]),
        ("her mother was there", []),  # no name
        ("from New York Harbour to new york, then New York", ["d", "c"]),
        ("Ox and Smith", []),  # too short; too many of that name
        ("", []),
    ],
)
def test_names_in_a_text(text: str, sources: list[str]) -> None:
    assert NAMES.mentioned(text) == sources
