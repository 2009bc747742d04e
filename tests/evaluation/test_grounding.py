"""Rectangles against the places that people marked."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from evaluation.grounding import covered_area, grounding_scores, layout_recall
from evaluation.headline_metrics import HeadlineMetrics
from evaluation.load import load_pack
from evaluation.packs import Layout, Pack, Question
from evaluation.scoring import score
from evaluation.systems import Location, Reply, ReplyCitation
from evaluation.units import Gold
from records import BBox

# on page 2 of a.pdf an area of 100 x 100, on page 3 one of 100 x 300
FIRST = Layout("a.pdf", 2, (0.0, 0.0, 100.0, 100.0))
SECOND = Layout("a.pdf", 3, (0.0, 0.0, 100.0, 300.0))
QUESTION = Question(id="0", text="?", query="?", layouts=(FIRST, SECOND))
PACK = Pack(name="p", folder=Path(), documents=(), questions=(QUESTION, replace(QUESTION, id="1", layouts=())))


def hit(page: int, box: BBox | None, source: str = "a.pdf") -> Location:
    return Location(source=source, page=page, bbox=box)


def answer(*cited: tuple[int, BBox | None], source: str = "a.pdf") -> Reply:
    citations = tuple(
        ReplyCitation(n=n, source=source, page=page, kind="text", quote="q", bbox=box)
        for n, (page, box) in enumerate(cited, start=1)
    )
    return Reply(locations=(), answered=True, answer="a", citations=citations)


@pytest.mark.parametrize(
    ("others", "area"),
    [
        ([], 0),
        ([(5, 5, 20, 20)], 25),
        ([(0, 0, 4, 10), (2, 0, 6, 10)], 60),  # 4 x 10 and 4 x 10, 2 x 10 of them shared
        ([(0, 0, 10, 4), (0, 6, 10, 20), (3, 3, 4, 7)], 82),  # 40 and 40, and 1 x 2 between them
        ([(10, 0, 20, 10), (4, 4, 4, 9)], 0),  # beside it, and without width
    ],
)
def test_area_that_others_cover(others: list[BBox], area: float) -> None:
    assert covered_area((0, 0, 10, 10), others) == area


@pytest.mark.parametrize(
    ("reply", "on"),
    [
        (answer((2, (50, 50, 150, 100))), 1.0),  # half of it
        (answer((2, (52, 50, 152, 100))), 0.0),  # 48 %
        (answer((3, (50, 50, 150, 100))), 1.0),
        (answer((1, (0, 0, 10, 10))), 0.0),  # another page
        (answer((2, (0, 0, 10, 10)), source="b.pdf"), 0.0),
        (answer((2, None)), 0.0),
        (answer((2, (5, 5, 5, 9))), 0.0),
        (answer((1, (0, 0, 10, 10)), (2, (0, 0, 10, 10))), 1.0),  # one of two
        (answer(), 0.0),
    ],
)
def test_an_answer_is_on_a_layout(reply: Reply, on: float) -> None:
    assert grounding_scores(PACK, {"0": reply, "1": reply}) == {"0": {"on_layout": on}}


def test_refusals_and_mere_retrievers_cite_nothing() -> None:
    assert grounding_scores(PACK, {"0": Reply(locations=(), outcome="nothing")}) == {}
    retrieved = Reply(locations=(hit(2, (0, 0, 100, 100)),))
    assert grounding_scores(PACK, {"0": retrieved})["0"] == {
        "layout_recall@1": 0.25,
        "layout_recall@5": 0.25,
        "layout_recall@10": 0.25,
    }


def test_whole_pages_have_no_layouts() -> None:
    assert grounding_scores(PACK, {"0": Reply(locations=(hit(2, None),))}) == {}


def test_layout_recall_by_area() -> None:
    hits = [
        hit(2, (0, 0, 50, 200)),  # 5 000 of 40 000
        hit(2, (0, 0, 50, 200)),  # the same rectangle: no hit of its own
        hit(3, (0, 0, 100, 100), "b.pdf"),
        hit(2, (0, 0, 100, 50)),  # 2 500 more
        hit(3, (-9, -9, 900, 900)),  # all 30 000
    ]
    layouts = QUESTION.layouts
    assert [layout_recall(hits, layouts, k) for k in (1, 2, 3, 4)] == [0.125, 0.125, 0.1875, 0.9375]


def test_the_part_of_a_report() -> None:
    metrics = HeadlineMetrics(("document",), "document", ())
    given = {"0": replace(answer((2, (0, 0, 10, 10))), locations=(hit(2, (0, 0, 100, 100)),))}
    scored = score(PACK, Gold(PACK), {"document": given}, metrics, seed=0)
    assert scored.values["grounding/document//on_layout"] == {"0": 1.0}
    assert scored.values["grounding/document//layout_recall@1"] == {"0": 0.25}


def test_layouts_of_a_pack(tmp_path: Path) -> None:
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "a.pdf").write_bytes(b"")
    marked = [{"source": "a.pdf", "page": 2, "bbox": box, "text": "t"} for box in ([0, 0, 100, 100], [5, 5, 5, 9])]
    row = {
        "id": "0",
        "question": "?",
        "answer": "7",
        "evidence": [{"source": "a.pdf", "page": 2}],
        "mmdocir": {"pages": [2], "layouts": marked},
    }
    (tmp_path / "questions.jsonl").write_text(json.dumps(row))
    (question,) = load_pack(tmp_path).questions
    assert question.layouts == (FIRST,)  # one without area is left out
