"""The learned ranker: order by weights from a file."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import pytest
from fakes import chunk, put

from chains.pipeline import resources_of
from chains.retrieval.base import Query
from chains.retrieval.ranker.features import FEATURES
from chains.retrieval.ranker.learned import FIRST_HITS, OWN_WEIGHTS, PER_PAGE, WEIGHTS, learned, spread, weights_file
from errors import SettingsError
from models.linear import LinearModel, load_linear_model
from records import Hit, Scope
from store.index import Index

TEXTS = ("The weir.", "The old weir of the harbour.", "The harbour.")


@pytest.fixture
def index(make_index: Callable[..., Index]) -> Index:
    opened = make_index()
    put(opened, [chunk(text, page=number) for number, text in enumerate(TEXTS, start=1)])
    return opened


def order(index: Index, question: str, weights: dict[str, float]) -> list[tuple[str, float]]:
    """The texts with their scores, where ``weights`` are the data folder's own."""
    LinearModel(weights).save(index.settings.data_dir / OWN_WEIGHTS)
    hits = tuple(Hit(chunk=chunk(text, page=page), score=1 / page) for page, text in enumerate(TEXTS, start=1))
    found = learned(Query(question, Scope(), resources_of(index, index.settings)), hits)
    return [(hit.chunk.text, hit.score) for hit in found]


def test_the_weights_decide_and_scores_are_odds_against_the_best(index: Index) -> None:
    """Fused scores are 1, 1/2 and 1/3; the sum of weights times features goes into e^sum."""
    assert order(index, "weir", {"fused": 3.0}) == [
        (TEXTS[0], 1.0),
        (TEXTS[1], pytest.approx(math.exp(-1.5))),
        (TEXTS[2], pytest.approx(math.exp(-2.0))),
    ]
    assert [text for text, _ in order(index, "weir", {"fused": -3.0})] == list(reversed(TEXTS))
    both = order(index, "harbour", {"fused": 1.0, "covered": 0.6})  # 1.0, 0.5 + 0.6, 1/3 + 0.6
    assert [text for text, _ in both] == [TEXTS[1], TEXTS[0], TEXTS[2]]
    assert both[1][1] == pytest.approx(math.exp(-0.1))


def test_what_weighs_the_same_keeps_its_order(index: Index) -> None:
    assert order(index, "weir", {}) == [(text, 1.0) for text in TEXTS]


def test_weights_of_the_data_folder_win(index: Index) -> None:
    folder = index.settings.data_dir
    assert weights_file(folder) == WEIGHTS
    LinearModel({"fused": 1.0}).save(folder / OWN_WEIGHTS)
    assert weights_file(folder) == folder / OWN_WEIGHTS


def test_weights_that_cannot_be_used_are_named(index: Index) -> None:
    (index.settings.data_dir / OWN_WEIGHTS).write_text("{}", encoding="utf-8")
    query = Query("weir", Scope(), resources_of(index, index.settings))
    assert learned(query, ()) == ()
    with pytest.raises(SettingsError, match=OWN_WEIGHTS):
        learned(query, (Hit(chunk=chunk("The weir."), score=1.0),))


def test_our_own_weights_are_of_features_that_there_are_and_say_how_they_were_made() -> None:
    model = load_linear_model(WEIGHTS)
    assert set(model.weights) <= set(FEATURES)
    assert min(model.weights.values()) > 0
    assert model.made_by


def on_pages(*pages: int) -> list[Hit]:
    return [Hit(chunk=chunk(f"{number}", page=page), score=1.0) for number, page in enumerate(pages)]


def pages_of(hits: tuple[Hit, ...]) -> list[int]:
    return [hit.chunk.page for hit in hits]


def test_a_page_takes_no_more_than_its_share_of_the_first_places() -> None:
    assert pages_of(spread(on_pages(1, 1, 1, 1, 2, 1, 3))) == [1, 1, 1, 2, 3, 1, 1]
    many = on_pages(*[1] * 8, *range(2, 20))
    found = spread(many)
    assert pages_of(found)[:FIRST_HITS] == [1] * PER_PAGE + list(range(2, FIRST_HITS - PER_PAGE + 2))
    assert pages_of(found)[FIRST_HITS : FIRST_HITS + 5] == [1] * 5  # then as they stood
    assert sorted(hit.chunk.id for hit in found) == sorted(hit.chunk.id for hit in many)


def test_a_page_that_is_alone_keeps_all_places() -> None:
    assert pages_of(spread(on_pages(*[1] * 12))) == [1] * 12
    assert spread([]) == ()


def test_pages_of_the_same_number_in_two_sources_are_two() -> None:
    hits = [Hit(chunk=replace(chunk(f"{n}"), source=f"{n % 2}.md"), score=1.0) for n in range(6)]
    assert spread(hits) == tuple(hits)
