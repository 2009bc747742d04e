"""What the learned ranker knows of a candidate, worked out by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from fakes import chunk, document, put

from chains.pipeline import resources_of
from chains.retrieval.base import Query
from chains.retrieval.ranker.features import FEATURES, features
from records import Chunk, Hit, Principal, Scope
from store.index import Index

WORTH = {"weir": 3.0, "height": 1.0}  # by stem; all other words are worth 2


class Words:
    """Stands in for the lexical search: a word is worth what ``WORTH`` says."""

    def idf(self, stems: Iterable[str], principal: Principal) -> dict[str, float]:
        return {one: WORTH.get(one, 2.0) for one in stems}


def columns(question: str, hits: Sequence[Hit], named: Mapping[str, float] | None = None) -> dict[str, list[float]]:
    """The features of ``hits`` by name; ``named`` are the sources that the question names."""
    resources: Any = SimpleNamespace(lexical=Words())
    query = Query(question, Scope(), resources)
    query.__dict__["named"] = named or {}
    return dict(zip(FEATURES, features(query, hits).T.tolist(), strict=True))


def hit(one: Chunk | str, score: float = 1.0, dense: float | None = None, **more: Any) -> Hit:
    """A hit; ``dense`` is its cosine."""
    scores = (("dense", dense),) if dense is not None else ()
    return Hit(chunk=one if isinstance(one, Chunk) else chunk(one), score=score, scores=scores, **more)


def test_coverage_is_the_share_of_the_worth_of_the_words() -> None:
    """weir and height are worth 3 and 1, so 4 together."""
    found = columns(
        "weir height",
        [
            hit(chunk("The weir stood.", context="Height", title="A weir", section=("Height", "Harbour"))),
            hit(chunk("The weir stood. Its height was known.")),
            hit("Nothing of that."),
        ],
    )
    assert found["covered"] == [0.75, 1.0, 0.0]
    assert found["covered_with_context"] == [1.0, 1.0, 0.0]
    assert found["covered_by_piece"] == [0.75, 0.75, 0.0]  # one sentence holds the weir, the other its height
    assert found["covered_by_piece_with_context"] == [1.0, 0.75, 0.0]
    assert found["title"] == [0.75, 0.0, 0.0]
    assert found["section"] == [0.25, 0.0, 0.0]


def test_a_row_is_read_below_its_header() -> None:
    rows = chunk("Weir | Length\nHeight | 4\nDepth | 5", kind="table", first_row=1, last_row=3)
    assert columns("weir height", [hit(rows)])["covered_by_piece"] == [1.0]
    assert columns("depth height", [hit(rows)])["covered_by_piece"] == [pytest.approx(2 / 3)]  # two rows: the better


def test_scores_are_compared_with_the_best_of_the_question() -> None:
    found = columns(
        "weir",
        [
            Hit(chunk=chunk("a"), score=0.8, scores=(("dense", 0.7), ("lexical", 4.0)), ranks=(("dense", 1),)),
            Hit(chunk=chunk("b"), score=0.4, scores=(("lexical", 8.0),), ranks=(("lexical", 1),)),
            Hit(chunk=chunk("c"), score=0.2, scores=(("dense", 0.5),), ranks=(("dense", 4), ("lexical", 2))),
        ],
    )
    assert found["cosine"] == [0.7, 0.5, 0.5]  # what a ranking does not have counts as its last
    assert found["cosine_gap"] == pytest.approx([0.0, -0.2, -0.2])
    assert found["bm25"] == [0.5, 1.0, 0.5]
    assert found["dense_rank"] == [1.0, 0.0, 0.25]
    assert found["lexical_rank"] == [0.0, 1.0, 0.5]
    assert found["fused"] == [1.0, 0.5, 0.25]


def test_a_page_a_section_and_a_source_know_what_their_chunks_come_to() -> None:
    """Two chunks on page 1, one of them and the chunk on page 2 in one section; another source."""
    found = columns(
        "weir height",
        [
            hit(chunk("The weir.", page=1, section=("A",), ordinal=0), 0.8, 0.5),
            hit(chunk("The height.", page=1, section=("B",), ordinal=1), 0.4, 0.6),
            hit(chunk("The harbour.", page=2, section=("B",), ordinal=3), 0.4, 0.4),
            hit(chunk("The weir again.", source="b.md", page=1, section=("A",), ordinal=2), 0.8, 0.3),
        ],
    )
    assert found["page_cosine"] == pytest.approx([0.0, 0.0, -0.2, -0.3])
    assert found["page_fused"] == pytest.approx([1.0, 1.0, 1 / 3, 2 / 3])  # 1.5, 1.5, .5, 1 of the best page's 1.5
    assert found["page_covered"] == [1.0, 1.0, 0.0, 0.75]
    assert found["section_cosine"] == pytest.approx([-0.1, 0.0, 0.0, -0.3])
    assert found["section_fused"] == [1.0, 1.0, 1.0, 1.0]  # 1, .5 + .5, 1
    assert found["source_cosine"] == pytest.approx([0.0, 0.0, 0.0, -0.3])
    assert found["source_fused"] == [1.0, 1.0, 1.0, 0.5]
    assert found["neighbours"] == [0.5, 1.0, 0.0, 0.0]  # of its own source alone, and right before or after


def test_years_and_numbers_are_those_asked_for() -> None:
    found = columns(
        "Were there 1,500 gates in 2021 and 2022?",
        [
            hit(chunk("In 2021 it had 1500 gates.", title="Report of 2022", source="reports/2020.pdf")),
            hit(chunk("In 2019 there were 15.", source="2021/gates_2022.pdf")),
        ],
    )
    assert found["years"] == [1.0, 0.0]
    assert found["years_of_source"] == [0.5, 0.5]  # of the title and the file's own name
    assert found["numbers"] == pytest.approx([2 / 3, 0.0])  # years are numbers, too
    assert set(columns("How many gates?", [hit("In 2021: 5.")])["years"]) == {0.0}


def test_phrases_are_words_that_stay_side_by_side() -> None:
    """The question's pairs are old-harbour and harbour-gate; between "the" and "of" words count as neighbours."""
    texts = ["Gates of the old harbour", "the old harbour's gate", "a gate, an old one, of a harbour", "harbour"]
    assert columns("old harbour gate", [hit(one) for one in texts])["phrases"] == [0.5, 1.0, 0.0, 0.0]
    assert columns("harbour", [hit("harbour")])["phrases"] == [0.0]


def test_what_the_question_names_and_where_it_points() -> None:
    found = columns(
        "weir",
        [
            hit(chunk("a", source="weir.md"), ranks=(("place: page 3", 1),)),
            hit(chunk("b", source="quay.md"), ranks=(("dense", 1), ("glossary: income", 2))),
            Hit(
                chunk=chunk("c", source="pier.md"), score=1.0, scores=(("entity_hop", 0.6),), ranks=(("entity_hop", 1),)
            ),
        ],
        named={"weir.md": 0.9},
    )
    assert found["named"] == [0.9, 0.0, 0.0]
    assert found["located"] == [1.0, 0.0, 0.0]
    assert found["glossary"] == [0.0, 1.0, 0.0]
    assert found["hop"] == [0.0, 0.0, 0.6]


def test_nothing_known_is_no_trouble() -> None:
    assert columns("weir", []) == {name: [] for name in FEATURES}
    assert not any(any(values) for name, values in columns("", [hit("")]).items() if not name.endswith("fused"))


def test_rarity_is_that_of_the_store(make_index: Callable[..., Index]) -> None:
    """A word that one chunk has counts more than one that all have."""
    index = make_index()
    texts = ["The weir of the harbour.", "The quay of the harbour.", "A harbour."]
    chunks = [chunk(text, id=f"{number}") for number, text in enumerate(texts)]
    put(index, chunks, replace(document(), title="Notes"))
    query = Query("the harbour's weir", Scope(), resources_of(index, index.settings))
    rows = features(query, [hit(one) for one in chunks])
    assert rows.shape == (3, len(FEATURES))
    assert np.isfinite(rows).all()
    covered = rows[:, list(FEATURES).index("covered")]
    assert covered[0] == 1.0
    assert 0 < covered[1] == covered[2] < 0.5
