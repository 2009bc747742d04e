"""The page of a report: complete, offline, and safe against what documents say."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pymupdf
import pytest

from errors import PackError
from evaluation.evaluate import Evaluated
from evaluation.headline_metrics import HeadlineMetrics
from evaluation.packs import Evidence, Pack, Question
from evaluation.pictures import picture_of
from evaluation.report import write_report
from evaluation.results import Change, PackResult, Report, SystemResult, compare_reports
from evaluation.scoring import score
from evaluation.statistics import Estimate
from evaluation.systems import Location, Reply
from evaluation.text_report import changes_table, headlines, markdown, number
from evaluation.units import Gold

KEY = "retrieval/store/page/recall@1"
STORE = HeadlineMetrics(("store",), "store", (("store", "page", "recall@1"),))


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory: pytest.TempPathFactory) -> Evaluated:
    folder = tmp_path_factory.mktemp("pack")
    document = pymupdf.open()
    for _ in range(3):
        document.new_page().insert_text((60, 100), "Page")
    document.save(folder / "a.pdf")
    document.close()
    questions = tuple(
        Question(
            id=str(n),
            text="?",
            query=f"<script>alert({n})</script>",
            evidence=(Evidence(source="a.pdf", page=n % 3 + 1),),
            kind="odd" if n % 2 else "even",
            cluster=str(n),
        )
        for n in range(10)
    )
    pack = Pack(name="mine", folder=folder, documents=(folder / "a.pdf",), questions=questions)
    locations = (Location(source="a.pdf", page=1), Location(source="a.pdf", page=2, text="<b>bold</b>"))
    replies = {question.id: Reply(locations=locations, timings_ms={"total": 5.0}) for question in questions}
    scored = score(pack, Gold(pack), {"store": replies}, STORE, seed=0)
    system = SystemResult(
        system="assistant",
        settings={},
        figures=scored.figures,
        values=scored.values,
        latency_ms={"total": {"p50": 5.0, "p95": 5.0}},
    )
    result = PackResult(
        pack="mine",
        documents=1,
        passages=0,
        questions=10,
        headline=(KEY,),
        clusters={question.id: question.cluster for question in questions},
        systems=(system,),
        cost={"ingest_seconds": 2.0, "ingest_pages": 3, "ingest_peak_bytes": 1e9, "disk_bytes_per_page": 5e3},
        failed=("b.pdf: it is <i>broken</i>",),
    )
    gold = {question.id: Gold(pack).units(question, "page") for question in questions}
    return Evaluated(result=result, pack=pack, replies={"assistant": {"store": replies}}, golds={"page": gold})


def test_the_page_stands_alone_and_runs_nothing(evaluated: Evaluated, tmp_path: Path) -> None:
    target = tmp_path / "out" / "report.html"
    write_report(Report(packs=(evaluated.result,), about={"seed": 7}), [evaluated], target)
    text = target.read_text()
    # nothing is loaded from anywhere: every src is a data URI, and SVG names its parts by "#..."
    assert all(found.startswith("data:image/jpeg;base64,") for found in re.findall(r"src='([^']*)'", text))
    assert all(found.startswith("#") for found in re.findall(r"href=\"([^\"]*)\"", text))
    assert "<script" not in text and "<i>broken" not in text
    assert text.count("<svg") == 3
    assert "Worst questions" in text and "Gold: a.pdf, page 3" in text
    write_report(Report(packs=(evaluated.result,), about={"seed": 7}), [evaluated], tmp_path / "again.html")
    assert (tmp_path / "again.html").read_text() == text


def test_markdown_holds_a_row_for_each_kind_of_question(evaluated: Evaluated) -> None:
    shown = markdown(Report(packs=(evaluated.result,), about={}))
    assert "| kind | system | page recall@1 |" in shown
    assert re.search(r"\| odd \| \w+ \| [.\d]+", shown) and re.search(r"\| even \| \w+ \| [.\d]+", shown)


def test_markdown_holds_the_headline_with_its_interval(evaluated: Evaluated) -> None:
    text = markdown(Report(packs=(evaluated.result,), about={}))
    # questions 0, 3, 6 and 9 of ten have page 1, which is always found first
    assert re.search(r"\| assistant \| \.400 \[\.\d{3}, \.\d{3}\] \| 5 / 5 \|", text)
    assert "3 pages in 2 s (1.5/s)" in text


TENTH = Estimate(0.1, 0.0, 0.3, 10, 5)


def test_what_was_compared_stands_in_one_table(evaluated: Evaluated) -> None:
    (system,) = evaluated.result.systems
    checked = replace(system.figures[0], part="honesty", level="", metric="wrong_yet_checked", estimate=TENTH)
    answering = replace(evaluated.result, systems=(replace(system, figures=(*system.figures, checked)),))
    other = replace(evaluated.result, pack="yours", systems=(replace(system, system="bm25"),))
    head, _, mine, wrong, yours = headlines(Report(packs=(answering, other), about={})).splitlines()
    assert wrong == "| mine | wrong_yet_checked | 10 | .100 [.000, .300] |  |"
    assert head == "| pack | figure | questions | assistant | bm25 |"
    assert re.fullmatch(r"\| mine \| page recall@1 \| 10 \| \.400 \[.*\] \|  \|", mine)
    assert re.fullmatch(r"\| yours \| page recall@1 \| 10 \|  \| \.400 \[.*\] \|", yours)


@pytest.mark.parametrize(
    ("estimate", "text"),
    [
        (Estimate(0.5, 0.25, 1.0, 4, 2), ".500 [.250, 1.000]"),
        (Estimate(-0.25, -0.5, 0.0, 4, 2), "-.250 [-.500, .000]"),
        (Estimate(0.5, None, None, 1, 1), ".500"),
    ],
)
def test_numbers_are_printed_alike(estimate: Estimate, text: str) -> None:
    assert number(estimate) == text


def test_changes_name_the_questions(evaluated: Evaluated) -> None:
    report = Report(packs=(evaluated.result,), about={})
    (change,) = compare_reports(report, report)
    assert isinstance(change, Change)
    text = changes_table([change])
    assert "| mine | assistant | page recall@1 | .400 | .400 | .000 [.000, .000] | 1.0000 | 0 / 0 |" in text


def test_pictures_of_pages_and_files(evaluated: Evaluated, tmp_path: Path) -> None:
    (path,) = evaluated.pack.documents
    assert picture_of(path, 3).startswith("data:image/jpeg;base64,")
    assert picture_of(path, 4) == ""
    assert picture_of(tmp_path / "a.html", 1) == ""


def test_a_file_that_cannot_be_written_is_an_error(evaluated: Evaluated, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(PackError, match="cannot be written"):
        write_report(Report(packs=(), about={}), [], tmp_path / "file" / "report.html")
