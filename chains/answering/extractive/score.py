"""How well a piece of evidence answers a question, as a linear model learned it.

``rate`` orders pieces; ``confidence`` says how likely it is that the best ones answer. Weights are in files
that ``python -m evaluation --fit`` makes: two with nearness in meaning, and two by words alone, for a language that the
embedder was not made for.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from chains.answering.evidence import Evidence, collect
from chains.answering.extractive.features import FEATURES, features
from chains.answering.extractive.mail_heads import without_heads
from chains.answering.extractive.pieces import Piece, pieces_for
from chains.query.language import question_language
from chains.retrieval.base import Resources
from chains.retrieval.terms import WeightedTerms, weigh
from models.embed import serves
from models.linear import LinearModel, load_linear_model
from records import Hit, Principal
from text.tokens import content_words

DATA = Path(__file__).parents[3] / "data"
READER_WEIGHTS = DATA / "reader_weights.json"
CONFIDENCE_WEIGHTS = DATA / "confidence_weights.json"
READER_WEIGHTS_BY_WORDS = DATA / "reader_weights_by_words.json"
CONFIDENCE_WEIGHTS_BY_WORDS = DATA / "confidence_weights_by_words.json"

WHERE_ASKED = 0.2  # odds against the best piece that one at the place asked for needs to come before it
ALSO = 0.5  # odds against the best piece that a second one needs

CONFIDENCE: dict[str, str] = {
    "margin": "score of the best piece, less that of the third best",
    "cosine": "nearness in meaning of the best piece to the question",
    "no_number": "a number or time is asked for, and it holds none",
    "no_name": "a person is asked for, and it names nobody",
    "unknown": "share of the question's words that stand nowhere in the documents",
    "whether": "it asks whether something is so",
    "whole": "all of the question's words stand in what is said, its caption, headings and title",
}


@dataclass(frozen=True, kw_only=True)
class Scored:
    """A piece of evidence with its score, and what that was made from."""

    evidence: Evidence
    text: str  # as it was compared: with what names it from outside, and of a row the columns asked for
    score: float
    values: dict[str, float]  # by the names of ``FEATURES``
    columns: tuple[int, ...] = ()  # of a table row: those the question asks for; () is all
    answer: str = ""  # the words in it that answer, where a model found them
    by_words: bool = False  # nothing was told of its meaning: the embedder was not made for the question's language

    @property
    def similarity(self) -> float:
        """Nearness in meaning to the question, from 0 to 1."""
        return max(0.0, self.values["cosine"])


def rate(question: str, hits: Sequence[Hit], resources: Resources, principal: Principal) -> list[Scored]:
    """Return the pieces of ``hits`` that hold most of the question with their scores, best first."""
    asked = weigh(question, resources.lexical, principal)
    evidence = without_heads(question, collect(hits, resources.assets), hits, resources.documents, principal)
    return in_order(score_pieces(asked, pieces_for(asked, hits, evidence), resources))


def score_pieces(asked: WeightedTerms, pieces: Sequence[Piece], resources: Resources) -> list[Scored]:
    """Return each of ``pieces`` with its score."""
    if not pieces:
        return []
    by_words = not serves(resources.embedder, asked.language)
    rows = features(asked, pieces, [0.0] * len(pieces) if by_words else _cosines(asked, pieces, resources))
    scores = rows @ reader_model(by_words=by_words).vector(FEATURES)
    return [
        Scored(
            evidence=piece.evidence,
            text=piece.text,
            score=float(score),
            values=dict(zip(FEATURES, map(float, row), strict=True)),
            columns=piece.columns,
            by_words=by_words,
        )
        for piece, row, score in zip(pieces, rows, scores, strict=True)
    ]


def _cosines(asked: WeightedTerms, pieces: Sequence[Piece], resources: Resources) -> list[float]:
    """The nearness in meaning of each piece to the question."""
    vectors = np.array(resources.embed_pieces([piece.text for piece in pieces]))
    return [float(one) for one in vectors @ np.array(resources.embedder.embed_query(asked.text))]


def reader_model(*, by_words: bool) -> LinearModel:
    """Return the weights of the reader, or those of words alone."""
    return load_linear_model(READER_WEIGHTS_BY_WORDS if by_words else READER_WEIGHTS)


def _confidence_model(*, by_words: bool) -> LinearModel:
    return load_linear_model(CONFIDENCE_WEIGHTS_BY_WORDS if by_words else CONFIDENCE_WEIGHTS)


def in_order(scored: Sequence[Scored]) -> list[Scored]:
    """Return ``scored`` the best first, of whatever scores that are log-odds."""
    best = max((one.score for one in scored), default=0.0)
    return sorted(scored, key=lambda one: (not _is_where_asked(one, best), -one.score))


def _is_where_asked(one: Scored, best: float) -> bool:
    """Whether a piece stands at the place that the question names, and is not much worse than the best: no pack has questions
    enough that name a place for this to be learned."""
    return one.values["located"] > 0 and math.exp(one.score - best) >= WHERE_ASKED


def confidence_features(
    best: Mapping[str, float], scores: Sequence[float], about: Mapping[str, float]
) -> dict[str, float]:
    """Return what ``confidence`` is made from, by the names of ``CONFIDENCE``.

    Args:
        best: the values of the best piece, by the names of ``FEATURES``.
        scores: of all pieces, best first.
        about: what is known of the question, and of what is said, as a whole, by the names of ``CONFIDENCE``.
    """
    own = {**about, "margin": scores[0] - scores[min(2, len(scores) - 1)]}
    return {name: own[name] if name in own else best[name] for name in CONFIDENCE}


def is_as_good(score: float, best: float) -> bool:
    """Tell whether a piece is nearly as good as the best, so that it is said with it in an answer."""
    return math.exp(score - best) >= ALSO


def unknown_share(question: str, words: Sequence[str]) -> float:
    """Return the share of the content words of ``question`` that ``words`` are."""
    return len(words) / max(1, len(content_words(question, question_language(question))))


def confidence(scored: Sequence[Scored], about: Mapping[str, float]) -> float:
    """Return how likely the best of ``scored``, and what is said with it, hold the answer, from 0 to 1: a logistic
    regression, calibrated as far as documents are like those it was fitted on. For ``about`` see ``confidence_features``."""
    if not scored:
        return 0.0
    values = confidence_features(scored[0].values, [one.score for one in scored], about)
    return _confidence_model(by_words=scored[0].by_words).probability(values)


def threshold(outcome: str, chosen: float | None = None, *, by_words: bool = False) -> float:
    """Return the confidence from which on pieces are called ``outcome``, "answered" or "passages": the one that was
    ``chosen``, else the learned one, which is another where pieces were rated ``by_words`` alone."""
    return chosen if chosen is not None else _confidence_model(by_words=by_words).thresholds[outcome]
