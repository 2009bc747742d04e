"""Questions and passages to label, and how much the labels say so far. Nothing here knows the page's components."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain, zip_longest

from chains.pipeline import resources_of
from chains.retrieval.search import retrieve
from evaluation.sample_size import interval, more_labels
from records import Chunk, Principal, Scope
from store.feedback import AnswerFeedback, FeedbackEntry, PassageLabel, Relevance, latest_entries, question_key
from store.index import Index

POOL = 10  # passages taken from each ranking


@dataclass(frozen=True)
class Candidate:
    """A passage to judge, with its rank in the product's own ranking: from 1, or 0 when only another one had it."""

    chunk: Chunk
    rank: int


@dataclass(frozen=True)
class Task:
    """A question with the passages to judge for it."""

    question: str = ""
    candidates: tuple[Candidate, ...] = ()
    position: int = 0  # of the passage that is shown, from 0; past the last one when all are judged
    given: tuple[tuple[str, Relevance], ...] = ()  # chunk id -> label, this sitting

    @property
    def current(self) -> Candidate | None:
        """The passage to judge now."""
        return self.candidates[self.position] if self.position < len(self.candidates) else None

    def labelled(self, relevance: Relevance) -> Task:
        """Return the task after the current passage was judged."""
        if self.current is None:
            return self
        given = {**dict(self.given), self.current.chunk.id: relevance}
        return replace(self, position=self.position + 1, given=tuple(given.items()))

    def back(self) -> Task:
        """Return the task with the passage before."""
        return replace(self, position=max(0, self.position - 1))


def task_for(question: str, index: Index, principal: Principal) -> Task:
    """Return the question with its candidates among what ``principal`` may read: the best of the product's ranking, of
    vectors and of words in turn, each once.

    Several rankings are pooled so that the labels can judge other systems than the one that chose the passages (Spärck
    Jones and van Rijsbergen 1975, "Report on the need for and provision of an ideal information retrieval test
    collection").

    Raises:
        StoreError: the index cannot be searched.
    """
    scope = Scope(principal=principal)
    hits = [hit.chunk for hit in retrieve(question, scope, resources_of(index, index.settings))][:POOL]
    dense = [chunk for chunk, _ in index.dense.search(question, POOL, scope)]
    lexical = [chunk for chunk, _ in index.lexical.search(question, POOL, scope)]
    ranks = {chunk.id: rank for rank, chunk in enumerate(hits, start=1)}
    in_turn = chain.from_iterable(zip_longest(hits, dense, lexical))
    pooled = {chunk.id: chunk for chunk in in_turn if chunk is not None}
    return Task(question, tuple(Candidate(chunk, ranks.get(id_, 0)) for id_, chunk in pooled.items()))


def open_questions(entries: Iterable[FeedbackEntry]) -> list[str]:
    """Return questions whose answer somebody rated bad and nobody has corrected or labelled, the oldest first."""
    about: dict[str, list[FeedbackEntry]] = {}
    for one in latest_entries(entries):
        about.setdefault(question_key(one.question), []).append(one)
    return [
        on_it[0].question
        for on_it in about.values()
        if all(isinstance(one, AnswerFeedback) and not one.correction for one in on_it)
        and any(isinstance(one, AnswerFeedback) and one.rating == "bad" for one in on_it)
    ]


@dataclass(frozen=True)
class Share:
    """A share that labels measure."""

    what: str
    unit: str  # what one more label is
    successes: int
    labels: int

    def count(self) -> str:
        """Return the share in plain words."""
        return f"{self.what}: {self.successes} of {self.labels}" if self.labels else f"{self.what}: none judged yet"

    def sentence(self, width: float) -> str:
        """Return the share with its interval, and what is missing to make that ``width`` wide (0 to 1)."""
        more = more_labels(self.successes, self.labels, width)
        if not self.labels:
            return f"{self.what}: none judged yet. About {more:,} {self.unit} make the interval {width:.0%} wide."
        low, high = interval(self.successes, self.labels)
        share = f"{self.successes} of {self.labels}, {self.successes / self.labels:.0%}"
        goal = (
            f"{more:,} more {self.unit} narrow it to {width:.0%}" if more else f"no wider than {width:.0%}, as wanted"
        )
        return f"{self.what}: {share} (95 % interval {low:.0%} to {high:.0%}, {high - low:.0%} wide; {goal})."


def shares(entries: Sequence[FeedbackEntry]) -> tuple[Share, ...]:
    """Return what the labels so far say of answers and of retrieval; a question or an answer counts once for each person."""
    latest = latest_entries(entries)
    ratings = [one.rating == "good" for one in latest if isinstance(one, AnswerFeedback) and one.rating != "withdrawn"]
    firsts = [one.relevance != "not" for one in latest if isinstance(one, PassageLabel) and one.rank == 1]
    return (
        Share("Answers rated right", "ratings", sum(ratings), len(ratings)),
        Share("Questions whose first passage is relevant", "questions", sum(firsts), len(firsts)),
    )
