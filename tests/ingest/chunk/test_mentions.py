"""Labels such as "Figure 3": captions told from text, and the sentences that refer to them."""

from __future__ import annotations

import pytest
from fakes import table, text

from ingest.chunk.mentions import MAX_MENTIONS, with_mentions
from records import Element, Picture
from text.labels import is_titled, label


@pytest.mark.parametrize(
    ("caption", "name"),
    [
        ("Figure 3. Output by quarter", "figure 3"),
        ("Fig. 3b: detail", "figure 3b"),
        ("FIGURE A1", "figure a1"),
        ("Tab. 2", "table 2"),
        ("Table IV Results", "table iv"),
        ("  Exhibit 2.1 – Revenue", "exhibit 2.1"),
        ("Figures 3 and 4", ""),
        ("See Figure 3", ""),
        ("Tables turn", ""),
        ("", ""),
    ],
)
def test_the_label_a_caption_begins_with(caption: str, name: str) -> None:
    assert label(caption) == name


@pytest.mark.parametrize(
    ("said", "titled"),
    [
        ("Figure 3. Output", True),
        ("Figure 3: Output.", True),
        ("Table 2 | Revenue and operating costs.", True),
        ("Figure 3", True),
        ("Figure 3 Output by quarter", True),
        ("Figure 3 shows that wind grew.", False),
        ("Table 2 compares the two years, of which the second was better" + " by far" * 10, False),
        ("Output", False),
    ],
)
def test_a_title_is_told_from_a_sentence(said: str, titled: bool) -> None:
    assert is_titled(said) is titled


def figure(caption: str) -> Element:
    return Element(kind="image", caption=caption, picture=Picture(asset="a", width=1, height=1))


def mentions(*elements: Element) -> list[tuple[str, ...]]:
    return [element.mentions for element in with_mentions(elements) if element.kind != "text"]


def test_sentences_that_refer_to_a_figure_or_table_go_with_it() -> None:
    found = mentions(
        text("As Fig. 3 shows, wind grew. Nothing else", "did. Table 2 and Figure 3 agree."),
        figure("Figure 3. Output"),
        Element(kind="table", table=table(("a",)), caption="Table 2: Costs"),
        text("Figure 3 shows each quarter. Figure 33 is another one."),
    )
    assert found == [
        ("As Fig. 3 shows, wind grew.", "Table 2 and Figure 3 agree.", "Figure 3 shows each quarter."),
        ("Table 2 and Figure 3 agree.",),
    ]


def test_titles_and_headings_are_no_references() -> None:
    elements = (text("Figure 3. Output"), text("On Figure 3", heading=2), figure("Figure 3. Output"))
    assert mentions(*elements) == [()]


def test_a_figure_without_a_label_has_no_references() -> None:
    assert mentions(text("As Figure 1 shows, it grew."), figure("The weir")) == [()]


def test_few_references_are_kept_and_those_known_before_stay() -> None:
    one = Element(kind="image", caption="Figure 1", mentions=("Said before.",))
    (found,) = mentions(*(text(f"In {year} Figure 1 was new.") for year in range(2000, 2020)), one)
    assert len(found) == MAX_MENTIONS + 1
    assert found[:2] == ("Said before.", "In 2000 Figure 1 was new.")
