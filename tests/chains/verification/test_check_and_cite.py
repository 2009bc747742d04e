"""What is said must stand in what is cited."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from fakes import chunk, table, unseen

from chains.answering.generative.citing import Cited, cite, uncited_numbers
from chains.answering.generative.written import read
from chains.verification.check import check, holds
from records import Chunk, Citation, Span, Statement, SubAnswer, Turn
from store.assets import Assets
from text.support import alike


def cited(quote: str, n: int = 1, author: str = "") -> Citation:
    return Citation(n=n, chunk=chunk(quote, author=author), quote=quote)


@pytest.mark.parametrize(
    ("said", "quote", "true"),
    [
        ("Revenue was 1,234.5 million.", "Revenue: 1,234.5", True),
        ("The loss was 1,234.5.", "Net income (1,234.5)", True),
        ("Revenue was (1,234.5).", "Revenue 1234.5", True),
        ("It was 5.079 billion.", "a total of 5.079 billion euros", True),
        ("It was 5,079 million.", "a total of 5.079 billion euros", False),
        ("It fell by 12 %.", "fell by 12% to 3", True),
        ("It fell by 12.0 %.", "fell by 12 %", True),
        ("It fell by 12 %.", "fell by 120 %", False),
        ("It had 41 days.", "in 2041 and 410", False),
        ("It was −3 degrees.", "-3 °C", True),
        ("In 2025 it grew by 7 [1].", "In 2025 it grew by 7.", True),
        ("In 2024 it grew by 7.", "In 2025 it grew by 7.", False),
        ("Wind grew.", "Hydro shrank.", True),
        ("The board calls it “a year of wind”.", "It was A year of\nwind, said the board.", True),
        ('The board calls it "a year of sun".', "It was a year of wind.", False),
        ("Sales (see [1]) were 7.", "7", True),
        ("“The weir[9] stood.[10] In 1931 it fell.”", "The weir[9] stood.[10] In 1931 it fell.", True),
        ("“The weir[9] stood.[10] In 1931 it rose.”", "The weir[9] stood.[10] In 1931 it fell.", False),
    ],
)
def test_numbers_and_quotations_must_stand_in_the_quote(said: str, quote: str, true: bool) -> None:
    assert holds(said, [cited(quote)]) is true


def test_several_quotes_count_together() -> None:
    assert holds("It rose from 118 to 624.", [cited("2024: 118"), cited("2025: 624")])
    assert not holds("It rose from 118 to 624.", [cited("2024: 118")])


def test_a_statement_that_cites_nothing_does_not_hold() -> None:
    assert not holds("Wind grew.", [])


def test_what_a_model_said_of_a_picture_proves_nothing() -> None:
    assert not holds("It was 212.", [cited("A bar of 212 hours.", author="some:model")])
    assert holds("It was 212.", [cited("A bar of 212 hours.", author="some:model"), cited("Gearbox 212", n=2)])
    assert not holds("It was 212.", [cited("A bar of 212 hours.", author="some:model"), cited("Gearbox", n=2)])


def test_numbers_that_the_quote_lacks() -> None:
    assert uncited_numbers("7 of 12 [3] in 2025", "12 in all") == [7, 2025]


def test_a_turn_is_marked_statement_by_statement() -> None:
    turn = Turn(
        question="q",
        statements=(
            Statement(text="It was 1.", citations=(1,)),
            Statement(text="It was 9.", citations=(2,)),
            Statement(text="It was 2.", citations=(2,)),
            Statement(text="It was 3.", citations=(7,)),
            Statement(text="Nothing is cited."),
        ),
        citations=(cited("1"), cited("2", n=2), cited("3", n=3)),
    )
    checked = check(turn, unseen)
    assert [one.checked for one in checked.statements] == [True, False, True, False, False]
    assert [one.checked for one in checked.citations] == [True, False, False]


def test_of_the_nearest_passages_nothing_is_claimed_that_could_be_checked() -> None:
    one, both, near = cited("1"), cited("2", n=2), cited("3", n=3)
    turn = Turn(
        question="q",
        parts=(
            SubAnswer(question="a", citations=(one, both)),
            SubAnswer(question="b", citations=(both, near), outcome="passages"),
        ),
        statements=tuple(Statement(text=f"It was {n}.", citations=(n,)) for n in (1, 2, 3)),
        citations=(one, both, near),
    )
    assert turn.nearest == {3}
    checked = check(turn, unseen)
    assert [one.checked for one in checked.statements] == [True, True, False]
    assert [one.checked for one in checked.citations] == [True, True, False]


def test_a_citation_of_a_models_words_is_never_checked() -> None:
    both = (cited("A bar of 212", author="some:model"), cited("Gearbox 212", n=2))
    turn = Turn(question="q", statements=(Statement(text="It was 212.", citations=(1, 2)),), citations=both)
    checked = check(turn, unseen)
    assert checked.statements[0].checked
    assert [one.checked for one in checked.citations] == [False, True]


@pytest.mark.parametrize(("seen", "kept"), [(True, True), (None, True), (False, False)])
def test_the_place_itself_has_the_last_word(seen: bool | None, kept: bool) -> None:
    turn = Turn(question="q", statements=(Statement(text="It was 1.", citations=(1,)),), citations=(cited("1"),))
    checked = check(turn, lambda statement, citations: seen)
    assert (checked.statements[0].checked, checked.citations[0].checked) == (kept, kept)
    assert checked.citations[0].disputed is (seen is False)


def test_the_place_is_not_asked_when_the_quote_itself_says_otherwise() -> None:
    turn = Turn(question="q", statements=(Statement(text="It was 1.", citations=(1,)),), citations=(cited("2"),))
    asked = []
    checked = check(turn, lambda statement, citations: asked.append(statement))
    assert (asked, checked.citations[0].disputed, checked.citations[0].checked) == ([], False, False)


def test_what_rests_on_a_disputed_place_does_not_hold() -> None:
    disputed = replace(cited("1"), disputed=True)
    turn = Turn(question="q", statements=(Statement(text="See there.", citations=(1,)),), citations=(disputed,))
    assert not check(turn, unseen).statements[0].checked


# --- marks -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "statements"),
    [
        ("Wind grew [1].", [("Wind grew.", (1,))]),
        ("Wind grew. [1]", [("Wind grew.", (1,))]),
        ("Wind grew.[1][2] Hydro shrank [3, 1].", [("Wind grew.", (1, 2)), ("Hydro shrank.", (3, 1))]),
        ("Wind grew. [1] Hydro shrank.", [("Wind grew.", (1,)), ("Hydro shrank.", ())]),
        ("- Wind grew [1]\n2. Hydro shrank [2]", [("Wind grew", (1,)), ("Hydro shrank", (2,))]),
        ("[1] Wind grew.\n[2] Hydro shrank.", [("Wind grew.", (1,)), ("Hydro shrank.", (2,))]),
        ("Wind grew【1】. **Hydro** shrank [Passage 2].", [("Wind grew.", (1,)), ("Hydro shrank.", (2,))]),
        ("Wind grew\n[1]", [("Wind grew", (1,))]),
        ("What grew? [1] Wind grew [2].", [("Wind grew.", (2,))]),
        ("Wind grew [2]. And hydro? [1]", [("Wind grew.", (2,))]),
        ("Both grew [1][1].", [("Both grew.", (1,))]),
        ("", []),
    ],
)
def test_marks_belong_to_their_sentence(text: str, statements: list[tuple[str, tuple[int, ...]]]) -> None:
    assert [(one.text, one.citations) for one in read(text).sentences] == statements


LINES = ("Wind grew by 9.6% in 2025.", "Hydro shrank by 11.2%.", "The roofs gained 8.6%.")
BOXES = tuple((0.0, 10.0 * n, 100.0, 10.0 * n + 8) for n in range(3))
STARTS = (0, 27, 50)
OUTPUT = chunk(
    "\n".join(LINES),
    spans=tuple(Span(at, at + len(line), box) for at, line, box in zip(STARTS, LINES, BOXES, strict=True)),
)


def cited_by(text: str, passages: list[list[Chunk]], folder: Path) -> Cited:
    return cite(read(text), passages, Assets(folder), alike)


def test_the_closest_sentence_of_a_passage_is_quoted_with_its_place(tmp_path: Path) -> None:
    passages = [[chunk("Nothing of that.")], [chunk("Nor here, too."), OUTPUT]]
    found = cited_by("Hydro was down 11.2% [2].", passages, tmp_path)
    assert [(one.citations, one.added) for one in found.statements] == [((1,), False)]
    assert [(one.n, one.chunk, one.quote, one.bbox) for one in found.citations] == [(1, OUTPUT, LINES[1], BOXES[1])]
    assert found.text == "Hydro was down 11.2% [1]."


def test_numbers_in_two_sentences_are_quoted_from_both(tmp_path: Path) -> None:
    (citation,) = cited_by("Wind gained 9.6% and the roofs 8.6% [1].", [[OUTPUT]], tmp_path).citations
    assert citation.quote == f"{LINES[0]}\n{LINES[2]}"
    assert citation.bbox == (0.0, 0.0, 100.0, 28.0)


def test_the_same_quote_is_one_citation(tmp_path: Path) -> None:
    found = cited_by("Hydro shrank by 11.2% [1]. It was 11.2% less hydro [1].", [[OUTPUT]], tmp_path)
    assert [one.citations for one in found.statements] == [(1,), (1,)]
    assert len(found.citations) == 1


def test_a_table_is_quoted_by_rows(tmp_path: Path) -> None:
    assets = Assets(tmp_path)
    whole = table(("Plant", "MWh"), ("Weir", "9,310"), ("Ridge", "42,650"), boxes=True)
    part = chunk("x", kind="table", table=assets.put_table(whole), first_row=1, last_row=3)
    (citation,) = cite(read("Ridge made 42,650 [1]."), [[part]], assets, alike).citations
    assert citation.quote == "Ridge 42,650"
    assert citation.bbox == (0.0, 20.0, 190.0, 28.0)


def test_a_passage_without_a_sentence_is_quoted_whole(tmp_path: Path) -> None:
    short = replace(OUTPUT, text="9.6%", spans=(), bbox=(1, 2, 3, 4))
    (citation,) = cited_by("It was 9.6% [1].", [[short]], tmp_path).citations
    assert (citation.quote, citation.bbox) == ("9.6%", (1, 2, 3, 4))


# --- sentences without a place, or with a wrong one ----------------------------------------------------------------------


@pytest.mark.parametrize("said", ["Hydro shrank by 11.2%.", "Hydro shrank by 11.2% [99]."])
def test_a_sentence_without_a_place_gets_the_passage_that_says_it(tmp_path: Path, said: str) -> None:
    found = cited_by(said, [[chunk("Nothing of that.")], [OUTPUT]], tmp_path)
    assert found.text == "Hydro shrank by 11.2%. [1]"
    assert [(one.text, one.citations, one.added) for one in found.statements] == [
        ("Hydro shrank by 11.2%.", (1,), True)
    ]
    assert [one.quote for one in found.citations] == [LINES[1]]


def test_a_sentence_that_no_passage_says_is_marked(tmp_path: Path) -> None:
    found = cited_by("Hydro shrank by 11.3%. Tides grew [7]. The roofs gained 8.6% [1].", [[OUTPUT]], tmp_path)
    assert found.text == "Hydro shrank by 11.3%. [no source] Tides grew. [no source] The roofs gained 8.6% [1]."
    assert [(one.citations, one.added) for one in found.statements] == [((), False), ((), False), ((1,), False)]


def test_a_wrong_passage_gives_way_to_the_one_that_says_it(tmp_path: Path) -> None:
    found = cited_by("Wind grew by 9.6% in 2025 [1].", [[chunk("Nothing of that.")], [OUTPUT]], tmp_path)
    assert found.text == "Wind grew by 9.6% in 2025. [1]"
    assert [(one.citations, one.added) for one in found.statements] == [((1,), True)]
    assert [one.quote for one in found.citations] == [LINES[0]]


def test_what_a_model_wrote_of_a_picture_is_no_place(tmp_path: Path) -> None:
    drawn = replace(OUTPUT, author="some:model")
    found = cited_by("Hydro shrank by 11.2%.", [[drawn]], tmp_path)
    assert (found.text, found.citations) == ("Hydro shrank by 11.2%. [no source]", ())
