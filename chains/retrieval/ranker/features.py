"""What a learned ranker knows of a question and a candidate, in numbers that mean the same in every corpus.

A **page** and a **section** are units of their own between source and chunk: what all their candidates come to together is
known of each of them. Scores are compared with the best of the same question, so that no number depends on how long the
question is or how large the store.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence, Set

import numpy as np
from numpy.typing import NDArray

from chains.retrieval.base import GLOSSARY, PLACE, Query
from chains.retrieval.ranker.chunk_terms import ChunkTerms, Stems, chunk_terms
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


def features(query: Query, hits: Sequence[Hit]) -> Matrix:
    """Return a row for each of ``hits`` with a column for each of ``FEATURES``, in their order."""
    if not hits:
        return np.zeros((0, len(FEATURES)))
    asked = weigh(query.text, query.resources.lexical, query.scope.principal)
    chunks = [chunk_terms(hit.chunk, asked.language) for hit in hits]
    texts = [_held(asked, chunk.text) for chunk in chunks]
    contexts = [_held(asked, chunk.context) for chunk in chunks]
    columns = {
        **_scores(hits),
        **_by_model([dict(hit.scores).get(MODEL) for hit in hits]),
        **_words(asked, chunks, texts, contexts),
        "named": [query.named.get(hit.chunk.source, 0.0) for hit in hits],
        "hop": [dict(hit.scores).get(HOP, 0.0) for hit in hits],
    }
    columns |= _units(hits, asked, columns, [own | above for own, above in zip(texts, contexts, strict=True)])
    return np.array([columns[name] for name in FEATURES], dtype=float).T


Columns = dict[str, Sequence[float]]


def _scores(hits: Sequence[Hit]) -> Columns:
    """What the rankings say of each hit; one that a ranking does not have counts as its last."""
    cosine = _filled([dict(hit.scores).get(DENSE) for hit in hits])
    bm25 = _filled([dict(hit.scores).get(LEXICAL) for hit in hits])
    ranks = [dict(hit.ranks) for hit in hits]
    return {
        "cosine": cosine,
        "cosine_gap": _gap(cosine),
        "bm25": _share_of_best(bm25),
        "dense_rank": [_reciprocal(one.get(DENSE)) for one in ranks],
        "lexical_rank": [_reciprocal(one.get(LEXICAL)) for one in ranks],
        "fused": _share_of_best([hit.score for hit in hits]),
        "located": [float(any(name.startswith(PLACE) for name in one)) for one in ranks],
        "glossary": [float(any(name.startswith(GLOSSARY) for name in one)) for one in ranks],
    }


def _by_model(scores: Sequence[float | None]) -> Columns:
    """What the reranking model says, which reads the first hits alone."""
    read = sorted({score for score in scores if score is not None}, reverse=True)
    span = (read[0] - read[-1] or 1.0) if read else 1.0
    return {
        "model_score": [0.0 if score is None else (score - read[-1]) / span for score in scores],
        "model_rank": [0.0 if score is None else 1 / (1 + read.index(score)) for score in scores],
    }


def _words(
    asked: WeightedTerms, chunks: Sequence[ChunkTerms], texts: Sequence[set[str]], contexts: Sequence[set[str]]
) -> Columns:
    years, said = years_in(asked.text), set(numbers(asked.text))
    found: dict[str, list[float]] = defaultdict(list)
    for chunk, own, above in zip(chunks, texts, contexts, strict=True):
        found["covered"].append(asked.share(own))
        found["covered_with_context"].append(asked.share(own | above))
        piece = _best_piece(asked, chunk) if len(own) > 1 else own  # one word stands in one piece
        found["covered_by_piece"].append(asked.share(piece))
        found["covered_by_piece_with_context"].append(asked.share(piece | above))
        found["title"].append(asked.share(_held(asked, chunk.title)))
        found["section"].append(asked.share(_held(asked, chunk.section)))
        found["phrases"].append(asked.phrases(chunk.words) if len(own) > 1 else 0.0)
        found["years"].append(_part(years, chunk.years) if years else 0.0)
        found["years_of_source"].append(_part(years, chunk.years_of_source) if years else 0.0)
        found["numbers"].append(_part(said, chunk.numbers) if said else 0.0)
    return dict(found)


def _held(asked: WeightedTerms, stems: Stems) -> set[str]:
    """The stems of the question among ``stems``."""
    return {one for one in asked.weights if one in stems}


def _best_piece(asked: WeightedTerms, chunk: ChunkTerms) -> set[str]:
    """The words of the question in the sentence, or the row, that holds most of it."""
    return max((_held(asked, piece) for piece in chunk.pieces), key=asked.share, default=set())


def _units(hits: Sequence[Hit], asked: WeightedTerms, columns: Columns, held_by: Sequence[set[str]]) -> Columns:
    """What is known of the page, the section and the source of each hit from all of their candidates."""
    cosine, fused = columns["cosine"], columns["fused"]
    pages = [(hit.chunk.source, hit.chunk.page) for hit in hits]
    sections = [(hit.chunk.source, hit.chunk.section) for hit in hits]
    sources = [hit.chunk.source for hit in hits]
    words: dict[Hashable, set[str]] = defaultdict(set)
    for page, own in zip(pages, held_by, strict=True):
        words[page] |= own
    places = {(hit.chunk.source, hit.chunk.ordinal): score for hit, score in zip(hits, fused, strict=True)}
    beside = [max(places.get((hit.chunk.source, hit.chunk.ordinal + step), 0.0) for step in (-1, 1)) for hit in hits]
    return {
        "page_cosine": _gap(_over(pages, cosine, max)),
        "page_fused": _share_of_best(_over(pages, fused, sum)),
        "page_covered": [asked.share(words[page]) for page in pages],
        "section_cosine": _gap(_over(sections, cosine, max)),
        "section_fused": _share_of_best(_over(sections, fused, sum)),
        "source_fused": _share_of_best(_over(sources, fused, sum)),
        "source_cosine": _gap(_over(sources, cosine, max)),
        "neighbours": beside,
    }


def _over(
    units: Sequence[Hashable], values: Sequence[float], together: Callable[[Iterable[float]], float]
) -> list[float]:
    """What the values of each unit come to, for each of its members."""
    members: dict[Hashable, list[float]] = defaultdict(list)
    for unit, value in zip(units, values, strict=True):
        members[unit].append(value)
    result = {unit: together(values) for unit, values in members.items()}
    return [result[unit] for unit in units]


def _part(wanted: Set[float], there: Set[float]) -> float:
    """The share of ``wanted``, of which there is some, that is ``there``."""
    return len(wanted & there) / len(wanted)


def _filled(values: Sequence[float | None]) -> list[float]:
    least = min((value for value in values if value is not None), default=0.0)
    return [least if value is None else value for value in values]


def _gap(values: Sequence[float]) -> list[float]:
    best = max(values, default=0.0)
    return [value - best for value in values]


def _share_of_best(values: Sequence[float]) -> list[float]:
    best = max(values, default=0.0)
    return [value / best if best > 0 else 0.0 for value in values]


def _reciprocal(rank: int | None) -> float:
    return 1 / rank if rank else 0.0
