"""Two samples of one distribution are told from two of different ones; people's questions go in, never out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from fakes import chunk, put

from records import Turn
from store.conversations import Conversations
from store.index import Index
from store.maintenance.drift import drift, two_sample_test
from store.said import Said


def test_the_statistic_is_lemma_6() -> None:
    first, second = np.array([[0.0], [2.0]]), np.array([[0.0], [2.0]])
    # six pairs, squared distances 4, 0, 4, 4, 0, 4; median 4: kernel e^(-4/8) and 1; within 2 e^-.5, across (2 + 2 e^-.5) / 2
    expected = 2 * np.exp(-0.5) - (1 + np.exp(-0.5))
    assert two_sample_test(first, second, 20).mmd == pytest.approx(expected)


def test_p_is_small_for_samples_that_differ_and_even_for_those_that_do_not() -> None:
    draw = np.random.default_rng(1)
    assert two_sample_test(draw.normal(0, 1, (40, 5)), draw.normal(1, 1, (60, 5)), 199).p == 1 / 200
    same = [two_sample_test(draw.normal(0, 1, (20, 5)), draw.normal(0, 1, (20, 5)), 99).p for _ in range(60)]
    assert 0.35 < np.mean(same) < 0.65
    assert np.mean(np.array(same) <= 0.05) < 0.17  # 5 % are expected


@pytest.mark.parametrize(("topic", "answered", "drifted"), [("weir", True, False), ("tax", False, True)])
def test_questions_about_what_is_not_here_are_noticed(
    topic: str, answered: bool, drifted: bool, make_index: Callable[..., Index]
) -> None:
    index = make_index()
    put(index, [chunk(f"the weir has gate {number} on the river", ordinal=number) for number in range(30)])
    kept = Conversations(index.folder)
    assert drift(index).questions == 0
    id_ = kept.begin("user:ada", "Questions")
    for number in range(60):
        subject, found = ("weir", True) if number < 30 else (topic, answered)
        outcome = "answered" if found else "nothing"
        turn = Turn(question=f"Which {subject} has number{number}?", outcome=outcome)  # type: ignore[arg-type]
        kept.keep("user:ada", id_, number, Said(turn=turn))
    found = drift(index)
    assert (found.questions, found.unanswered, found.drifted) == (30, 0 if answered else 30, drifted)
    assert found.passages is not None and found.passages.p < 0.05  # questions are no passages
    assert ("People ask for what is not here." in found.sentence()) is drifted
    assert "number" not in found.sentence()
