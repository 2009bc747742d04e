"""Packs: every kind of evidence is read, bad rows are named, a user's folder with a CSV is one too."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from errors import PackError
from evaluation.csv_packs import write_template
from evaluation.load import load_pack


def write_pack(folder: Path, rows: list[object], files: tuple[str, ...] = ("a.pdf", "b.html")) -> Path:
    (folder / "documents").mkdir(parents=True)
    for name in files:
        (folder / "documents" / name).write_text("x")
    text = "".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows)
    (folder / "questions.jsonl").write_text(text)
    return folder


def row(id_: str = "1", **fields: object) -> dict[str, object]:
    return {"id": id_, "question": "Who?", "answer": "Ada", "evidence": [], "kind": "k", **fields}


def test_every_kind_of_evidence(tmp_path: Path) -> None:
    evidence = [
        {"source": "a.pdf", "page": 3, "text": "so it is"},
        {"source": "b.html", "section": "Staff", "table_index": 0, "table": "tables/1.csv"},
        {"source": "c.png", "image": "c.png"},
        {"source": "p1", "section": "Ada"},
    ]
    folder = write_pack(tmp_path / "pack", [row(evidence=evidence)], ("a.pdf", "b.html", "c.png"))
    (folder / "documents" / "corpus.jsonl").write_text('{"id": "p1", "title": "Ada", "text": "Ada wrote."}\n')
    pack = load_pack(folder)
    page, table, image, passage = pack.questions[0].evidence
    assert (page.source, page.page, page.text) == ("a.pdf", 3, "so it is")
    assert (table.section, table.table_index, table.table_csv) == ("Staff", 0, "tables/1.csv")
    assert image.image == "c.png"
    assert passage.passage and not page.passage
    assert [path.name for path in pack.documents] == ["a.pdf", "b.html", "c.png"]
    assert [one.text for one in pack.passages] == ["Ada wrote."]


def test_bad_rows_are_named_with_file_line_and_reason(tmp_path: Path) -> None:
    rows = [
        row("1"),
        "{broken",
        row("1"),
        row("4", question=" "),
        row("5", evidence=[{"source": "z.pdf"}]),
        row("6", evidence=[{"source": "a.pdf", "page": 0}]),
        {"id": "7", "question": "Why?"},
    ]
    with pytest.raises(PackError) as caught:
        load_pack(write_pack(tmp_path / "pack", rows))
    message = str(caught.value)
    for line, reason in (
        (2, "not JSON"),
        (3, "'1' is used twice"),
        (4, "'question' must be a string"),
        (5, "'z.pdf' is not among the documents"),
        (6, "page 0"),
        (7, "'evidence' is missing"),
    ):
        named = [part for part in message.splitlines() if f"questions.jsonl:{line}: " in part]
        assert len(named) == 1 and reason in named[0]
    assert "questions.jsonl:1:" not in message


def test_pages_of_the_second_annotators_replace_the_first(tmp_path: Path) -> None:
    first = [{"source": "a.pdf", "page": 1}]
    rows = [
        row("1", evidence=first, mmdocir={"pages": [2, 3]}),
        row("2", evidence=first, mmdocir=None),
    ]
    checked, unchecked = load_pack(write_pack(tmp_path / "pack", rows)).questions
    assert [one.page for one in checked.evidence] == [2, 3] and checked.evidence_complete
    assert [one.page for one in unchecked.evidence] == [1] and not unchecked.evidence_complete


def test_answers_that_are_each_right_and_answers_of_several_values(tmp_path: Path) -> None:
    rows = [
        row("1", answer=["380", "3.8", " "]),
        row("2", answer=["2004", "2005"], target_canon="2004.0|2005.0"),
        row("3", answer="5,079", answer_scale="million"),
        row("4", answer="Not answerable", kind="unanswerable"),
        row("5", answer=[["a", "b"]]),
    ]
    either, several, scaled, nothing, cells = load_pack(write_pack(tmp_path / "pack", rows)).questions
    assert either.answers == ("380", "3.8") and either.items == ()
    assert several.items == ("2004", "2005") and several.canonical == ("2004.0", "2005.0")
    assert scaled.answers == ("5,079 million",)
    assert not nothing.answerable and either.answerable
    assert cells.answers == ()


def test_questions_that_share_documents_make_one_cluster(tmp_path: Path) -> None:
    def at(*names: str) -> list[dict[str, str]]:
        return [{"source": name} for name in names]

    rows = [row("1", evidence=at("a")), row("2", evidence=at("a", "b")), row("3", evidence=at("b")), row("4")]
    rows += [row("5", document="c"), row("6", evidence=at("c"))]
    clusters = [one.cluster for one in load_pack(write_pack(tmp_path / "pack", rows, ("a", "b", "c"))).questions]
    assert clusters == ["a", "a", "a", "question 4", "c", "c"]


def test_limits_keep_the_questions_whose_documents_are_kept(tmp_path: Path) -> None:
    rows = [row("1", document="b.html"), row("2", document="a.pdf"), row("3", document="a.pdf")]
    pack = load_pack(write_pack(tmp_path / "pack", rows))
    assert [one.id for one in pack.limited(documents=1).questions] == ["2", "3"]
    assert [one.id for one in pack.limited(documents=1, questions=1).questions] == ["2"]
    assert pack.limited() == pack


def test_a_limit_may_be_one_of_each_kind(tmp_path: Path) -> None:
    rows = [row(str(n), document="a.pdf", kind="de" if n < 4 else "en") for n in range(1, 6)]
    pack = load_pack(write_pack(tmp_path / "pack", rows))
    assert [one.id for one in pack.limited(questions=2).questions] == ["1", "2"]
    assert [one.id for one in pack.limited(questions=2, of_each_kind=True).questions] == ["1", "2", "4", "5"]


def test_a_folder_with_a_csv_is_a_pack(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    table = write_template(folder)
    (folder / "documents" / "report.pdf").write_bytes(b"%PDF")
    with table.open("a") as file:
        file.write('"How much, in ""2020""?",5;five,report.pdf,2; 3\nWho?,,,\nWhy?,Not answerable,report.pdf,\n')
    much, who, why = load_pack(folder).questions
    assert much.text == 'How much, in "2020"?' and much.answers == ("5", "five")
    assert [(one.source, one.page) for one in much.evidence] == [("report.pdf", 2), ("report.pdf", 3)]
    assert who.answers == () and who.evidence == () and who.answerable
    assert not why.answerable and why.document == "report.pdf"


def test_bad_rows_of_a_csv_are_named(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    write_template(folder)
    (folder / "documents" / "a.md").write_text("x")
    (folder / "questions.csv").write_text("Question;Source;Page\nOk?;a.md;1\n;a.md;\nQ?;b.md;\nQ?;a.md;one\nQ?;;4\n")
    with pytest.raises(PackError) as caught:
        load_pack(folder)
    lines = str(caught.value).splitlines()[1:]
    assert [line.split(": ", 1)[0].rsplit(":", 1)[1] for line in lines] == ["3", "4", "5", "6"]
    for line, reason in zip(lines, ("question is empty", "'b.md'", "page 'one'", "no source"), strict=True):
        assert reason in line


def test_what_is_no_pack_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="is not a folder"):
        load_pack(tmp_path / "absent")
    with pytest.raises(PackError, match="--template"):
        load_pack(tmp_path)
    write_template(tmp_path)
    with pytest.raises(PackError, match="exists already"):
        write_template(tmp_path)
    with pytest.raises(PackError, match="holds no document"):
        load_pack(tmp_path)


def test_all_packs_load(packs: Path) -> None:
    for folder in sorted(path.parent for path in packs.glob("*/questions.jsonl")):
        pack = load_pack(folder)
        lines = (folder / "questions.jsonl").read_text().splitlines()
        assert len(pack.questions) == len(lines)
        assert all(question.cluster for question in pack.questions)
