"""Numbers and names of sentences."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluation.facts import facts_of, facts_share
from evaluation.headline_metrics import HeadlineMetrics
from evaluation.packs import Pack, Question
from evaluation.scoring import answer_scores
from evaluation.systems import Reply, ReplyCitation

GOLD = "The mill at Aldra Bridge sold 1.5 million loaves in 2021, 12% more than in 2020, says Ann Weir."


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("The mill at Aldra Bridge is old.", ["aldra bridge"]),
        ("Bridges are old. Mills are older.", []),  # every sentence begins with a capital
        ("NATO met Ann Weir, Bo and the U.S. Navy.", ["nato", "ann weir", "bo", "us navy"]),
        ("It went to Rome (Italy) and Bonn.", ["rome", "italy", "bonn"]),
        ("About $5 Billion in Group A, all of S$250.", ["group"]),  # an "A" is an article to SQuAD
        ("Die Mühle gehört der Stadt Gent.", ["mühle", "stadt gent"]),
        ("水车建于1931年。", []),
    ],
)
def test_names(text: str, names: list[str]) -> None:
    assert list(facts_of(text).names) == names


def test_numbers_carry_scale_and_unit_and_count_once() -> None:
    assert [(one.value, one.percent) for one in facts_of("3 of 3, 5%, $2 million").numbers] == [
        (3, False),
        (5, True),
        (2e6, False),
    ]


@pytest.mark.parametrize(
    ("text", "share"),
    [
        (GOLD, 6 / 6),
        ("1,500,000 loaves, by Aldra Bridge.", 2 / 6),
        ("In 2021 Weir said: up by 12 percent on 2020.", 3 / 6),  # "Weir" is not "Ann Weir"
        ("It sold 15 million.", 0.0),
        ("", 0.0),
    ],
)
def test_share_of_four_numbers_and_two_names(text: str, share: float) -> None:
    assert len(facts_of(GOLD)) == 6
    assert facts_share(text, [GOLD]) == pytest.approx(share)


def test_the_best_of_several_right_answers_counts() -> None:
    assert facts_share("7 weeks", ["It takes 7 weeks at Aldra.", "It takes 7 weeks."]) == 1.0
    assert facts_share("7 weeks", ["Nothing to compare.", "none"]) is None


def test_facts_of_answers_and_quotes() -> None:
    questions = tuple(
        Question(id=str(n), text="?", query="?", answers=(answer,)) for n, answer in enumerate((GOLD, "Yes, it did."))
    )
    quoted = ReplyCitation(n=1, source="a", page=1, kind="text", quote="1.5 million, in 2021; Ann Weir")
    reply = Reply(locations=(), answered=True, answer="Sold in 2021 [1].", citations=(quoted,))
    found = answer_scores(
        Pack(name="p", folder=Path(), documents=(), questions=questions),
        {"0": reply, "1": reply},
        HeadlineMetrics(("store",), "store", ()),
    )
    assert (found["0"]["facts"], found["0"]["facts_in_quotes"]) == (1 / 6, 3 / 6)
    assert "facts" not in found["1"]  # neither a number nor a name
