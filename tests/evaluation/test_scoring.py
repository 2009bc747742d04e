"""From replies to figures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from errors import PackError
from evaluation.headline_metrics import HeadlineMetrics, headline_metrics_of
from evaluation.packs import Evidence, Pack, Question
from evaluation.results import PackResult, Report, SystemResult, compare_reports, load_report
from evaluation.runs import Within
from evaluation.scoring import percentiles, plain_answer, score, subquestion_scores
from evaluation.systems import Location, Reply, ReplyCitation, ReplyStatement
from evaluation.units import Gold

PAGE_3 = (Evidence(source="a.pdf", page=3),)
QUESTIONS = tuple(
    Question(
        id=str(n),
        text="?",
        query="?",
        answers=("7",),
        evidence=PAGE_3 if n < 6 else (),
        kind="easy" if n < 6 else "unanswerable",
        types=("Table",) if n < 5 else (),
        cluster=str(n),
        answerable=n < 6,
    )
    for n in range(8)
)
PACK = Pack(name="mine", folder=Path(), documents=(), questions=QUESTIONS)
RIGHT = Reply(locations=(Location(source="a.pdf", page=3),), answered=True, answer="It is 7 [1].")
LATE = replace(RIGHT, locations=(Location(source="a.pdf", page=1), Location(source="a.pdf", page=3)), answer="It is 8.")
REFUSED = Reply(locations=(), answered=True, outcome="nothing")
STORE = HeadlineMetrics(("store",), "store", (("store", "page", "hit@1"),))
# right, right, second page and wrong, refused twice, right; of the unanswerable one is refused
REPLIES: dict[Within, dict[str, Reply]] = {
    "store": dict(zip("01234567", (RIGHT, RIGHT, LATE, REFUSED, REFUSED, RIGHT, REFUSED, RIGHT), strict=True))
}


def means(group: str = "all") -> dict[str, float]:
    scored = score(PACK, Gold(PACK), REPLIES, STORE, seed=0)
    return {figure.key: figure.estimate.mean for figure in scored.figures if figure.group == group}


def test_figures_by_hand() -> None:
    found = means()
    assert found["retrieval/store/page/hit@1"] == 3 / 6
    assert found["retrieval/store/page/hit@2"] == 4 / 6
    assert found["retrieval/store/page/mrr@10"] == (1 + 1 + 1 / 2 + 1) / 6
    assert found["answers/store//contains"] == 3 / 6
    assert found["abstention/store//unanswerable_refused"] == 1 / 2
    assert found["abstention/store//answerable_refused"] == 2 / 6


CHECKED = (ReplyCitation(n=1, source="a.pdf", page=3, kind="text", quote="so", checked=True),)
NEAR = replace(
    RIGHT, answer="I found no certain answer. These passages come nearest:\n\n“It is 7.” [1]", outcome="passages"
)


def test_answers_passages_and_nothing_are_told_apart() -> None:
    wrong = replace(LATE, citations=CHECKED)
    given = (RIGHT, NEAR, wrong, replace(wrong, outcome="passages"), REFUSED, replace(wrong, citations=()), NEAR, wrong)
    scored = score(PACK, Gold(PACK), {"store": dict(zip("01234567", given, strict=True))}, STORE, seed=0)
    found = {figure.key: figure.estimate for figure in scored.figures if figure.group == "all"}
    assert found["abstention/store//unanswerable_refused"].mean == 1 / 2
    assert found["abstention/store//answerable_refused"].mean == 1 / 6
    honesty = {key.rsplit("/", 1)[1]: (one.mean, one.questions) for key, one in found.items() if "honesty" in key}
    assert honesty == {
        "right": (2 / 6, 6),  # 0, and 1 among its passages
        "called_answered": (4 / 8, 8),  # 0, 2, 5, and 7, which has no answer
        "answered_right": (1 / 4, 4),
        "unanswerable_answered": (1 / 2, 2),
        "wrong_yet_checked": (2 / 8, 8),  # 2 and 7; 3 is not called an answer, and 5 cites nothing
    }


def test_how_well_confidence_tells_questions_apart() -> None:
    sure = (0.9, 0.5, 0.4, 0.3, 0.2, 0.6, 0.5, 0.1)
    given = {
        id_: replace(reply, confidence=one) for (id_, reply), one in zip(REPLIES["store"].items(), sure, strict=True)
    }
    scored = score(PACK, Gold(PACK), {"store": given}, STORE, seed=0)
    means = {figure.metric: figure.estimate.mean for figure in scored.figures if figure.part == "honesty"}
    # six answerable against .5 and .1: .9 and .6 win both, .5 one and a half, .4, .3 and .2 one
    assert means["auc_answerable"] == pytest.approx((2 + 2 + 1.5 + 3) / 12)
    # right .9, .5, .6 against wrong .4, .3, .2, .5, .1: only .5 against .5 is a tie
    assert means["auc_right"] == pytest.approx(14.5 / 15)


def test_what_only_says_that_there_is_no_answer_answers_nothing() -> None:
    assert plain_answer(NEAR) == "It is 7."
    assert plain_answer(replace(RIGHT, answer="**A?**\n\nNot found in your documents. “B” occurs in none.")) == ""


def test_figures_by_type_of_evidence_leave_small_groups_out() -> None:
    assert means("type: Table")["retrieval/store/page/hit@1"] == 2 / 5
    assert means("kind: unanswerable") == {}


def test_a_mere_retriever_is_not_judged_by_answers() -> None:
    retrieving = {"store": {id_: Reply(locations=one.locations) for id_, one in REPLIES["store"].items()}}
    scored = score(PACK, Gold(PACK), retrieving, STORE, seed=0)  # type: ignore[arg-type]
    assert {figure.part for figure in scored.figures} == {"retrieval"}


def test_answer_found_in_the_quotes() -> None:
    quoted = replace(
        RIGHT,
        citations=(ReplyCitation(n=1, source="a.pdf", page=3, kind="text", quote="so 7"),),
        statements=(ReplyStatement("7", (1,)),),
    )
    scored = score(PACK, Gold(PACK), {"store": {"0": quoted, "1": RIGHT}}, STORE, seed=0)
    assert scored.values["answers/store//in_quotes"] == {"0": 1.0, "1": 0.0}
    assert scored.values["citations/store//on_gold"] == {"0": 1.0}


def test_a_citation_of_a_pdf_whose_gold_page_is_not_known_is_not_judged() -> None:
    cited = replace(RIGHT, citations=(ReplyCitation(n=1, source="a.pdf", page=2, kind="text", quote="so 7"),))
    unplaced = replace(QUESTIONS[0], evidence=(Evidence(source="a.pdf"),))
    for documents, judged in (((Path("a.pdf"),), {}), ((), {"0": 0.0})):  # a source that is no PDF is one page
        pack = replace(PACK, documents=documents, questions=(unplaced,))
        scored = score(pack, Gold(pack), {"store": {"0": cited}}, STORE, seed=0)
        assert scored.values.get("citations/store//on_gold", {}) == judged


def test_the_value_alone_is_what_a_denotation_compares() -> None:
    tables = replace(STORE, extra_answer_metrics=("denotation",))
    in_cells = replace(RIGHT, statements=(ReplyStatement("7 rows: Ann, Bo", (1,), ("7",)),))
    scored = score(PACK, Gold(PACK), {"store": {"0": in_cells, "1": RIGHT}}, tables, seed=0)
    assert scored.values["answers/store//denotation"] == {"0": 1.0, "1": 0.0}


def test_plain_text_of_an_answer() -> None:
    reply = Reply(locations=(), answer="**When?**\n\n“In 1999.” [1]\n\nA — B: 3 [2, 3]")
    assert plain_answer(reply) == "In 1999.\nA — B: 3"


def test_percentiles_of_stages() -> None:
    assert percentiles({"total": float(n)} for n in range(101)) == {"total": {"p50": 50.0, "p95": 95.0}}
    assert percentiles([{}, {"a": 1.0}]) == {"a": {"p50": 1.0, "p95": 1.0}}


def test_sub_questions_against_a_persons() -> None:
    asked = replace(QUESTIONS[0], subquestions=("Who wrote Emma?", "Where was #1 born?"))
    reply = Reply(locations=(), subquestions=("Who wrote it?", "Where born?"))
    # 2 of 3 and 3 tokens in common; 2 of 3 and 2
    found = subquestion_scores(replace(PACK, questions=(asked,)), {"0": reply})
    assert found["0"]["match"] == pytest.approx((4 / 6 + 4 / 5) / 2)


def report(values: dict[str, float]) -> Report:
    key = "retrieval/store/page/hit@1"
    scored = score(PACK, Gold(PACK), REPLIES, STORE, seed=0)
    system = SystemResult(system="s", settings={}, figures=scored.figures, values={key: values}, latency_ms={})
    pack = PackResult(
        pack="mine",
        documents=1,
        passages=0,
        questions=3,
        headline=(key,),
        clusters={"0": "a", "1": "b", "2": "c"},
        systems=(system,),
    )
    return Report(packs=(pack,), about={})


def test_reports_are_kept_and_compared(tmp_path: Path) -> None:
    a, b = report({"0": 0.0, "1": 0.0, "2": 1.0}), report({"0": 1.0, "1": 1.0, "2": 1.0})
    a.save(tmp_path / "a.json")
    assert load_report(tmp_path / "a.json") == a
    (change,) = compare_reports(load_report(tmp_path / "a.json"), b)
    assert change.difference.better == ("0", "1")
    # two clusters moved, both upwards: 2 of 4 sign assignments are as extreme
    assert change.difference.p_value == 0.5
    with pytest.raises(PackError, match="in common"):
        compare_reports(a, Report(packs=(), about={}))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 1}', '{"format": 1, "packs": [{}], "about": {}}'])
def test_what_is_no_report_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(PackError):
        load_report(tmp_path / "x.json")


def test_a_pack_of_ones_own_is_judged_by_pages_where_they_are_given() -> None:
    assert headline_metrics_of(PACK).headline[0] == ("store", "page", "hit@1")
    unpaged = tuple(replace(one, evidence=(Evidence(source="a.pdf"),)) for one in QUESTIONS)
    assert headline_metrics_of(replace(PACK, questions=unpaged)).headline[0] == ("store", "document", "hit@1")
