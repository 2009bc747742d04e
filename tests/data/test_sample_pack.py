"""The sample pack is on the sample corpus, and what it calls right stands where it says."""

from __future__ import annotations

from pathlib import Path

import pymupdf
import pytest
from bs4 import BeautifulSoup

from data.make_samples import SAMPLES
from evaluation.load import load_pack
from evaluation.packs import Pack, Question
from evaluation.regression_thresholds import load_thresholds

FOLDER = SAMPLES.parent / "sample_pack"
PACK = load_pack(FOLDER)
QUESTIONS = [one for one in PACK.questions if not one.rewrite]
ANSWERABLE = [one for one in QUESTIONS if one.answerable]
# the bitmap chart's numbers are pixels, which no text layer has
IN_PIXELS = ("How many hours of unplanned downtime did lightning cause",)


def _page(path: Path, number: int) -> str:
    if path.suffix == ".pdf":
        with pymupdf.open(path) as document:
            text = document[number - 1].get_text()
    elif path.suffix == ".html":
        text = BeautifulSoup(path.read_bytes(), "html.parser").get_text(" ")
    else:
        text = path.read_text("utf-8")
    return " ".join(text.split()).lower()


def _files(pack: Pack) -> dict[str, Path]:
    return {path.name: path for path in pack.documents}


def test_its_documents_are_the_samples() -> None:
    assert {path.name: path.read_bytes() for path in PACK.documents} == {
        path.name: path.read_bytes() for path in SAMPLES.iterdir() if path.is_file()
    }
    assert (len(ANSWERABLE), len(QUESTIONS) - len(ANSWERABLE)) == (18, 6)


@pytest.mark.parametrize("question", ANSWERABLE, ids=lambda one: one.id)
def test_an_answer_stands_on_its_page(question: Question) -> None:
    (place,) = question.evidence
    page = _page(_files(PACK)[place.source], place.page or 1)
    first_word = question.answers[0].split()[0].strip(",.").lower()
    if question.text.startswith(IN_PIXELS):
        assert "figure 2. unplanned downtime" in page
    else:
        assert first_word in page


def test_its_figures_are_recorded() -> None:
    recorded = load_thresholds(FOLDER / "thresholds.json")["sample_pack"]
    watched = ("/hit@1", "/hit@5", "/in_quotes", "/unanswerable_refused", "/answerable_refused", "/cited")
    for name in watched:
        assert any(key.endswith(name) and 0 <= value <= 1 for key, value in recorded.items()), name
