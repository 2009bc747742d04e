"""The questions of one turn are looked up several at once, and each once."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from threading import Barrier, Lock
from typing import Any

import pytest
from fakes import chunk
from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from pydantic import PrivateAttr

from chains.retrieval.at_once import MAX_AT_ONCE, Retrieval
from chains.retrieval.notices import note
from chains.retrieval.retriever import HitDocument, Retriever
from errors import ModelError
from records import Hit


class Slow(Retriever):
    """Finds a question's own words, once ``at_once`` questions are asked at the same time."""

    _together: Any = PrivateAttr()
    _prepared: list[list[str]] = PrivateAttr(default_factory=list)
    _asked: list[str] = PrivateAttr(default_factory=list)
    _lock: Any = PrivateAttr(default_factory=Lock)

    def __init__(self, at_once: int) -> None:
        super().__init__(None)  # type: ignore[arg-type]
        self._together = Barrier(at_once)

    def prepare(self, questions: Sequence[str]) -> None:
        if "unreadable" in questions:
            raise ModelError("no such model")
        self._prepared.append(list(questions))

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        with self._lock:
            self._asked.append(query)
        self._together.wait(10)  # raises where the others do not come
        if query == "broken":
            raise ValueError(query)
        note(f"about {query}")
        return [HitDocument.of(Hit(chunk=chunk(query), score=1.0))]


def test_questions_are_looked_up_at_the_same_time_and_each_once() -> None:
    questions, retriever = [f"part {n}" for n in range(MAX_AT_ONCE)], Slow(MAX_AT_ONCE)
    with closing(Retrieval(retriever)) as retrieve:
        retrieve.begin([*questions, questions[0]])
        found = [retrieve(question)[0].chunk.text for question in (*questions, questions[1])]
    assert found == [*questions, questions[1]]
    assert sorted(retriever._asked) == questions
    assert set(retrieve.notices) == {f"about {question}" for question in questions}
    assert retrieve.seconds > 0


def test_what_goes_wrong_is_raised_for_who_asks_for_it_alone() -> None:
    with closing(Retrieval(Slow(2))) as retrieve:
        retrieve.begin(["broken", "part"])
        assert retrieve("part")[0].chunk.text == "part"
        with pytest.raises(ValueError, match="broken"):
            retrieve("broken")


def test_a_question_that_was_not_begun_is_looked_up_when_it_is_asked() -> None:
    with closing(Retrieval(Slow(1))) as retrieve:
        assert retrieve("part")[0].chunk.text == "part"


def test_questions_are_embedded_together_before_they_are_looked_up() -> None:
    retriever = Slow(1)
    with closing(Retrieval(retriever)) as retrieve:
        retrieve.begin(["one", "two", "one"])
        retrieve.begin(["two", "three"])
    assert retriever._prepared == [["one", "two"], ["three"]]


def test_an_embedder_that_fails_is_told_at_once_and_leaves_nobody_waiting() -> None:
    retriever = Slow(1)
    with closing(Retrieval(retriever)) as retrieve:
        with pytest.raises(ModelError, match="no such model"):
            retrieve.begin(["unreadable", "part"])
        assert retrieve("part")[0].chunk.text == "part"
