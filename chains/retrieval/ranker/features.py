"""What a learned ranker knows of a question and a candidate, in numbers that mean the same in every corpus.

A **page** and a **section** are units of their own between source and chunk: what all their candidates come to together is
known of each of them. Scores are compared with the best of the same question, so that no number depends on how long the
question is or how large the store.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence, Set

import numpy as np
from numpy.typing import NDArray

from chains.retrieval.base import GLOSSARY, PLACE, Query
from chains.retrieval.ranker.chunk_terms import ChunkTerms, chunk_terms
from chains.retrieval.ranker.coverage import Column, Coverage, Words
from chains.retrieval.terms import WeightedTerms, weigh
from records import Hit
from text.values import numbers
from text.years import years_in

FEATURES: dict[str, str] = {
    "cosine": "nearness in meaning to the question",
    "cosine_gap": "the same, less that of the nearest candidate",
    "bm25": "BM25 score, as a share of the best",
    "dense_rank": "reciprocal rank by nearness in meaning",
    "lexical_rank": "reciprocal rank by BM25",
    "fused": "reciprocal rank fusion of all lists, as a share of the best",
    "covered": "share of the question, by rarity of its words, that the chunk's own text holds",
    "covered_with_context": "the same with title and headings",
    "covered_by_piece": "the most that one sentence, or one row with its header, holds",
    "covered_by_piece_with_context": "the same with title and headings",
    "title": "share of the question that the source's title holds",
    "section": "share of the question that the headings hold",
    "phrases": "share of the question's neighbouring words that stand side by side",
    "years": "share of the years asked for that the chunk or its title names",
    "years_of_source": "share of the years asked for that the source's title names",
    "numbers": "share of the numbers in the question that the chunk holds",
    "named": "how surely the question names the source",
    "located": "it stands at the page, figure, table or section that the question names",
    "glossary": "it stands where the glossary says that a term of the question is printed",
    "page_cosine": "cosine of the nearest candidate of its page, less that of the nearest of all",
    "page_fused": "fused scores of the candidates of its page together, as a share of the best page's",
    "page_covered": "share of the question that the candidates of its page hold together",
    "section_cosine": "cosine of the nearest candidate of its section, less that of the nearest of all",
    "section_fused": "fused scores of the candidates of its section together, as a share of the best section's",
    "source_fused": "fused scores of the candidates of its source together, as a share of the best source's",
    "source_cosine": "cosine of the nearest candidate of its source, less that of the nearest of all",
    "neighbours": "fused score of the better of the chunks before and after it, as a share of the best",
    "model_score": "score by the reranking model, from the worst of those it read to the best; 0 where it read nothing",
    "model_rank": "reciprocal rank by the reranking model",
    "hop": "it is the nearest chunk of a source that a first hit names: how sure that hit is, squared, and its row's match",
}
# 0 in a language that the embedder was not made for
BY_EMBEDDER = ("cosine", "cosine_gap", "dense_rank", "page_cosine", "section_cosine", "source_cosine")
DENSE, LEXICAL, HOP, MODEL = "dense", "lexical", "entity_hop", "model"
Matrix = NDArray[np.float64]
Columns = dict[str, Column]
Units = NDArray[np.int64]  # of each hit: the number of its page, section or source


def features(query: Query, hits: Sequence[Hit]) -> Matrix:
    """Return a row for each of ``hits`` with a column for each of ``FEATURES``, in their order."""
    if not hits:
        return np.zeros((0, len(FEATURES)))
    asked = weigh(query.text, query.resources.lexical, query.scope.principal)
    scores = [dict(hit.scores) for hit in hits]
    chunks = [chunk_terms(hit.chunk, asked.language) for hit in hits]
    coverage = Coverage(asked, chunks)
    columns = {
        **_scores(hits, scores),
        **_by_model([one.get(MODEL) for one in scores]),
        **_words(coverage),
        **_said(asked, chunks, coverage.text.sum(axis=1) > 1),
        "named": np.array([query.named.get(hit.chunk.source, 0.0) for hit in hits]),
        "hop": np.array([one.get(HOP, 0.0) for one in scores]),
    }
    columns |= _units(hits, columns["cosine"], columns["fused"], coverage)
    return np.column_stack([columns[name] for name in FEATURES])


def _scores(hits: Sequence[Hit], scores: Sequence[dict[str, float]]) -> Columns:
    """What the rankings say of each hit; one that a ranking does not have counts as its last."""
    cosine = _filled([one.get(DENSE) for one in scores])
    ranks = [dict(hit.ranks) for hit in hits]
    names = {name for one in ranks for name in one}
    places, glossary = ({name for name in names if name.startswith(kind)} for kind in (PLACE, GLOSSARY))
    return {
        "cosine": cosine,
        "cosine_gap": _gap(cosine),
        "bm25": _share_of_best(_filled([one.get(LEXICAL) for one in scores])),
        "dense_rank": np.array([_reciprocal(one.get(DENSE)) for one in ranks]),
        "lexical_rank": np.array([_reciprocal(one.get(LEXICAL)) for one in ranks]),
        "fused": _share_of_best(np.array([hit.score for hit in hits])),
        "located": np.array([float(not places.isdisjoint(one)) for one in ranks]),
        "glossary": np.array([float(not glossary.isdisjoint(one)) for one in ranks]),
    }


def _by_model(scores: Sequence[float | None]) -> Columns:
    """What the reranking model says, which reads the first hits alone."""
    read = sorted({score for score in scores if score is not None}, reverse=True)
    span = (read[0] - read[-1] or 1.0) if read else 1.0
    return {
        "model_score": np.array([0.0 if score is None else (score - read[-1]) / span for score in scores]),
        "model_rank": np.array([0.0 if score is None else 1 / (1 + read.index(score)) for score in scores]),
    }


def _words(held: Coverage) -> Columns:
    """The shares of the question that the parts of each hit hold."""
    return {
        "covered": held.share(held.text),
        "covered_with_context": held.share(held.text | held.context),
        "covered_by_piece": held.share(held.piece),
        "covered_by_piece_with_context": held.share(held.piece | held.context),
        "title": held.share(held.title),
        "section": held.share(held.section),
    }


def _said(asked: WeightedTerms, chunks: Sequence[ChunkTerms], several: Iterable[bool]) -> Columns:
    """What of the question stands in each chunk as it is said: neighbouring words, where it holds ``several``; years,
    numbers."""
    years, said = years_in(asked.text), set(numbers(asked.text))
    found = {
        "phrases": [asked.phrases(chunk.words) if two else 0.0 for chunk, two in zip(chunks, several, strict=True)],
        "years": [_part(years, chunk.years) if years else 0.0 for chunk in chunks],
        "years_of_source": [_part(years, chunk.years_of_source) if years else 0.0 for chunk in chunks],
        "numbers": [_part(said, chunk.numbers) if said else 0.0 for chunk in chunks],
    }
    return {name: np.array(values) for name, values in found.items()}


def _units(hits: Sequence[Hit], cosine: Column, fused: Column, held: Coverage) -> Columns:
    """What is known of the page, the section and the source of each hit from all of their candidates."""
    pages = _numbered((hit.chunk.source, hit.chunk.page) for hit in hits)
    sections = _numbered((hit.chunk.source, hit.chunk.section) for hit in hits)
    sources = _numbered(hit.chunk.source for hit in hits)
    places = {(hit.chunk.source, hit.chunk.ordinal): score for hit, score in zip(hits, fused, strict=True)}
    beside = [max(places.get((hit.chunk.source, hit.chunk.ordinal + step), 0.0) for step in (-1, 1)) for hit in hits]
    return {
        "page_cosine": _gap(_best_of(pages, cosine)),
        "page_fused": _share_of_best(_sum_of(pages, fused)),
        "page_covered": held.share(_any_of(pages, held.text | held.context)),
        "section_cosine": _gap(_best_of(sections, cosine)),
        "section_fused": _share_of_best(_sum_of(sections, fused)),
        "source_fused": _share_of_best(_sum_of(sources, fused)),
        "source_cosine": _gap(_best_of(sources, cosine)),
        "neighbours": np.array(beside),
    }


def _numbered(units: Iterable[Hashable]) -> Units:
    """Units by number, from 0 as they come."""
    known: dict[Hashable, int] = {}
    return np.array([known.setdefault(unit, len(known)) for unit in units])


def _best_of(units: Units, values: Column) -> Column:
    """The greatest of the values of each unit, for each of its members."""
    best = np.full(units.max() + 1, -np.inf)
    np.maximum.at(best, units, values)
    return best[units]


def _sum_of(units: Units, values: Column) -> Column:
    """The values of each unit together, for each of its members."""
    sums = np.bincount(units, values).astype(float)
    return sums[units]


def _any_of(units: Units, words: Words) -> Words:
    """The words that any member of a unit holds, for each of its members."""
    found = np.zeros((units.max() + 1, words.shape[1]), dtype=bool)
    np.logical_or.at(found, units, words)
    return found[units]


def _part(wanted: Set[float], there: Set[float]) -> float:
    """The share of ``wanted``, of which there is some, that is ``there``."""
    return len(wanted & there) / len(wanted)


def _filled(values: Sequence[float | None]) -> Column:
    least = min((value for value in values if value is not None), default=0.0)
    return np.array([least if value is None else value for value in values])


def _gap(values: Column) -> Column:
    best: float = values.max()
    return values - best


def _share_of_best(values: Column) -> Column:
    best: float = values.max()
    return values / best if best > 0 else np.zeros_like(values)


def _reciprocal(rank: int | None) -> float:
    return 1 / rank if rank else 0.0
