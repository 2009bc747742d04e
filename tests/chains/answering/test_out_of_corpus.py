"""Names and words that no document knows."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fakes import chunk, document, put

from chains.answering.extractive.out_of_corpus import out_of_corpus_names, out_of_corpus_words
from chains.pipeline import build, resources_of
from records import OPERATOR, Access, Scope, Turn
from store.index import Index
from text.english.names import names_in

MakeIndex = Callable[..., Index]


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("What does Boeing say of the A320?", ("Boeing", "A320")),
        ("How many people work for the HAQ Executive Leadership?", ("HAQ", "Executive", "Leadership")),
        ("What is the market name for code AR03?", ("AR03",)),
        ("Boeing is what?", ()),  # whatever opens a sentence is written large
        ("NASA is what?", ("NASA",)),
        ("What was revenue in Q3 2015, FY2016 and on May 3rd?", ()),
        ("What is the EBITDA of Harbour?", ("EBITDA", "Harbour")),
        ("What are the days payable outstanding (DPO) in Figure 4?", ()),  # spelled out; a part of the document
        ("What is the date? Format it as Berlin does.", ()),  # says how to answer
        ("Name the owner of Harbour.", ("Harbour",)),
        ("What Is The Name Of The Boat?", ()),
        ("WHAT IS THE NAME OF THE BOAT?", ()),
        ("Wie hoch ist der Umsatz der Gesellschaft?", ()),
        ("Is Dr Marsh or Mr Dunne here?", ("Marsh", "Dunne")),
        ("Who runs Dunne-Marsh & Co?", ("Dunne", "Marsh", "Co")),
        ("", ()),
    ],
)
def test_names_are_told_from_other_words(question: str, names: tuple[str, ...]) -> None:
    assert names_in(question) == names


@pytest.fixture
def index(make_index: MakeIndex) -> Index:
    opened = make_index()
    airbus = [
        chunk("Airbus and Netflix had 12 tweets from Vietnamese readers.", source="/d/a.md", context="Mount Ararat"),
        chunk("The weir was closed.", source="/d/a.md"),
    ]
    put(opened, airbus, document("/d/a.md"))
    put(
        opened,
        [chunk("The council met in Lisbon, Portugal.", source="/d/KESTREL_2022.md")],
        document("/d/KESTREL_2022.md"),
    )
    return opened


@pytest.mark.parametrize(
    ("question", "out_of_corpus"),
    [
        ("How many tweets did Airbus have?", ()),
        ("How many tweets did Boeing have?", ("Boeing",)),
        ("How many tweets did Netfilx and Neflix have?", ()),  # slips of the pen
        ("How many readers are from Vietnam?", ()),
        ("How high is Mount Ararat?", ()),  # in a title
        ("What was the EBITDA of Airbus?", ()),  # a term of the glossary
        ("What did the CTO of Airbus say?", ("CTO",)),
        ("How many Portuguese and Swedish tweets are there?", ("Swedish",)),  # "Portugal" is spoken of
        ("What did Kestrel decide in Lisbon?", ()),  # in a file name
        ("What did Kestrel decide in Porto and in Madrid?", ("Porto", "Madrid")),
    ],
)
def test_a_name_is_looked_for_in_texts_titles_and_file_names(
    index: Index, question: str, out_of_corpus: tuple[str, ...]
) -> None:
    assert (
        out_of_corpus_names(question, resources_of(index, index.settings), Scope(principal=OPERATOR)) == out_of_corpus
    )


def test_an_abbreviation_is_looked_for_as_it_is_spelled_out(index: Index) -> None:
    put(index, [chunk("Ada Quay is the chief executive officer.", source="/d/c.md")], document("/d/c.md"))
    assert out_of_corpus_names("Is Airbus led by a CEO?", resources_of(index, index.settings), Scope()) == ()


def test_only_what_is_searched_counts(index: Index) -> None:
    question = "What did Kestrel decide in Lisbon?"
    assert out_of_corpus_names(question, resources_of(index, index.settings), Scope(sources=("/d/a.md",))) == (
        "Kestrel",
        "Lisbon",
    )
    assert (
        out_of_corpus_names(question, resources_of(index, index.settings), Scope(sources=("/d/KESTREL_2022.md",))) == ()
    )


def test_what_one_may_not_read_is_unheard(index: Index) -> None:
    """Else who asks for a name would learn that a forbidden source holds it."""
    index.catalog.set_access("/d/KESTREL_2022.md", Access(("board",)))
    assert out_of_corpus_names("What did Kestrel decide in Lisbon?", resources_of(index, index.settings), Scope()) == (
        "Kestrel",
        "Lisbon",
    )
    assert (
        out_of_corpus_names(
            "What did Kestrel decide in Lisbon?", resources_of(index, index.settings), Scope(principal=OPERATOR)
        )
        == ()
    )
    assert out_of_corpus_words("What did the council decide?", resources_of(index, index.settings), Scope()) == (
        "council",
        "decide",
    )


def test_words_are_looked_for_where_it_is_asked(index: Index) -> None:
    assert out_of_corpus_words(
        "Who dismantled the weirs? Answer briefly, please.", resources_of(index, index.settings), Scope()
    ) == ("dismantled",)


def test_the_answer_says_which_names_stand_nowhere(index: Index) -> None:
    turn = build(index, index.settings).invoke(Turn(question="How many tweets did Boeing and Embraer have?"))
    assert turn.abstained
    assert turn.answer.startswith(
        "Not found in your documents. “Boeing” and “Embraer” occur in none of those searched."
    )
    turn = build(index, index.settings).invoke(Turn(question="How many tweets did Boeing have?"))
    assert "“Boeing” occurs in none of those searched." in turn.answer
