"""A pack made of the feedback that people gave in the chat and on the labelling page.

- Thumbs up: the answer is right, and what it cites is evidence. Thumbs up for "not found": there is no answer. Thumbs up for
  the nearest passages: they are evidence.
- Thumbs down with a correction: the correction is right; what the answer cited is not.
- Passages labelled "answer" or "relevant" are evidence; an answer typed on the labelling page is right.

Whoever says something again about the same question or passage has changed their mind: the latest entry counts. Where
people disagree on whether there is an answer at all, the latest entry counts. A question for which nobody has yet given
the right answer (thumbs down, nothing more) is left out, and counted.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from errors import PackError
from evaluation.packs import DOCUMENTS, NOT_ANSWERABLE, QUESTIONS
from ingest.connectors.address import is_url
from records import Source
from store.assets import Assets
from store.feedback import AnswerFeedback, FeedbackEntry, GoldAnswer, PassageLabel, latest_entries, question_key
from store.index import Index

_MARK = re.compile(r"\s*\[\d+(?:\s*,\s*\d+)*\]")
_UNSAFE = re.compile(r"[^\w.\- ]+")
Row = dict[str, Any]  # a line of questions.jsonl


@dataclass(frozen=True)
class ExportSummary:
    """What an export wrote into a pack, and what it left out."""

    questions: int
    documents: int
    open: tuple[str, ...]  # questions for which nobody has given the right answer
    missing: tuple[str, ...]  # sources that were cited or labelled and have been removed since, or their file has


def write_feedback_pack(index: Index, entries: Sequence[FeedbackEntry], folder: Path) -> ExportSummary:
    """Write a pack of all sources of ``index`` and of the questions in ``entries``.

    Raises:
        PackError: there is something in the folder already, it cannot be written to, or there is no question to write.
    """
    if folder.exists() and any(folder.iterdir()):
        raise PackError(f"{folder} is not empty and is left as it is. Name another folder.")
    sources = index.catalog.sources()
    files = {source.source: file for source in sources if (file := _file(source, index.assets)) is not None}
    names = file_names(sorted(files), {source.source: source for source in sources})
    rows, still_open, missing = question_rows(entries, names)
    if not rows:
        raise PackError(
            f"Nothing to export: of {len(still_open)} questions nobody has given the right answer yet. Give thumbs up or a "
            "correction in the chat, or label passages."
        )
    try:
        (folder / DOCUMENTS).mkdir(parents=True, exist_ok=True)
        for source, name in names.items():
            shutil.copyfile(files[source], folder / DOCUMENTS / name)
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (folder / QUESTIONS).write_text(lines, encoding="utf-8")
    except OSError as error:
        raise PackError(f"Cannot write to {folder} ({error.strerror}). Name another folder.") from error
    return ExportSummary(len(rows), len(names), tuple(still_open), tuple(missing))


def _file(source: Source, assets: Assets) -> Path | None:
    """The source's bytes as they were ingested, or the file as it now is."""
    path = assets.path(source.original) if source.original else Path(source.source)
    return path if path.is_file() else None


def file_names(sources: Sequence[str], known: Mapping[str, Source]) -> dict[str, str]:
    """Return a file name for each source, no two the same: the source's own, with a number where needed."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for source in sources:
        wanted = PurePosixPath(_UNSAFE.sub("_", _last_part(source)).strip(" .") or "source")
        stored = PurePosixPath(known[source].original).suffix if source in known else ""
        suffix = stored or wanted.suffix
        stem = wanted.stem if wanted.suffix else wanted.name
        name, number = f"{stem}{suffix}", 2
        while name.lower() in taken:
            name, number = f"{stem}-{number}{suffix}", number + 1
        taken.add(name.lower())
        names[source] = name
    return names


def _last_part(source: str) -> str:
    if not is_url(source):
        return PurePosixPath(source).name
    parts = urlsplit(source)
    return unquote(PurePosixPath(parts.path).name) or parts.netloc


def question_rows(entries: Iterable[FeedbackEntry], names: Mapping[str, str]) -> tuple[list[Row], list[str], list[str]]:
    """Return the lines of ``questions.jsonl``, the questions that are still open, and the sources that have no file in
    ``names``."""
    by_question: dict[str, list[FeedbackEntry]] = defaultdict(list)
    for one in latest_entries(entries):
        by_question[question_key(one.question)].append(one)
    rows: list[Row] = []
    still_open: list[str] = []
    missing: set[str] = set()
    for key, about in by_question.items():
        row = _row(key, about, names, missing)
        if row is None:
            still_open.append(about[-1].question)
        else:
            rows.append(row)
    return rows, still_open, sorted(missing)


def _row(key: str, entries: Sequence[FeedbackEntry], names: Mapping[str, str], missing: set[str]) -> Row | None:
    answers = [answer for one in entries if (answer := _answer_of(one)) is not None]
    evidence = _evidence(entries, names, missing)
    if not answers and not evidence:
        return None
    unanswerable = bool(answers) and answers[-1] == NOT_ANSWERABLE
    right = [answer for answer in answers if answer != NOT_ANSWERABLE]
    return {
        "id": hashlib.sha256(key.encode()).hexdigest()[:12],
        "question": entries[-1].question,
        "answer": NOT_ANSWERABLE if unanswerable else list(dict.fromkeys(right)),
        "evidence": [] if unanswerable else evidence,
        "kind": "unanswerable" if unanswerable else "answerable",
        "said_by": [{"who": one.who, "when": one.when} for one in entries],
    }


def _answer_of(entry: FeedbackEntry) -> str | None:
    """The right answer by an entry, ``NOT_ANSWERABLE``, or None when it does not tell."""
    if isinstance(entry, GoldAnswer):
        return entry.answer.strip() or NOT_ANSWERABLE
    if isinstance(entry, PassageLabel):
        return None
    if entry.rating == "bad" and entry.correction.strip():
        stated = entry.correction.strip()
        return NOT_ANSWERABLE if stated.rstrip(".").lower() == NOT_ANSWERABLE else stated
    if entry.rating != "good":
        return None
    return NOT_ANSWERABLE if entry.abstained else _MARK.sub("", entry.answer).strip() or None


def _evidence(entries: Sequence[FeedbackEntry], names: Mapping[str, str], missing: set[str]) -> list[Row]:
    """Pages with evidence, each once. Where people label a passage differently, the latest label counts."""
    labels = {one.chunk: one for one in entries if isinstance(one, PassageLabel)}
    locations = [(one.source, one.page, one.text) for one in labels.values() if one.relevance != "not"]
    locations += [
        (cited.source, cited.page, cited.quote)
        for one in entries
        if isinstance(one, AnswerFeedback) and one.rating == "good" and not one.abstained
        for cited in one.citations
    ]
    found: dict[tuple[str, int], Row] = {}
    for source, page, text in locations:
        if source in names:
            found.setdefault((source, page), {"source": names[source], "page": page, "text": text})
        else:
            missing.add(source)
    return list(found.values())
