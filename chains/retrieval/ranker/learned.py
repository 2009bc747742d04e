"""The learned ranker: a weighted sum of ``features``, with weights from a file.

The weights are those of a linear model that was fitted to tell the units that hold an answer from the other candidates of
the same question (softmax loss; Cao et al. 2007, "Learning to rank: from pairwise approach to listwise approach",
https://doi.org/10.1145/1273496.1273513). ``python -m evaluation --fit`` makes them.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from chains.retrieval.base import Query
from chains.retrieval.ranker.features import FEATURES, features
from models.embed import serves
from models.linear import load_linear_model
from records import Hit

WEIGHTS = Path(__file__).parents[3] / "data" / "ranker_weights.json"
WEIGHTS_BY_WORDS = WEIGHTS.with_name("ranker_weights_by_words.json")  # where the embedder has no say
OWN_WEIGHTS = "ranker_weights.json"  # in the data folder: fitted to its own documents
PER_PAGE = 3  # chunks of one page among the first hits, so that it does not take all the places
FIRST_HITS = 10  # among which that holds


def learned(query: Query, hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
    """Order ``hits`` by the learned model. Scores are odds against the best, so from 0 to 1.

    Raises:
        SettingsError: the file of weights cannot be used.
    """
    if not hits:
        return hits
    by_words = not serves(query.resources.embedder, query.language)
    model = load_linear_model(WEIGHTS_BY_WORDS if by_words else weights_file(query.resources.settings.data_dir))
    rated = features(query, hits) @ model.vector(FEATURES)
    odds = np.exp(rated - rated.max())
    scored = [
        Hit(chunk=hit.chunk, score=score, ranks=hit.ranks, scores=hit.scores)
        for hit, score in zip(hits, odds.tolist(), strict=True)
    ]
    return spread(sorted(scored, key=lambda hit: -hit.score))


def weights_file(data_dir: Path) -> Path:
    """Return the file with the weights for the documents in ``data_dir``: their own where some were fitted to them."""
    own = data_dir / OWN_WEIGHTS
    return own if own.is_file() else WEIGHTS


def spread(hits: list[Hit]) -> tuple[Hit, ...]:
    """Return ``hits`` in their order, but no more than ``PER_PAGE`` of one page among the first ``FIRST_HITS`` while there
    are others."""
    first: list[Hit] = []
    later: list[Hit] = []
    taken: dict[tuple[str, int], int] = {}
    for hit in hits:
        page = (hit.chunk.source, hit.chunk.page)
        taken[page] = taken.get(page, 0) + 1
        (first if len(first) < FIRST_HITS and taken[page] <= PER_PAGE else later).append(hit)
    return (*first, *later)
