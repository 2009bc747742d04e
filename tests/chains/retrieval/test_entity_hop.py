"""The second hop: sources that the best hits name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from asking import retrieve
from fakes import chunk, document, put

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


def found(index: Index, *steps: str, scope: Scope | None = None) -> list[Hit]:
    return list(retrieve(index, QUESTION, scope or Scope(), replace(index.settings, steps=steps)))


def test_a_source_that_a_sure_hit_names_comes_up(index: Index) -> None:
    without = [hit.chunk.title for hit in found(index, "lexical", "route")]
    hits = found(index, "lexical", "route", "entity_hop")
    assert "Ermengarde Quay" not in without
    assert [hit.chunk.title for hit in hits[:2]] == ["Lothar Weir", "Ermengarde Quay"]
    assert ("entity_hop", 1) in hits[1].ranks
    assert {hit.chunk.title for hit in hits} == {*without, "Ermengarde Quay"}


def test_a_hit_that_is_less_sure_passes_on_less(index: Index) -> None:
    """Without the route nothing is as sure as a named source can be; the best places stay as they were."""
    plain = [hit.chunk.id for hit in found(index, "lexical")]
    hopped = [hit.chunk.id for hit in found(index, "lexical", "entity_hop")]
    assert hopped[0] == plain[0]
    assert set(plain) < set(hopped)


def test_of_a_table_the_rows_asked_for_name_first(make_index: MakeIndex) -> None:
    index = make_index()
    rows = "Player | Country\nAda Quay | Northland\nBo Weir | Southland\nCy Mole | Eastland"
    drafted = chunk(rows, source="Draft.md", title="Draft", kind="table", first_row=1, last_row=4)
    put(index, [drafted], replace(document("Draft.md"), title="Draft"))
    for title in ("Northland", "Southland", "Eastland"):
        words = f"{title} has many people."
        put(index, [chunk(words, source=f"{title}.md", title=title)], replace(document(f"{title}.md"), title=title))
    settings = replace(index.settings, steps=("lexical", "entity_hop"))
    hits = retrieve(index, "How many people live where Bo Weir of the draft is from?", Scope(), settings)
    assert [hit.chunk.title for hit in hits[:2]] == ["Draft", "Southland"]
    settings = replace(settings, steps=("lexical",))
    hits = retrieve(index, "How many people live where Bo Weir of the draft is from?", Scope(), settings)
    assert [hit.chunk.title for hit in hits[:2]] != ["Draft", "Southland"]


def test_it_does_not_leave_the_scope(index: Index) -> None:
    scope = Scope(sources=("Lothar Weir.md", "Berta Mole.md"))
    hits = found(index, "lexical", "route", "entity_hop", scope=scope)
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
