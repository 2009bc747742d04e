"""Do people ask for what is not here? A two-sample test of the newest questions against what they should resemble.

MMD_u^2, the unbiased squared maximum mean discrepancy with an RBF kernel whose width is the median distance, and the share of
permutations that reach it: Gretton et al., A Kernel Two-Sample Test, JMLR 13 (2012), lemma 6 and section 8.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from store.conversations import Conversations
from store.feedback import AnswerFeedback, Feedback
from store.index import Index
from store.spaces import TEXT

FEWEST = 20  # questions in a sample; fewer say nothing
NEWEST = 100  # questions that are tested
COMPARED = 200  # earlier questions, and passages
PERMUTATIONS = 500
LEVEL = 0.05
SEED = 7  # the same data give the same verdict

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Test:
    """The outcome of a two-sample test."""

    mmd: float  # MMD_u^2; around 0 where both samples come from one distribution
    p: float  # the share of permutations with at least that


@dataclass(frozen=True, kw_only=True)
class Drift:
    """What the newest questions are like."""

    questions: int  # that were tested; 0 where there are too few
    unanswered: int = 0  # of them
    passages: Test | None = None  # against the index's passages
    answered: Test | None = None  # against earlier questions that were answered; None where there are too few

    @property
    def drifted(self) -> bool:
        """Whether people ask for what is not here: questions are unlike those that were answered, and most go unanswered.
        Unlike passages they nearly always are, for questions are worded otherwise."""
        return self.answered is not None and self.answered.p < LEVEL and 2 * self.unanswered > self.questions

    def sentence(self) -> str:
        """Return it in plain words."""
        if not self.questions:
            return f"Fewer than {FEWEST} questions are kept: whether people ask for what is not here cannot be told."
        said = [f"Of the {self.questions} newest questions {self.unanswered} were not answered."]
        if self.passages is not None:
            said.append(f"Against the passages here: MMD² {self.passages.mmd:.3f}, p = {self.passages.p:.3f}.")
        if self.answered is None:
            said.append(f"Fewer than {FEWEST} earlier ones were answered, so there is nothing to compare them with.")
        else:
            said.append(
                f"Against earlier ones that were answered: MMD² {self.answered.mmd:.3f}, p = {self.answered.p:.3f}."
            )
            said.append("People ask for what is not here." if self.drifted else "They ask for what is here.")
        return " ".join(said)


def two_sample_test(first: Array, second: Array, permutations: int = PERMUTATIONS, seed: int = SEED) -> Test:
    """Test whether two samples come from one distribution.

    Args:
        first: matrix with a vector of the first sample a row, at least two.
        second: likewise; as many columns.
        permutations: how many times the samples are mixed.
        seed: of the mixing.
    """
    both = np.concatenate([first, second])
    lengths = (both**2).sum(axis=1)
    squared = np.maximum(lengths[:, None] + lengths[None, :] - 2 * both @ both.T, 0.0)
    apart = squared[np.triu_indices(len(both), 1)]
    width = float(np.median(apart)) or 1.0  # sigma^2 of the kernel; 0 where most vectors are equal
    kernel = np.exp(-squared / (2 * width))
    np.fill_diagonal(kernel, 0.0)
    m = len(first)
    measured = _mmd(kernel, np.arange(len(both)), m)
    drawn = np.random.default_rng(seed)
    reached = sum(_mmd(kernel, drawn.permutation(len(both)), m) >= measured - 1e-12 for _ in range(permutations))
    return Test(measured, (1 + reached) / (1 + permutations))


def _mmd(kernel: Array, order: NDArray[np.int64], m: int) -> float:
    """Lemma 6, for the kernel matrix of both samples without its diagonal, the first ``m`` of ``order`` being the first."""
    x, y = order[:m], order[m:]
    n = len(y)
    within = kernel[np.ix_(x, x)].sum() / (m * (m - 1)) + kernel[np.ix_(y, y)].sum() / (n * (n - 1))
    return float(within - 2 * kernel[np.ix_(x, y)].mean())


def drift(index: Index) -> Drift:
    """Return what the newest of the questions that are kept anyway are like, those of conversations and of rated answers."""
    asked = _asked(index)
    newest, earlier = asked[-NEWEST:], [question for question, answered in asked[:-NEWEST] if answered]
    if len(asked) < 2 * NEWEST:  # few: the newer half
        half = len(asked) // 2
        newest, earlier = asked[half:], [question for question, answered in asked[:half] if answered]
    if len(newest) < FEWEST:
        return Drift(questions=0)
    vectors = _embedded(index, [question for question, _ in newest])
    passages = _passages(index)
    before = _embedded(index, earlier[-COMPARED:]) if len(earlier) >= FEWEST else None
    return Drift(
        questions=len(newest),
        unanswered=sum(not answered for _, answered in newest),
        passages=two_sample_test(vectors, passages) if len(passages) >= FEWEST else None,
        answered=two_sample_test(vectors, before) if before is not None else None,
    )


def _asked(index: Index) -> list[tuple[str, bool]]:
    """Each question once, the newest last, and whether it was answered."""
    settings = index.settings
    rated = [one for one in Feedback(settings.shared_path).all() if isinstance(one, AnswerFeedback)]
    said = [
        *Conversations(index.folder, settings.catalog_url).asked(),
        *((one.when, one.question, not one.abstained) for one in rated),
    ]
    latest: dict[str, bool] = {}
    for _, question, answered in sorted(said, key=lambda one: one[0]):
        latest.pop(question, None)
        latest[question] = answered
    return list(latest.items())


def _embedded(index: Index, questions: Sequence[str]) -> Array:
    return np.array([index.dense.vector_of(question) for question in questions], dtype=np.float64)


def _passages(index: Index) -> Array:
    """The vectors of passages drawn by chance."""
    ids = sorted(index.parts.vectors.ids(index.parts.spaces[TEXT].key))
    drawn = np.random.default_rng(SEED).permutation(len(ids))[:COMPARED]
    stored = index.parts.vectors.stored(index.parts.spaces[TEXT].key, [ids[one] for one in drawn])
    return np.array(list(stored.values()), dtype=np.float64).reshape(len(stored), -1)
