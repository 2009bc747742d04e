"""A pack of one's own: a folder of documents and a CSV of questions.

Columns: ``question`` (needed), ``answer``, ``source`` (a file's name), ``page`` (from 1); the last three may be empty
or absent. Several pages or several right answers are separated by ``;``. The answer "Not answerable" says that the
documents do not hold one.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from errors import PackError
from evaluation.clusters import with_clusters
from evaluation.packs import DOCUMENTS, NOT_ANSWERABLE, Evidence, Pack, Question, raise_problems
from ingest.parsers.registry import known_suffixes

CSV_NAME = "questions.csv"
COLUMNS = ("question", "answer", "source", "page")
TEMPLATE_NOTE = """\
Put your documents (PDF, web pages, Markdown, text, pictures) into documents/ and a question a line into questions.csv:

question  what a person would ask
answer    what is right; several separated by ; are each right; "Not answerable" when the documents do not say
source    name of the file that says it; may be empty
page      where it stands, counted from 1; several separated by ; may be empty

Then run: python -m evaluation THIS_FOLDER --report report.html
"""


def find_csv(folder: Path) -> Path | None:
    """Find the CSV of questions in ``folder``: questions.csv, or the only CSV there is."""
    named = folder / CSV_NAME
    if named.is_file():
        return named
    tables = sorted(folder.glob("*.csv"))
    return tables[0] if len(tables) == 1 else None


def write_template(folder: Path) -> Path:
    """Write an empty pack and return its CSV.

    Raises:
        PackError: there is one already, or the folder cannot be written to.
    """
    table = folder / CSV_NAME
    if table.exists():
        raise PackError(f"{table} exists already and is left as it is. Name another folder.")
    try:
        (folder / DOCUMENTS).mkdir(parents=True, exist_ok=True)
        (folder / "README.txt").write_text(TEMPLATE_NOTE, encoding="utf-8")
        with table.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerow(COLUMNS)
    except OSError as error:
        raise PackError(f"Cannot write to {folder} ({error.strerror}). Name another folder.") from error
    return table


def load_csv_pack(folder: Path, table: Path) -> Pack:
    """Load the pack of the questions in ``table`` and the documents in ``folder`` (or its ``documents/``).

    Raises:
        PackError: the table cannot be read, or rows of it cannot be used; each is named with line and reason.
    """
    files = _documents(folder, table)
    names = {path.name for path in files}
    problems: list[str] = []
    questions: list[Question] = []
    for line, row in _rows(table):
        try:
            questions.append(_question(f"line-{line}", row, names))
        except ValueError as error:
            problems.append(f"{table}:{line}: {error}")
    raise_problems(problems)
    if not questions:
        raise PackError(f"{table} holds no question. Write one a line below the column names.")
    return Pack(name=folder.name, folder=folder, documents=files, questions=with_clusters(questions))


def _documents(folder: Path, table: Path) -> tuple[Path, ...]:
    root = folder / DOCUMENTS if (folder / DOCUMENTS).is_dir() else folder
    ours = {(folder / "README.txt").resolve(), table.resolve()} if root == folder else set()
    suffixes = known_suffixes()
    found = (path for path in sorted(root.rglob("*")) if path.suffix.lower() in suffixes and path.is_file())
    files = tuple(path for path in found if path.resolve() not in ours)
    if not files:
        raise PackError(f"{root} holds no document. Put PDFs, web pages, Markdown, text or pictures there.")
    twice = {path.name for path in files if sum(other.name == path.name for other in files) > 1}
    if twice:
        raise PackError(f"{root} holds two files named {sorted(twice)[0]!r}. Rename one: questions name files.")
    return files


def _rows(table: Path) -> list[tuple[int, Mapping[str, str]]]:
    """Line numbers and rows; the separator may be a comma, a semicolon or a tab, as spreadsheets write them."""
    try:
        text = table.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise PackError(f"{table} cannot be read as UTF-8 ({error}). Save it as CSV in UTF-8.") from error
    header = text.splitlines()[0] if text.strip() else ""
    delimiter = max(",;\t", key=header.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, restkey="")
    fields = [name.strip().lower() for name in reader.fieldnames or ()]
    if "question" not in fields:
        raise PackError(f"{table}:1: there is no column 'question'. The columns are {', '.join(COLUMNS)}.")
    reader.fieldnames = fields
    try:
        return [(reader.line_num, {key: str(value or "").strip() for key, value in row.items()}) for row in reader]
    except csv.Error as error:
        raise PackError(f"{table}:{reader.line_num}: {error}") from error


def _question(id_: str, row: Mapping[str, str], names: set[str]) -> Question:
    text, source = row["question"], row.get("source", "")
    if not text:
        raise ValueError("the question is empty")
    if source and source not in names:
        raise ValueError(f"{source!r} is not among the documents")
    pages = [part.strip() for part in row.get("page", "").split(";") if part.strip()]
    for page in pages:
        if not page.isdecimal() or int(page) < 1:
            raise ValueError(f"the page {page!r} is not a number from 1")
    if pages and not source:
        raise ValueError("a page is given, but no source")
    answers = tuple(part.strip() for part in row.get("answer", "").split(";") if part.strip())
    answerable = NOT_ANSWERABLE not in [answer.lower() for answer in answers]
    evidence: tuple[Evidence, ...] = ()
    if source and answerable:
        evidence = tuple(Evidence(source=source, page=int(page)) for page in pages) or (Evidence(source=source),)
    return Question(
        id=id_,
        text=text,
        query=text,
        answers=answers,
        evidence=evidence,
        document=source,
        kind="question" if answerable else "unanswerable",
        answerable=answerable,
    )
