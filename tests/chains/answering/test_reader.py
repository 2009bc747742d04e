"""Evidence, its retrieval, and the reader that quotes it or says that there is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from asking import read, read_table
from fakes import chunk, put, table

from chains.answering.evidence import cells_box, collect
from chains.answering.extractive.score import rate
from chains.pipeline import resources_of
from config import Settings
from records import GUEST, Cell, Chunk, Hit, Span, Table
from store.assets import Assets
from store.index import Index

MakeIndex = Callable[..., Index]
LINES = ("The weir was built in 1931.", "It was sold to 62 households in 2009.", "Short one.")
BOXES = tuple((0.0, 10.0 * n, 100.0, 10.0 * n + 8) for n in range(3))


def placed(*lines: str) -> Chunk:
    """A text chunk, one line of it to a sentence."""
    text, spans = "", []
    for n, line in enumerate(lines):
        text += " " if text else ""
        spans.append(Span(len(text), len(text) + len(line), (0.0, 10.0 * n, 100.0, 10.0 * n + 8)))
        text += line
    return chunk(text, spans=tuple(spans), bbox=(0.0, 0.0, 100.0, 100.0))


def hits(*chunks: Chunk) -> list[Hit]:
    return [Hit(chunk=one, score=1 / (60 + rank)) for rank, one in enumerate(chunks, start=1)]


def tabled(
    assets: Assets, whole: Table, first: int = 0, last: int = 99, source: str = "a.md", **fields: object
) -> Chunk:
    name = assets.put_table(whole)
    text = " ".join(cell.text for cell in whole.cells if cell.row < whole.header_rows or first <= cell.row < last)
    return chunk(
        text, id=f"{name}{first}", kind="table", table=name, first_row=first, last_row=last, source=source, **fields
    )


def test_what_is_read_again_is_embedded_once(make_index: MakeIndex) -> None:
    index = make_index()
    found = hits(placed(*LINES))
    put(index, [one.chunk for one in found])
    own, embedded = resources_of(index, index.settings), index.embedder.embedded  # type: ignore[attr-defined]
    for question in ("When was the weir built?", "When was the weir sold?"):
        rate(question, found, own, GUEST)
    assert embedded.count(LINES[0]) == 1


# --- evidence ------------------------------------------------------------------------------------------------------------


def test_sentences_are_evidence_with_their_rectangles(tmp_path: Path) -> None:
    found = collect(hits(placed(*LINES)), Assets(tmp_path))
    assert [(one.quote, one.bbox) for one in found] == [
        (LINES[0], BOXES[0]),
        (f"{LINES[0]} {LINES[1]}", (0.0, 0.0, 100.0, 18.0)),  # "It" says nothing without the sentence before
    ]


@pytest.mark.parametrize(
    ("question", "heading", "answers"),
    [
        ("What did the fish pass cost?", "3.1 The fish pass", False),
        ("Who built the fish pass?", "The fish pass built 4", False),  # a number that was not asked for
        ("How much did the fish pass cost?", "The fish pass cost 4", True),
        ("Did the fish pass cost much?", "The fish pass cost much", True),
        ("What did the fish pass cost?", "The fish pass cost nothing", True),
    ],
)
def test_what_only_repeats_the_question_answers_nothing(
    make_index: MakeIndex, question: str, heading: str, answers: bool
) -> None:
    index = make_index()
    put(index, [chunk(heading)])
    assert bool(rate(question, hits(chunk(heading)), resources_of(index, SETTINGS), GUEST)) is answers


def test_in_a_picture_a_name_and_a_number_are_enough_but_a_number_is_not(tmp_path: Path) -> None:
    figure = chunk("Figure 2. Downtime.\nGearbox 212\n100\n200", kind="image", bbox=(1, 2, 3, 4))
    found = collect(hits(figure), Assets(tmp_path))
    assert [(one.quote, one.about) for one in found] == [
        ("Figure 2. Downtime.", ""),
        ("Gearbox 212", "Figure 2. Downtime."),
    ]
    assert {one.bbox for one in found} == {(1, 2, 3, 4)}


def test_rows_are_evidence_with_what_names_them(tmp_path: Path) -> None:
    whole = table(
        ("Item", "2025"), ("Income", ""), ("Wind", "3,753"), ("", ""), ("Hydro", "903"), caption="Table 2.", boxes=True
    )
    assets = Assets(tmp_path)
    found = collect(hits(tabled(assets, whole, 1, 3), tabled(assets, whole, 2, 5)), assets)
    assert [(one.rank, one.row, one.quote, one.about) for one in found] == [
        (1, 2, "Wind 3,753", "Table 2. Income"),
        (2, 4, "Hydro 903", "Table 2. Income"),
    ]
    assert found[0].bbox == (0.0, 20.0, 190.0, 28.0)


@pytest.mark.parametrize(
    ("question", "columns"),
    [
        ("What was wind in FY2024? Answer in thousands.", (1,)),
        ("What was wind in fiscal 2023, in thousands?", (2,)),
        ("What was wind?", ()),
    ],
)
def test_the_year_says_which_column_and_units_do_not(
    make_index: MakeIndex, question: str, columns: tuple[int, ...]
) -> None:
    index = make_index()
    whole = table(("Item", "As of May 2024", "As of May 2023 (in thousands)", "Note"), ("Wind", "3,753", "2,980", "4"))
    put(index, [tabled(index.assets, whole, 1, 2)])
    (found,) = rate(question, hits(tabled(index.assets, whole, 1, 2)), resources_of(index, SETTINGS), GUEST)
    assert found.columns == columns


def test_the_box_of_cells_counts_spans() -> None:
    cells = (
        Cell(row=0, col=0, text="a", rowspan=2, bbox=(0, 0, 1, 2)),
        Cell(row=1, col=1, text="b", bbox=(1, 1, 2, 2)),
    )
    whole = Table(cells=cells, n_rows=2, n_cols=2)
    assert cells_box(whole, [1]) == (0, 0, 2, 2)
    assert cells_box(whole, [1], [1]) == (1, 1, 2, 2)
    assert cells_box(whole, [0], [1]) is None


# --- reading -------------------------------------------------------------------------------------------------------------

SETTINGS = Settings()
OUTPUT = table(
    ("Plant", "Output 2024", "Output 2025", "Staff"),
    ("Aldra Weir", "10,480", "9,310", "4"),
    ("Gannet Ridge", "38,900", "42,650", "7"),
    ("Quayside Roofs", "3,720", "4,040", "2"),
    ("All plants", "53,100", "56,000", "13"),
    boxes=True,
)


@pytest.fixture
def index(make_index: MakeIndex) -> Index:
    """An index of a few texts, so that words have a rarity."""
    opened = make_index()
    said = (
        "a weir",
        "the roofs",
        "households of the bay",
        "output of plants",
        "a fish",
        "what Gannet Ridge brought in 2025",
    )
    put(opened, [chunk(text) for text in said])
    return opened


def test_the_sentence_that_answers_is_quoted(index: Index) -> None:
    given, sure = hits(chunk("Fish swim."), placed(*LINES)), replace(SETTINGS, min_confidence=0.0)
    answer = read("To how many households was the weir sold?", given, index, sure)
    assert not answer.abstained
    assert answer.done
    assert answer.statements[0].text == f"“{LINES[0]} {LINES[1]}”"
    assert answer.statements[0].citations == (1,)
    assert (answer.citations[0].n, answer.citations[0].bbox) == (1, (0.0, 0.0, 100.0, 18.0))
    assert answer.citations[0].quote == f"{LINES[0]} {LINES[1]}"


def test_the_cell_in_the_row_and_column_asked_for_is_said(index: Index) -> None:
    chunks = hits(tabled(index.assets, OUTPUT))
    answer = read("What was the output of Gannet Ridge in 2025?", chunks, index, SETTINGS)
    assert answer.statements[0].text == "Gannet Ridge — Output 2025: 42,650"
    assert answer.citations[0].quote == "Plant Output 2025\nGannet Ridge 42,650"
    assert answer.citations[0].bbox == (0.0, 0.0, 290.0, 28.0)


def test_a_row_is_said_whole_when_no_column_is_asked_for(index: Index) -> None:
    answer = read("What of Gannet Ridge?", hits(tabled(index.assets, OUTPUT)), index, SETTINGS)
    assert answer.statements[0].text == "Gannet Ridge — Output 2024: 38,900; Output 2025: 42,650; Staff: 7"


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Which plant had the lowest output in 2025?", "Quayside Roofs — Output 2025: 4,040 (lowest of those listed)"),
        ("Which plant had the most staff?", "Gannet Ridge — Staff: 7 (most of those listed)"),
    ],
)
def test_a_superlative_compares_the_column_without_its_total(index: Index, question: str, said: str) -> None:
    answer = read(question, hits(tabled(index.assets, OUTPUT)), index, SETTINGS)
    assert [one.text for one in answer.statements] == [said]
    assert "Aldra Weir" in answer.citations[0].quote
    assert "All plants" not in answer.citations[0].quote


def test_a_name_that_no_document_knows_is_not_answered_with_another_s(index: Index) -> None:
    given = hits(tabled(index.assets, OUTPUT))
    answer = read("What was the output of Petrel Ridge in 2025?", given, index, SETTINGS)
    assert answer.abstained
    assert answer.out_of_corpus == ("Petrel",)
    assert answer.hits == tuple(given)
    assert read_table("How many plants have more output than Petrel?", given, index, SETTINGS) is None


def test_a_word_that_no_document_holds_asks_for_more(index: Index) -> None:
    question, given = "When was the weir dismantled?", hits(placed(*LINES))
    sure = read(question, given, index, replace(SETTINGS, min_confidence=0.0)).confidence
    assert sure is not None
    least = 1.01 * sure
    strict = replace(SETTINGS, min_confidence=least, min_passage_confidence=0.0)
    assert read(question, given, index, strict).outcome == "passages"
    put(index, [placed(*LINES), chunk("it was dismantled")])
    assert read(question, given, index, strict).outcome == "answered"


def test_without_evidence_it_says_so(index: Index) -> None:
    question = "What salary did the director receive?"
    for given in (hits(placed(*LINES)), hits(tabled(index.assets, OUTPUT)), [], hits(chunk(""))):
        answer = read(question, given, index, SETTINGS)
        assert answer.abstained
        assert answer.done
        assert (answer.statements, answer.citations) == ((), ())
        assert answer.hits == tuple(given)


def test_confidence_can_be_asked_for_more_or_not_at_all(index: Index) -> None:
    question, given = "When was the weir built?", hits(placed(*LINES))
    strict = replace(SETTINGS, min_confidence=1.01, min_passage_confidence=1.01)
    assert read(question, given, index, strict).outcome == "nothing"
    assert read("What salary?", given, index, replace(SETTINGS, min_confidence=0.0)).outcome == "answered"


def test_weak_evidence_is_quoted_as_the_nearest_passages(index: Index) -> None:
    question, given = "When was the weir built?", hits(placed(*LINES))
    weak = replace(SETTINGS, min_confidence=1.01, min_passage_confidence=0.0)
    answer = read(question, given, index, weak)
    assert (answer.outcome, answer.abstained) == ("passages", False)
    assert answer.citations[0].quote == " ".join(LINES)  # with what stands around it
    assert answer.citations[0].bbox == (0.0, 0.0, 100.0, 28.0)
    assert read(question, given, index, replace(SETTINGS, min_confidence=0.0)).citations[0].quote == LINES[0]


def test_only_top_k_hits_are_read(index: Index) -> None:
    given = hits(chunk("Fish swim up."), placed(*LINES))
    assert read("When was the weir built?", given, index, replace(SETTINGS, top_k=1)).abstained
