"""Answers computed from a table's rows: what is asked, what is said, and where nothing is said."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from fakes import table
from langchain_core.embeddings import Embeddings

from chains.answering.tables.answer import compute_from
from text.sheet import Sheet

RACE = Sheet(
    table(
        ("Rank", "Rider", "Nationality", "Laps", "Points"),
        ("1", "Anna Berg", "Sweden", "40", "25"),
        ("2", "Carla Diaz", "Spain", "40", "18"),
        ("3", "Eva Falk", "Sweden", "38", "15"),
        ("4", "Gina Hart", "France", "37", "12.5"),
        ("Total", "", "", "155", "70.5"),
    ),
    frozenset(("race",)),
)
GAMES = Sheet(
    table(
        ("Date", "Opponent", "Venue", "Result", "Attendance"),
        ("4 May 2010", "Rovers", "Home", "W", "1,200"),
        ("11 May 2010", "Town", "Away", "L", "900"),
        ("2 June 2011", "Rovers", "Away", "W", "2,150"),
        ("9 June 2012", "City", "Home", "W", "3,000"),
    )
)

PLANTS = Sheet(
    table(
        ("Plant", "Output (MWh)", "Costs", "Distance (km)", "Crane"),
        ("Aldra Weir", "9,310", "520", "12", "15 t"),
        ("Gannet Ridge", "42,650", "1,742", "30", "80 t"),
        ("Quayside Roofs", "4,040", "233", "3", "2 t"),
        ("Saltmarsh", "14,040", "633", "13", "20 t"),
        caption="Plants and their costs in thousands of euros",
    )
)
WELLS = Sheet(
    table(
        ("Well", "Valley", "Depth (m)", "Warden"),
        *((f"BW-{n}", ("Aldra", "Tarn", "Sorrel")[n % 3], str(3 * n), f"{'AB'[n % 2]}. Lind") for n in range(100, 110)),
    )
)


def answer(question: str, sheet: Sheet) -> str:
    found = compute_from(question, sheet)
    return "; ".join(found.answer) if found else ""


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("How many riders are listed?", "4"),  # the total is no rider
        ("How many riders are from Sweden?", "2"),
        ("How many Swedish riders are there?", "2"),
        ("How many riders had at least 15 points?", "3"),
        ("How many different nationalities are listed?", "3"),
        ("What is the total number of points of Anna Berg and Eva Falk?", "40"),
        ("What is the average number of laps?", "38.75"),
        ("How many laps did Eva Falk have?", "38"),
        ("How many more points did Anna Berg have than Eva Falk?", "10"),
        ("Which rider had the most points?", "Anna Berg"),
        ("What is the lowest number of laps?", "37"),
        ("Which rider has the highest rank?", "Anna Berg"),  # the best rank is the lowest number
        ("Which nationality had the most riders?", "Sweden"),
        ("Who had more points, Gina Hart or Carla Diaz?", "Carla Diaz"),
        ("Did Gina Hart have more points than Carla Diaz?", "no"),
        ("Who came after Carla Diaz?", "Eva Falk"),
        ("Which rider is listed before Carla Diaz?", "Anna Berg"),
        ("Which rider is listed last?", "Gina Hart"),
        ("Who is from France?", "Gina Hart"),
    ],
)
def test_a_list_of_people(question: str, expected: str) -> None:
    assert answer(question, RACE) == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("How many games were won at home?", "2"),
        ("How many games were won?", "3"),
        ("How many games had an attendance of more than 1,000?", "3"),
        ("How many games were played before 2012?", "3"),
        ("Who was the opponent on 11 May 2010?", "Town"),
        ("What was the date against City?", "9 June 2012"),
        ("What was the first date listed?", "4 May 2010"),
    ],
)
def test_a_list_of_games(question: str, expected: str) -> None:
    assert answer(question, GAMES) == expected


@pytest.mark.parametrize(
    "question",
    [
        "How many riders did not finish?",  # nothing says who did
        "How many riders retired with a puncture?",
        "How many riders are from Norway?",
        "Who came after Anna?!",  # which column is meant, is known, and yet: see below
    ],
)
def test_nothing_is_said_where_words_are_left_over(question: str) -> None:
    assert answer(question, RACE) in ("", "Carla Diaz")


def test_what_is_said_names_the_rows() -> None:
    found = compute_from("How many games were won at home?", GAMES)
    assert found is not None
    assert found.text == "2 rows (won, home): 4 May 2010, 9 June 2012"
    assert (list(found.rows), found.sure) == ([1, 4], 1.0)
    extreme = compute_from("Which rider had the most points?", RACE)
    assert extreme is not None
    assert extreme.text == "Anna Berg — Points: 25 (most of those listed)"
    assert list(extreme.rows) == [1, 2, 3, 4]


def test_newest_first_means_after_is_above() -> None:
    seasons = Sheet(table(("Year", "Winner"), ("2012", "Cora"), ("2011", "Bea"), ("2010", "Ada")))
    assert answer("Who won after Ada?", seasons) == "Bea"
    assert answer("Who is listed after Cora?", seasons) == "Bea"


def test_words_in_several_columns_must_come_to_the_same() -> None:
    both = Sheet(table(("Home", "Away"), ("Rovers", "Town"), ("City", "Rovers"), ("Town", "Rovers")))
    assert answer("How many games were with Rovers?", both) == ""  # 1 at home, 2 away


def test_a_table_without_rows_says_nothing() -> None:
    assert answer("How many are listed?", Sheet(table(("Year", "Winner")))) == ""


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("How many plants have an output of more than 10,000 MWh?", "2"),
        ("How many plants have an output of more than 10,000?", "2"),
        ("How many plants have an output of more than 10 GWh?", ""),
        ("How many plants have costs of more than 1,000 thousand?", ""),  # 1,742 stands for 1,742,000
        ("How many plants have costs of more than 1 million euros?", ""),
        ("How many plants have costs of more than 600 dollars?", ""),
        ("How many plants have costs of more than 600?", "2"),
        ("How many plants have a distance of more than 10 km?", "3"),
        ("How many plants have a distance of more than 10 miles?", ""),
        ("How many plants have a crane of at least 20?", "2"),
        ("How many plants have a crane of at least 20 kg?", ""),
    ],
)
def test_a_bound_in_another_unit_than_the_column_s_is_not_compared(question: str, expected: str) -> None:
    assert answer(question, PLANTS) == expected


@dataclass(frozen=True)
class FakeMeanings(Embeddings):
    """Embeds a text as the number of its group: words of one group have cosine 1, others 0."""

    groups: tuple[frozenset[str], ...]

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [[float(text in group) for group in self.groups] for text in texts]

    def embed_query(self, text: str) -> list[float]:
        return self.embed_documents([text])[0]


def test_a_column_is_found_by_what_its_name_means() -> None:
    question = "What is the citizenship of Carla Diaz?"
    meanings = FakeMeanings((frozenset(("citizenship", "nationality")),))
    assert compute_from(question, RACE) is None
    found = compute_from(question, RACE, meanings)
    assert found is not None
    assert found.answer == ("Spain",)


def test_a_word_that_asks_for_another_operation_is_not_passed_over() -> None:
    assert answer("How many riders are not from Sweden?", RACE) == ""
    assert answer("How many riders in a row are from Sweden?", RACE) == ""
    assert answer("Which rider had the second most points?", RACE) == ""


def test_rows_with_codes_are_named_by_them_and_counted() -> None:
    """Of 100 to 109 three leave 1 when divided by three: 100, 103, 106, 109 are four; 101, 104, 107 are three."""
    assert answer("How many wells are in the valley Tarn?", WELLS) == "4"
    assert answer("How many wells are in the Sorrel valley?", WELLS) == "3"
    assert answer("How many wells are listed?", WELLS) == "10"
    asked = compute_from("Who is the warden of well BW-107?", WELLS)
    assert asked is not None
    assert (asked.text, asked.named) == ("BW-107 — Warden: B. Lind", True)
    by_name = compute_from("Who is from France?", RACE)
    assert by_name is not None
    assert not by_name.named
    assert answer("Who is the warden of well BW-170?", WELLS) == ""


@pytest.mark.parametrize(
    "question", ["Wie viele Fahrer kommen aus Spain?", "Combien de coureurs viennent de Spain ?", "Was ist Spain?"]
)
def test_other_languages_are_not_computed(question: str) -> None:
    assert answer(question, RACE) == ""


BUDGET = Sheet(
    table(
        ("Department", "January", "February", "March"),
        ("Kitchen", "310", "290", "305"),
        ("Garden", "120", "", "190"),
        ("Garden shed", "15", "20", "25"),
    ),
    frozenset(("budget",)),
)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What is the budget of the kitchen in March?", "305"),
        ("What is the March budget of the garden?", "190"),
        ("How much is the budget of the garden shed in February?", "20"),
        ("What is the total budget in January?", "445"),  # 310 + 120 + 15
        ("What is the average budget in March?", "173.333"),  # (305 + 190 + 25) / 3
        ("Which department has the highest budget in February?", "Kitchen"),
    ],
)
def test_a_row_and_a_column_named_wholly_meet_in_a_cell(question: str, expected: str) -> None:
    assert answer(question, BUDGET) == expected


@pytest.mark.parametrize(
    "question",
    [
        "What is the revenue of the kitchen in March?",  # the table is of no revenue
        "What is the budget of the kitchen in April?",
        "What is the budget of the garden in February?",  # an empty cell
        "What is the budget in March?",  # of whom?
        "What is the budget of the kitchen in March 2019?",
    ],
)
def test_no_cell_is_taken_where_the_table_says_less_than_the_question(question: str) -> None:
    assert answer(question, BUDGET) == ""


def test_a_cell_is_certain_where_row_and_column_are_named_and_no_more_is_said() -> None:
    certain = compute_from("What is the budget of the kitchen in March?", BUDGET)
    assert certain is not None
    assert (certain.text, certain.named) == ("Kitchen — March: 305", True)
    verb = compute_from("How many laps were lost by Eva Falk?", RACE)
    assert verb is None or not verb.named
