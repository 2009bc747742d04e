"""What chooses the piece that answers, and tells how surely: the learned weights, or a model that finds the words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from chains.answering.evidence import Evidence, collect
from chains.answering.extractive.mail_heads import without_heads
from chains.answering.extractive.pieces import Piece, as_pieces, pieces_for
from chains.answering.extractive.said import Said
from chains.answering.extractive.score import (
    Scored,
    confidence,
    in_order,
    rate,
    reader_model,
    score_pieces,
    threshold,
)
from chains.retrieval.base import Resources
from chains.retrieval.terms import WeightedTerms, weigh
from config import Settings
from models.linear import LARGEST
from models.reader import Span, SpanReader
from records import Hit, Outcome, Principal
from text.geometry import around

SPAN_THRESHOLD = 0.5  # from which on the model holds that its span answers rather than nothing


class Scorer(Protocol):
    """What the extractive reader goes by."""

    def rate(self, question: str, hits: Sequence[Hit], principal: Principal) -> list[Scored]:
        """Return pieces of ``hits`` with their scores, which are log-odds, best first."""
        ...

    def decide(self, said: Said) -> tuple[Outcome, float]:
        """Return what ``said``, of pieces as ``rate`` gave them, comes to, and the confidence, 0 to 1, that it answers."""
        ...


def scorer_for(settings: Settings, resources: Resources) -> Scorer:
    """Return the scorer of the reader model, where one is set, else the learned one."""
    learned = LearnedScorer(settings, resources)
    return learned if resources.reader is None else SpanScorer(settings, resources, resources.reader, learned)


def least_confidence(settings: Settings) -> float:
    """Return the confidence from which on the best piece is called an answer."""
    if settings.reader_model:
        return _least_of_span(settings)
    return threshold("answered", settings.min_confidence)


def _least_of_span(settings: Settings) -> float:
    return SPAN_THRESHOLD if settings.min_confidence is None else settings.min_confidence


class LearnedScorer:
    """Goes by the learned weights."""

    def __init__(self, settings: Settings, resources: Resources) -> None:
        self._settings = settings
        self._resources = resources

    def rate(self, question: str, hits: Sequence[Hit], principal: Principal) -> list[Scored]:
        """Return the pieces that hold most of the question, best first."""
        return rate(question, hits, self._resources, principal)

    def decide(self, said: Said) -> tuple[Outcome, float]:
        """Return what the learned confidence comes to."""
        sure = confidence(said.scored, said.about)
        if sure >= threshold("answered", self._settings.min_confidence, by_words=_by_words(said.scored)):
            return "answered", sure
        return self.without_answer(said), sure

    def without_answer(self, said: Said) -> Outcome:
        """Return whether what is ``said``, which does not surely answer, is near enough to be shown."""
        least = threshold("passages", self._settings.min_passage_confidence, by_words=_by_words(said.scored))
        return "passages" if confidence(said.scored, said.about) >= least else "nothing"


def _by_words(scored: Sequence[Scored]) -> bool:
    return bool(scored) and scored[0].by_words


class SpanScorer:
    """Goes by a model that finds the words that answer: it reads the passages of the hits whole, and row by row those rows of
    tables that hold most of the question. The piece is the sentence or row that has the words; its score is the model's."""

    def __init__(self, settings: Settings, resources: Resources, reader: SpanReader, learned: LearnedScorer) -> None:
        self._settings = settings
        self._resources = resources
        self._reader = reader
        self._learned = learned

    def rate(self, question: str, hits: Sequence[Hit], principal: Principal) -> list[Scored]:
        """Return the sentences and rows in which the model found words that may answer, best first.

        Raises:
            ModelError: the model cannot be loaded.
        """
        asked = weigh(question, self._resources.lexical, principal)
        whole = collect(hits, self._resources.assets)
        evidence = without_heads(question, whole, hits, self._resources.documents, principal)
        rows = pieces_for(asked, hits, [one for one in evidence if one.table is not None])
        ranks = sorted({one.rank for one in evidence if one.table is None})
        passages = [hits[rank - 1].chunk.text for rank in ranks]
        spans = self._reader.read(question, [*passages, *(row.text for row in rows)])
        found = list(_sentences(asked, hits, evidence, zip(ranks, spans, strict=False)))
        for row, span in zip(rows, spans[len(ranks) :], strict=True):
            if span is not None:
                found.append((row, row.text[span.start : span.end], span.score))
        scored = score_pieces(asked, [piece for piece, _, _ in found], self._resources)
        return in_order(
            [
                replace(one, score=score, answer=answer, columns=_columns(piece, answer))
                for one, (piece, answer, score) in zip(scored, found, strict=True)
            ]
        )

    def decide(self, said: Said) -> tuple[Outcome, float]:
        """Return "answered" where the best span is likelier than that there is none, as is usual on SQuAD 2 (Rajpurkar et
        al. 2018, https://arxiv.org/abs/1806.03822), or as likely as ``min_confidence`` asks for; else whether what was found
        is near enough to be shown, which is decided as without the model."""
        scored = said.scored
        if not scored:
            return "nothing", 0.0
        sure = 1 / (1 + math.exp(-max(-LARGEST, min(LARGEST, scored[0].score))))
        if sure >= _least_of_span(self._settings):
            return "answered", sure
        weights = reader_model(by_words=_by_words(scored)).weights
        learned = [
            replace(one, score=sum(weights.get(name, 0.0) * value for name, value in one.values.items()))
            for one in scored
        ]
        return self._learned.without_answer(replace(said, scored=in_order(learned))), sure


def _sentences(
    asked: WeightedTerms, hits: Sequence[Hit], evidence: Sequence[Evidence], spans: Iterable[tuple[int, Span | None]]
) -> Iterator[tuple[Piece, str, float]]:
    """Yield the sentence that holds each span of the hit of that rank, the words of the span and its score."""
    for rank, span in spans:
        own = [one for one in evidence if one.rank == rank and one.table is None]
        sentence = _holding(span, own) if span is not None else None
        if span is not None and sentence is not None:
            (piece,) = as_pieces(asked, hits, [sentence])
            words = " ".join(sentence.chunk.text[span.start : span.end].split())
            yield piece, words, span.score


def _holding(span: Span, sentences: Sequence[Evidence]) -> Evidence | None:
    """The shortest of ``sentences`` that holds ``span``, or those together that it runs over; None when it lies in none."""
    whole = [one for one in sentences if one.start <= span.start and span.end <= one.end]
    if whole:
        return min(whole, key=lambda one: one.end - one.start)
    touched = [one for one in sentences if one.start < span.end and span.start < one.end]
    if not touched:
        return None
    chunk = touched[0].chunk
    start = min(span.start, *(one.start for one in touched))
    end = max(span.end, *(one.end for one in touched))
    quote = " ".join(chunk.text[start:end].split())
    return replace(touched[0], quote=quote, bbox=around(chunk.spans, start, end) or chunk.bbox, start=start, end=end)


def _columns(piece: Piece, answer: str) -> tuple[int, ...]:
    """Of a row: the columns whose cells hold the answer, or that the question asks for."""
    table = piece.evidence.table
    if table is None:
        return ()
    cells = table.grid()[piece.evidence.row]
    same = [col for col, cell in enumerate(cells) if cell == answer]
    near = [col for col, cell in enumerate(cells) if cell and (cell in answer or answer in cell)]
    return tuple(same or near) or piece.columns
