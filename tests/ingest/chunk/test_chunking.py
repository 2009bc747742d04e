"""Elements become chunks that the embedder reads to the last word, at places that can be shown."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from fakes import count_words, document, table, text
from hypothesis import given, settings
from hypothesis import strategies as st
from invariants import broken, chunked

from ingest.chunk.chunker import Window
from models.embed import Tokenizer
from records import Cell, Chunk, Document, Element, Line, Picture, Table
from text.embedded import embedded_text

WINDOW = Window(60, count_words)


@pytest.fixture(scope="module")
def real() -> Window:
    """The window of the embedder that is used by default."""
    tokenizer = Tokenizer()
    return Window(tokenizer.limit, tokenizer.count)


def figure(*lines: str, caption: str = "", alt: str = "", **fields: object) -> Element:
    printed = tuple(Line(line, (0.0, 20.0 * n, 50.0, 20.0 * n + 10)) for n, line in enumerate(lines))
    picture = Picture(asset="picture", width=9, height=9, alt=alt)
    return Element(kind="image", lines=printed, caption=caption, picture=picture, **fields)  # type: ignore[arg-type]


def texts(chunks: list[Chunk]) -> list[str]:
    return [chunk.text for chunk in chunks]


# --- text ------------------------------------------------------------------------------------------------------------


def test_paragraphs_of_a_section_share_a_chunk_with_title_and_section_as_context() -> None:
    section = ("2 Generation",)
    doc = document("report.md", elements=[text("One.", section=section), text("Two.", section=section, top=50.0)])
    (chunk,) = chunked(doc, WINDOW)
    assert embedded_text(chunk) == "report › 2 Generation\nOne.\nTwo."
    assert (chunk.kind, chunk.page, chunk.section, chunk.title) == ("text", 1, section, "report")
    assert chunk.bbox == (10.0, 0.0, 510.0, 60.0)


def test_a_chunk_never_crosses_a_page() -> None:
    chunks = chunked(document(elements=[text("One."), text("Two.", page=2), text("Three.", page=2)]), WINDOW)
    assert [(chunk.page, chunk.text) for chunk in chunks] == [(1, "One."), (2, "Two.\nThree.")]


def test_a_heading_goes_with_the_text_below_it() -> None:
    elements = [
        text("word " * 40),
        text("Output", heading=1),
        text("Wind grew.", section=("Output",)),
    ]
    assert texts(chunked(document(elements=elements), WINDOW))[1:] == ["Output\nWind grew."]


def test_a_heading_without_text_is_left_out_only_when_the_next_context_says_it() -> None:
    section = ("Output",)
    rows = Element(kind="table", table=table(("Plant", "MWh"), ("Weir", "1")), section=section)
    with_table = chunked(document(elements=[text("Output", heading=1), rows]), WINDOW)
    assert [chunk.kind for chunk in with_table] == ["table"]
    alone = chunked(document(elements=[text("Output", heading=1)]), WINDOW)
    assert texts(alone) == ["Output"]


def test_a_long_text_is_cut_at_sentences_and_each_piece_knows_its_lines() -> None:
    sentence = "This is sentence number {} of the text and it goes on for a while."
    lines = [sentence.format(n) for n in range(12)]
    chunks = chunked(document(elements=[text(*lines)]), WINDOW)
    assert len(chunks) > 2
    assert " ".join(texts(chunks)) == " ".join(lines)
    for chunk in chunks:
        for span in chunk.spans:
            number = round(span.bbox[1] / 12)  # see fakes.text
            assert chunk.text[span.start : span.end] == lines[number]
        assert chunk.bbox == (10.0, chunk.spans[0].bbox[1], 510.0, chunk.spans[-1].bbox[3])


def test_a_broken_word_is_mended_across_the_document() -> None:
    doc = document(elements=[text("a conver-", "sation"), text("the on-", "line shop is online")])
    assert texts(chunked(doc, WINDOW)) == ["a conversation\nthe online shop is online"]


def test_a_long_section_path_keeps_the_innermost_headings() -> None:
    path = tuple(f"Heading {n} of several words" for n in range(8))
    (chunk,) = chunked(document("t.md", elements=[text("x", section=path)]), WINDOW)
    assert chunk.context == f"t › {path[-2]} › {path[-1]}"
    assert count_words(chunk.context) <= 60 // 4


# --- tables and figures ----------------------------------------------------------------------------------------------


def test_a_long_table_is_split_by_rows_and_found_whole() -> None:
    rows = [("Plant", "Output"), *((f"Plant number {n}", f"{n} MWh") for n in range(20))]
    long = Element(kind="table", table=table(*rows), caption="Table 7. Output of the plants", section=("Output",))
    chunks = chunked(document("r.md", elements=[text("Before."), long]), WINDOW)[1:]
    assert len(chunks) > 2
    assert {chunk.table for chunk in chunks} == {chunk.element for chunk in chunks} == {"table 1"}
    assert all(
        chunk.text.startswith("Table 7. Output of the plants\nPlant | Output\nPlant number ") for chunk in chunks
    )
    assert {chunk.context for chunk in chunks} == {"r › Output"}
    assert chunks[0].first_row == 1
    assert chunks[-1].last_row == 21
    assert all(one.last_row == other.first_row for one, other in pairwise(chunks))


def test_a_figure_says_caption_printed_text_and_the_sentences_that_refer_to_it() -> None:
    one = figure("Gearbox", "212", caption="Figure 2. Downtime", mentions=("As Figure 2 shows, one cause stands out.",))
    (chunk,) = chunked(document("r.md", elements=[replace(one, section=("Reliability",))]), WINDOW)
    assert chunk.text == "Figure 2. Downtime\nGearbox\n212"
    assert chunk.context == "r › Reliability\nAs Figure 2 shows, one cause stands out."
    assert (chunk.kind, chunk.picture, chunk.author) == ("image", "picture", "")


def test_words_side_by_side_in_a_figure_are_one_line() -> None:
    lines = (Line("Gearbox", (0, 0, 50, 10)), Line("212", (60, 1, 80, 11)), Line("Icing", (0, 20, 50, 30)))
    one = replace(figure(), lines=lines)
    assert texts(chunked(document(elements=[one]), WINDOW)) == ["Gearbox 212\nIcing"]


def test_a_figure_is_embedded_by_its_words_and_years() -> None:
    printed = ("1 036 609 990,372 40%", "2015 2016 2019*", "Men Women 12.5", "in 2019: €3.4 of G7")
    (chunk,) = chunked(document("r.md", elements=[figure(*printed)]), WINDOW)
    assert chunk.text == "\n".join(printed)
    assert chunk.searched_text == f"r\n{chunk.text}"
    assert embedded_text(chunk) == "Men Women\nin 2019: of G7"


def test_a_name_without_a_letter_is_no_context() -> None:
    one = Element(kind="text", lines=(Line("The weir stood still."),))
    (chunk,) = chunked(replace(document("0033.md", elements=[one]), title="0033"), WINDOW)
    assert (chunk.context, chunk.title) == ("", "0033")


def test_a_figure_without_a_word_is_a_chunk_found_by_its_section() -> None:
    (chunk,) = chunked(document("r.md", elements=[figure(section=("The weir",))]), WINDOW)
    assert (chunk.text, embedded_text(chunk).strip(), chunk.picture) == ("", "r › The weir", "picture")


def test_an_alternative_text_that_repeats_the_caption_is_said_once() -> None:
    assert texts(chunked(document(elements=[figure(caption="The weir", alt="The weir")]), WINDOW)) == ["The weir"]
    assert texts(chunked(document(elements=[figure(caption="A", alt="The weir")]), WINDOW)) == ["A\nThe weir"]


# --- ids -------------------------------------------------------------------------------------------------------------


def long_document(*paragraphs: str) -> Document:
    elements = [text(f"{words} " * 24, section=(f"Section {words}",), heading=0) for words in paragraphs]
    return document(elements=elements)


def test_ids_are_the_same_when_the_source_is_taken_in_again() -> None:
    one, again = (chunked(long_document("alpha", "beta", "gamma"), WINDOW) for _ in range(2))
    assert one == again


def test_ids_of_other_paragraphs_stay_when_one_is_put_in() -> None:
    before = {chunk.text: chunk.id for chunk in chunked(long_document("alpha", "beta", "gamma"), WINDOW)}
    after = {chunk.text: chunk.id for chunk in chunked(long_document("alpha", "new", "beta", "gamma"), WINDOW)}
    assert len(before) == 3
    assert {said: after[said] for said in before} == before
    assert len(set(after.values())) == 4


@pytest.mark.parametrize("change", [{"page": 2}, {"section": ("Elsewhere",)}])
def test_the_same_words_elsewhere_have_another_id(change: dict[str, object]) -> None:
    one = text("The same words.", section=("Here",))
    ids = {
        chunk.id for element in (one, replace(one, **change)) for chunk in chunked(document(elements=[element]), WINDOW)
    }  # type: ignore[arg-type]
    assert len(ids) == 2


def test_the_same_words_of_two_sources_and_twice_on_a_page_have_ids_of_their_own() -> None:
    twice = document(elements=[text("Same."), Element(kind="table", table=table(("x",))), text("Same.")])
    chunks = chunked(twice, WINDOW) + chunked(replace(twice, source="other.md"), WINDOW)
    assert len({chunk.id for chunk in chunks}) == 6


# --- any document ----------------------------------------------------------------------------------------------------

vocabulary = st.sampled_from(
    "Weir ridge 9,310 (12.5) e.g. conver- sation U.S. Bay. é中文 x... ? ! | › Rückhaltebecken".split()
)
phrase = st.lists(vocabulary, min_size=1, max_size=40).map(" ".join)
short = st.lists(vocabulary, max_size=6).map(" ".join)
sections = st.lists(short, max_size=4).map(tuple)
paragraphs = st.builds(
    lambda lines, page, heading, section: text(*lines, page=page, heading=heading, section=section),
    st.lists(phrase, min_size=1, max_size=5),
    st.integers(1, 3),
    st.sampled_from([0, 0, 0, 1, 2]),
    sections,
)
figures = st.builds(
    lambda lines, caption, alt, section, mentions: figure(
        *lines, caption=caption, alt=alt, section=section, mentions=tuple(mentions)
    ),
    st.lists(short, max_size=4),
    phrase,
    short,
    sections,
    st.lists(phrase, max_size=3),
)


@st.composite
def tables(draw: st.DrawFn) -> Element:
    n_rows, n_cols = draw(st.integers(1, 8)), draw(st.integers(1, 6))
    cells = tuple(
        Cell(row=row, col=col, text=draw(short), rowspan=draw(st.integers(1, n_rows - row)))
        for row in range(n_rows)
        for col in range(n_cols)
        if draw(st.booleans())
    )
    whole = Table(cells=cells, n_rows=n_rows, n_cols=n_cols, header_rows=draw(st.integers(0, min(2, n_rows))))
    return Element(kind="table", table=whole, caption=draw(short), section=draw(sections))


documents = st.lists(paragraphs | figures | tables(), max_size=8).map(
    lambda elements: replace(document(elements=elements), title="The annual report of the cooperative")
)


@given(documents, st.integers(24, 80))
@settings(max_examples=60)
def test_every_word_is_embedded_and_nothing_is_longer_than_the_window(doc: Document, limit: int) -> None:
    assert broken(doc, Window(limit, count_words)) == []


@given(documents)
@settings(max_examples=25, deadline=None)
def test_so_it_is_by_the_embedders_own_tokenizer(real: Window, doc: Document) -> None:
    assert broken(doc, real) == []


@pytest.mark.parametrize(
    "long",
    ["x" * 5000, "中文" * 700, "word " * 3000, "1,234 | " * 900, "https://example.org/" + "a/b-c_d." * 400, "é́" * 900],
    ids=["letters", "chinese", "words", "numbers", "link", "accents"],
)
def test_a_text_without_a_sentence_fits_too(real: Window, long: str) -> None:
    doc = replace(
        document(elements=[text(long, section=(long[:2000],)), figure(long, caption=long)]), title=long[:3000]
    )
    assert [problem for problem in broken(doc, real) if "lost" not in problem] == []
    letters = "".join(chunk.text for chunk in chunked(doc, real) if chunk.kind == "text")
    assert "".join(letters.split()) == "".join(long.split())
