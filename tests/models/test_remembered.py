"""Questions are embedded in one batch, and the last ones not again."""

from __future__ import annotations

from models.embed.base import QUESTIONS
from models.embed.remembered import Remembered


class Lengths:
    """Embeds a text as its length, and notes what it was given."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []

    def __call__(self, texts: list[str]) -> list[list[float]]:
        self.batches.append(texts)
        return [[float(len(text))] for text in texts]


def test_only_what_is_new_is_embedded_and_all_of_it_in_one_batch() -> None:
    lengths = Lengths()
    remembered = Remembered(lengths)
    assert remembered(["weir"]) == [[4.0]]
    assert remembered(["gate of it", "weir", "quay", "quay"]) == [[10.0], [4.0], [4.0], [4.0]]
    assert remembered(["quay"]) == [[4.0]]
    assert lengths.batches == [["weir"], ["gate of it", "quay"]]


def test_what_was_used_last_is_kept() -> None:
    lengths = Lengths()
    remembered = Remembered(lengths)
    questions = [f"question {number}" for number in range(QUESTIONS)]
    remembered(questions)
    remembered([questions[0]])
    remembered(["one more"])  # the second goes for it
    assert len(lengths.batches) == 2
    remembered([questions[0]])
    assert len(lengths.batches) == 2
    remembered([questions[1]])
    assert lengths.batches[-1] == [questions[1]]


def test_as_many_are_kept_as_asked_for() -> None:
    lengths = Lengths()
    remembered = Remembered(lengths, 2)
    for text in ("weir", "gate", "quay", "weir"):
        remembered([text])
    assert lengths.batches == [["weir"], ["gate"], ["quay"], ["weir"]]


def test_a_vector_that_is_changed_is_remembered_as_it_was() -> None:
    remembered = Remembered(Lengths())
    remembered(["weir"])[0].append(1.0)
    assert remembered(["weir"]) == [[4.0]]
