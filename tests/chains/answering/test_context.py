"""What a model gets to read. The fake tokenizer counts words and marks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from fakes import chunk, count_words, document, put, table

from chains.answering.generative.context import PromptContext, prompt_context
from chains.pipeline import resources_of
from records import GUEST, Access, Chunk, Hit, Principal
from store.index import Index

MakeIndex = Callable[..., Index]
WORDS = ("zero", "one", "two", "three", "four", "five", "six")


def in_section(number: int, section: str = "Mill", **fields: object) -> Chunk:
    """A chunk of three tokens; "T › Mill, page 1 (text)" above has nine, and five for its mark."""
    text = f"{WORDS[number]} flat stones"
    return chunk(text, title="T", section=(section,), ordinal=number, **fields)


def read(
    index: Index, hits: Sequence[Chunk], budget: int, question: str = "?", asks: Principal = GUEST
) -> PromptContext:
    resources = resources_of(index, index.settings)
    return prompt_context(question, [Hit(chunk=one, score=1.0) for one in hits], budget, resources, asks)


def shown(found: PromptContext) -> list[list[str]]:
    """The first word of each chunk, by passage."""
    return [[one.text.split()[0] for one in passage.chunks] for passage in found.passages]


def test_hits_come_first_then_neighbours_in_reading_order(make_index: MakeIndex) -> None:
    index = make_index()
    chunks = [in_section(number) for number in range(7)]
    put(index, chunks)
    hits = [chunks[5], chunks[1]]
    assert shown(read(index, hits, 17)) == []  # 9 + 5 for the heading and 3 + 1 for the words
    assert shown(read(index, hits, 18)) == [["five"]]
    assert shown(read(index, hits, 22)) == [["one", "five"]]
    # behind the best hit, then before it; five tokens that are left are too few to look further
    assert shown(read(index, hits, 29)) == [["one", "five", "six"]]
    assert shown(read(index, hits, 35)) == [["one", "four", "five", "six"]]
    assert shown(read(index, hits, 900)) == [list(WORDS)]


def test_neighbours_end_with_the_section(make_index: MakeIndex) -> None:
    index = make_index()
    chunks = [in_section(number, "Mill" if number in (1, 2, 4) else "Weir") for number in range(6)]
    put(index, chunks)
    assert shown(read(index, [chunks[2]], 900)) == [["one", "two"]]


def test_neighbours_that_the_reader_may_not_see_stay_out(make_index: MakeIndex) -> None:
    index = make_index()
    chunks = [in_section(number) for number in range(3)]
    put(index, chunks)
    index.catalog.set_access("a.md", Access(readers=("staff",)))
    assert shown(read(index, [chunks[1]], 900, asks=Principal(groups=frozenset({"staff"})))) == [["zero", "one", "two"]]
    assert shown(read(index, [chunks[1]], 900)) == [["one"]]


def test_sources_by_their_best_hit_and_pages_apart(make_index: MakeIndex) -> None:
    index = make_index()
    first = [in_section(0), in_section(1, page=2)]
    other = in_section(2, source="b.md")
    put(index, first)
    put(index, [other], document("b.md"))
    found = read(index, [other, first[1], first[0]], 900)
    assert shown(found) == [["two"], ["zero"], ["one"]]
    assert found.text == (
        "[1] T › Mill, page 1 (text)\ntwo flat stones\n\n"
        "[2] T › Mill, page 1 (text)\nzero flat stones\n\n"
        "[3] T › Mill, page 2 (text)\none flat stones"
    )


def test_the_same_words_of_a_source_are_read_once(make_index: MakeIndex) -> None:
    index = make_index()
    twice = [in_section(0, id="a"), in_section(0, id="b", page=2)]
    put(index, twice)
    assert shown(read(index, twice, 900)) == [["zero"]]


def test_figures_stand_alone_with_their_picture(make_index: MakeIndex) -> None:
    index = make_index()
    asset = index.assets.put(b"png", ".png")
    figure = in_section(1, kind="image", picture=asset, element=asset)
    chunks = [in_section(0), figure, in_section(2)]
    put(index, chunks)
    found = read(index, [figure], 900)
    assert [(len(one.chunks), one.picture) for one in found.passages] == [(2, ""), (1, asset)]


ROWS = (("Plant", "MWh"), ("Weir", "310"), ("Roof", "420"), ("Dyke", "530"), ("Mole", "640"))


@pytest.fixture
def plants(make_index: MakeIndex) -> tuple[Index, Chunk]:
    """A table of a caption, a header and four rows, each of three tokens; found by its second row."""
    index = make_index()
    asset = index.assets.put_table(table(*ROWS, caption="Power"))
    part = chunk("part", title="T", kind="table", table=asset, first_row=2, last_row=3)
    put(index, [part])
    return index, part


def test_a_table_is_whole_where_it_takes_a_third_of_the_budget(plants: tuple[Index, Chunk]) -> None:
    index, part = plants
    whole = "Power\nPlant | MWh\nWeir | 310\nRoof | 420\nDyke | 530\nMole | 640"
    assert count_words(whole) == 16
    (passage,) = read(index, [part, part], 48).passages
    assert passage.text == f"T, page 1 (table)\n{whole}"
    assert [(one.id, one.first_row, one.last_row) for one in passage.chunks] == [("part", 1, 5)]


def test_else_the_rows_found_and_then_those_asked_for(plants: tuple[Index, Chunk]) -> None:
    index, part = plants
    # a third of 47 is 15: four of caption and header, and of 3 + 1 tokens each row two
    (passage,) = read(index, [part], 47, "How much did the Mole give?").passages
    assert passage.text == "T, page 1 (table)\nPower\nPlant | MWh\nRoof | 420\nMole | 640"
    (passage,) = read(index, [part], 47).passages
    assert passage.text == "T, page 1 (table)\nPower\nPlant | MWh\nRoof | 420"


def test_a_cell_over_several_rows_stands_in_each() -> None:
    from chains.answering.generative.context import table_lines
    from records import Cell, Table

    cells = (
        Cell(row=0, col=0, text="North", rowspan=2),
        Cell(row=0, col=1, text="a\nb", colspan=2),
        Cell(row=1, col=2, text="c"),
    )
    assert list(table_lines(Table(cells=cells, n_rows=3, n_cols=3))) == ["North | a b | ", "North |  | c", ""]


def test_the_text_keeps_within_the_budget(make_index: MakeIndex) -> None:
    index = make_index()
    chunks = [in_section(number, f"S{number}", page=number + 1) for number in range(7)]
    put(index, chunks)
    for budget in range(0, 150, 7):
        assert count_words(read(index, chunks, budget).text) <= budget


def test_titles_and_headings_are_said_once_and_what_says_no_more_is_left_out(make_index: MakeIndex) -> None:
    index = make_index()
    one = chunk("Mill\nIt has two wheels.\nMill", title="Mill", section=("Mill", "Wheels"), ordinal=0)
    heading = chunk("Roofs", title="Mill", section=("Roofs",), ordinal=1)
    empty = chunk("", id="p", kind="image", picture="p.png", title="Mill", section=("Figures",), ordinal=2)
    put(index, [one, heading])
    assert read(index, [one, heading, empty], 900).text == (
        "[1] Mill › Wheels, page 1 (text)\nIt has two wheels.\nMill"
    )
