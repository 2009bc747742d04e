"""Whether gold evidence stands in what is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from fakes import count_words

from evaluation.__main__ import parser
from evaluation.context_budget import evidence_in_context, first_tokens, questions_of, stands_in
from evaluation.corpus import Corpus
from evaluation.packs import Evidence, Pack, Passage, Question
from evaluation.statistics import Estimate
from evaluation.text_report import context_table
from store.index import Index

TOKENIZER = SimpleNamespace(limit=9, count=count_words)
TEN = "weir one two three four five six seven eight nine"


def letters(text: str) -> str:
    return text.replace(" ", "")


@pytest.mark.parametrize(
    ("text", "stands"),
    [
        (f"x {TEN} y", True),
        ("three four five six seven eight nine", False),  # seven of ten in a row
        ("two three four five six seven eight nine", True),
        ("weir one two three x four five six seven eight nine", False),  # all of them, but not in a row
        ("we ir one two three four five six seven", True),  # a word that a line's end broke
    ],
)
def test_eight_of_ten_words_in_a_row(text: str, stands: bool) -> None:
    assert stands_in(f"The {TEN}.", letters(text)) is stands  # articles and full stops do not count


def test_long_evidence_by_its_sentences() -> None:
    said = [" ".join(f"{name}{n}" for n in range(10)) + "." for name in ("mill", "weir", "roof", "dyke", "mole")]
    evidence = "\n".join(said)
    assert stands_in(evidence, letters(" x ".join(one[:-1] for one in reversed(said[:4]))))  # four of five
    assert not stands_in(evidence, letters(" x ".join(one[:-1] for one in said[:3])))


def test_short_lines_count_with_what_follows() -> None:
    cells = "\n".join(f"c{n}" for n in range(48))  # six times eight words
    assert stands_in(cells, "".join(f"c{n}" for n in range(8, 48)))  # five of six
    assert not stands_in(cells, "".join(f"c{n}x" for n in range(48)))


@pytest.mark.parametrize(
    ("budget", "text"),
    [(0, ""), (2, "a b"), (3, "a b c"), (4, "a b c\n\nd"), (5, "a b c\n\nd e"), (99, "a b c\n\nd e\n\nf")],
)
def test_the_budget_ends_at_a_word(budget: int, text: str) -> None:
    assert first_tokens(["a b c", "d e", "f"], budget, TOKENIZER) == text


def question(id_: str, text: str, *evidence: str) -> Question:
    stated = tuple(Evidence(source="p", passage=True, text=one) for one in evidence)
    return Question(id=id_, text=text, query=text, evidence=stated, cluster=id_)


def test_questions_whose_evidence_is_known_in_words() -> None:
    asked = (
        question("0", "?", "a stone"),
        question("1", "?"),
        question("2", "?", "a stone", ""),
        replace(question("3", "?", "a stone"), standalone=False),
    )
    assert [one.id for one in questions_of(Pack(name="p", folder=Path(), documents=(), questions=asked))] == ["0"]


def test_shares_of_three_systems_by_budget(make_index: Callable[..., Index], tmp_path: Path) -> None:
    passages = (
        Passage("weir", "Weir", f"The weir of Aldra was built in 1931. {' '.join(['stone'] * 40)}."),
        Passage("roof", "Roof", "The roofs of Bonn gained much power in 2025."),
    )
    asked = (
        question("0", "When was the weir of Aldra built?", "weir of Aldra was built in 1931"),
        question("1", "What gained the roofs of Bonn?", "roofs lost all power"),
    )
    corpus_file = tmp_path / "corpus.jsonl"
    pack = Pack(name="p", folder=tmp_path, documents=(), corpus=corpus_file, questions=asked)
    vars(pack)["passages"] = passages
    index = make_index()
    corpus = Corpus(pack, index)
    corpus.ingest()
    steps: list[None] = []
    settings = replace(index.settings, steps=("dense", "lexical"))
    found = evidence_in_context(corpus, settings, (5, 80), seed=0, on_question=lambda: steps.append(None))
    assert {name: {budget: one.mean for budget, one in by.items()} for name, by in found.items()} == {
        "assistant": {5: 0.0, 80: 0.5},
        "tutorial": {5: 0.0, 80: 0.5},
        "bm25": {5: 0.0, 80: 0.5},
    }
    assert len(steps) == 2


def test_the_table_and_the_option() -> None:
    shares = {"ours": {20: Estimate(0.5, 0.25, 0.75, 8, 4), 40: Estimate(1.0, None, None, 8, 1)}}
    assert context_table(shares).splitlines()[2] == "| ours | .500 [.250, .750] | 1.000 | 8 |"
    assert parser().parse_args(["pack", "--context", "20,40"]).context == (20, 40)
