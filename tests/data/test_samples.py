"""The sample corpus is what its script writes, its figures add up, and its questions can be answered from it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pymupdf
import pytest
from bs4 import BeautifulSoup

from data.make_samples import SAMPLES, write_all
from data.world import DOWNTIME

REPORT = SAMPLES / "annual-report-2025.pdf"
GUIDE = SAMPLES / "visitor-guide.html"
QUESTIONS = [json.loads(line) for line in (SAMPLES.parent / "sample_questions.jsonl").read_text("utf-8").splitlines()]


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def flat(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


@pytest.fixture(scope="module")
def pages() -> list[str]:
    with pymupdf.open(REPORT) as document:
        return [flat(page.get_text()) for page in document]


def row(page: str, name: str, count: int) -> list[float]:
    """The ``count`` numbers that follow ``name`` on a page."""
    start = page.index(name + " ") + len(name)
    return [float(word.strip("%").replace(",", "")) for word in page[start:].split()[:count]]


def numbers(pattern: str, page: str) -> list[int]:
    """The whole numbers that the pattern's one group finds."""
    return [int(number.replace(",", "")) for number in re.findall(pattern, page)]


def section_text(path: Path, section: str) -> str:
    """What stands between a heading and the next one."""
    if path.suffix == ".md":
        parts = re.split(r"^#+ (.+)$", path.read_text("utf-8"), flags=re.MULTILINE)
        return flat(dict(zip(parts[1::2], parts[2::2], strict=True))[section])
    heading = next(
        h
        for h in BeautifulSoup(path.read_bytes(), "html.parser").find_all(["h1", "h2", "h3"])
        if h.get_text() == section
    )
    found = []
    for sibling in heading.find_next_siblings():
        if sibling.name in ("h1", "h2", "h3"):
            break
        found.append(sibling.get_text(" "))
        found += [image["src"] for image in sibling.find_all("img")]
    return flat(" ".join(found))


def test_writing_the_samples_again_changes_no_byte(tmp_path: Path) -> None:
    write_all(tmp_path)
    assert files(tmp_path) == files(SAMPLES)


def test_the_samples_are_small() -> None:
    assert sum(map(len, files(SAMPLES).values())) < 1_000_000


def test_generation_adds_up(pages: list[str]) -> None:
    names = ("Aldra Weir (hydro)", "Gannet Ridge (wind)", "Quayside Roofs (solar)")
    plants = [row(pages[2], name, 4) for name in names]
    total = row(pages[2], "All plants", 3)
    assert [round(sum(column), 1) for column in list(zip(*plants, strict=True))[:3]] == total
    growth = [f"{abs(p[2] / p[1] - 1):.1%}" for p in plants]
    assert growth == ["11.2%", "9.6%", "8.6%"]
    assert all(text in pages[2] for text in growth)
    assert f"{total[2] / total[1] - 1:.1%} more than in 2024" in pages[1]
    assert total[2] / 3.5 == 16_000 and "16,000 homes" in pages[1]


def test_the_quarters_of_figure_1_add_up_to_table_1(pages: list[str]) -> None:
    chart = pages[2][pages[2].index("Figure 1 shows") :]
    labels = [
        int(word.replace(",", ""))
        for word in re.findall(r"(?<=Q\d 2025 )(?:[\d,]+ ?){3}", chart)
        for word in word.split()
    ]
    assert len(labels) == 12
    table = [
        row(pages[2], name, 3)[2] for name in ("Aldra Weir (hydro)", "Gannet Ridge (wind)", "Quayside Roofs (solar)")
    ]
    assert [sum(labels[series::3]) for series in range(3)] == table


def test_finances_add_up(pages: list[str]) -> None:
    names = ("Hydropower", "Wind power", "Solar power", "Battery services", "Household supply and advice")
    table = pages[4][pages[4].index("Line of business 2024 2025 2024 2025") :]
    total = row(table, "Total", 4)
    assert [sum(column) for column in zip(*(row(table, name, 4) for name in names), strict=True)] == total
    revenue_2024, revenue_2025, costs_2024, costs_2025 = total
    assert (revenue_2025 - revenue_2024, revenue_2025 - costs_2025, revenue_2024 - costs_2024) == (840, 3_140, 2_600)
    assert f"{revenue_2025 / revenue_2024 - 1:.1%}" == "15.0%" and "Revenue rose by 15.0%" in pages[1]
    assert f"{costs_2025 / costs_2024 - 1:.1%}" == "10.0%" and "costs rose by 10.0%" in pages[4]
    surplus_text = pages[4][pages[4].index("4.2 ") : pages[4].index("4.3 ")]
    financing, tax, surplus, _, *uses = numbers(r"([\d,]+) euros", surplus_text)
    assert 3_140_000 - financing - tax == surplus == sum(uses)
    assert "a dividend of 4.0% on the share capital of 12.5 million" in surplus_text and uses[0] == 0.04 * 12_500_000


def test_downtime_adds_up_and_stands_in_pixels_alone(pages: list[str]) -> None:
    (hours,) = numbers(r"Of the ([\d,]+) turbine hours", pages[3])
    (lost,) = numbers(r"([\d,]+) were lost", pages[3])
    (planned,) = numbers(r"([\d,]+) to planned maintenance", pages[3])
    (unplanned,) = numbers(r"([\d,]+) to faults", pages[3])
    assert hours == 6 * 365 * 24 and lost == planned + unplanned
    assert f"available for {1 - lost / hours:.1%} of the year" in pages[3]
    assert sum(value for _, value in DOWNTIME) == unplanned
    assert not any(str(word) in pages[3] for word in (212, 148, "Pitch system", "Turbine hours"))
    with pymupdf.open(REPORT) as document:
        assert [len(page.get_images()) for page in document] == [0, 0, 0, 1, 0, 0]


@pytest.mark.parametrize("question", QUESTIONS, ids=[question["id"] for question in QUESTIONS])
def test_the_evidence_stands_where_the_question_says(question: dict[str, Any], pages: list[str]) -> None:
    assert bool(question["evidence"]) == (question["kind"] != "unanswerable")
    for evidence in question["evidence"]:
        if "page" in evidence:
            assert evidence.get("text", "") in pages[evidence["page"] - 1]
        else:
            text = section_text(SAMPLES / evidence["source"], evidence["section"])
            assert evidence.get("text", "") in text
            assert evidence.get("image", "") in text


def test_the_questions_show_every_kind_and_three_examples() -> None:
    kinds = [question["kind"] for question in QUESTIONS]
    assert {"text", "table", "table comparison", "figure, bitmap", "figure, vector", "cross-document"} < set(kinds)
    assert kinds.count("unanswerable") == 2
    assert [q["kind"] for q in QUESTIONS if q.get("example")] == ["text", "table comparison", "figure, bitmap"]


def test_the_guide_has_a_spanning_table_and_a_local_picture() -> None:
    page = BeautifulSoup(GUIDE.read_bytes(), "html.parser")
    assert all(page.select(css) for css in ("table > caption", "th[rowspan='2']", "td[colspan='3']", "figcaption"))
    (picture,) = page.select("figure img")
    assert (SAMPLES / str(picture["src"])).is_file()
    assert not page.find_all(src=re.compile("^https?:"))
