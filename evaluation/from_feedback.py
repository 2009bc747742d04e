"""A pack made of what people said in the chat and on the labelling page.

- Thumbs up: the answer is right, and what it cites is evidence. Thumbs up for "not found": there is no answer.
- Thumbs down with a correction: the correction is right; what the answer cited is not.
- Passages labelled "answer" or "relevant" are evidence; an answer typed on the labelling page is right.

Whoever says something again about the same question or passage has changed their mind: the last word counts. Where
people disagree on whether there is an answer at all, the latest word counts. A question of which nobody has yet said
what is right (thumbs down, nothing more) is left out, and counted.
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
from store.feedback import AnswerVerdict, FeedbackEntry, GoldAnswer, PassageLabel, latest_entries, question_key
from store.index import Index

_MARK = re.compile(r"\s*\[\d+(?:\s*,\s*\d+)*\]")
_UNSAFE = re.compile(r"[^\w.\- ]+")
Row = dict[str, Any]  # a line of questions.jsonl


@dataclass(frozen=True)
class Exported:
    """What went into a pack, and what did not."""

    questions: int
    documents: int
    open: tuple[str, ...]  # questions of which nobody has said what is right
    gone: tuple[str, ...]  # sources that were cited or labelled and have been removed since, or their file has


def write_feedback_pack(index: Index, said: Sequence[FeedbackEntry], folder: Path) -> Exported:
    """Writes a pack of all sources of ``index`` and of the questions in ``said``.

    Raises:
        PackError: there is something in the folder already, it cannot be written to, or there is no question to write.
    """
    if folder.exists() and any(folder.iterdir()):
        raise PackError(f"{folder} is not empty and is left as it is. Name another folder.")
    sources = index.catalog.sources()
    files = {source.source: file for source in sources if (file := _file(source, index.assets)) is not None}
    names = file_names(sorted(files), {source.source: source for source in sources})
    rows, still_open, gone = question_rows(said, names)
    if not rows:
        raise PackError(
            f"Nothing to export: of {len(still_open)} questions nobody has said what is right yet. Give thumbs up or a "
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
    return Exported(len(rows), len(names), tuple(still_open), tuple(gone))


def _file(source: Source, assets: Assets) -> Path | None:
    """The source's bytes as they were taken in, or the file as it now is."""
    path = assets.path(source.original) if source.original else Path(source.source)
    return path if path.is_file() else None


def file_names(sources: Sequence[str], known: Mapping[str, Source]) -> dict[str, str]:
    """A file name for each source, no two the same: the source's own, with a number where needed."""
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


def question_rows(said: Iterable[FeedbackEntry], names: Mapping[str, str]) -> tuple[list[Row], list[str], list[str]]:
    """Lines of ``questions.jsonl``; the questions that are still open; the sources that have no file in ``names``."""
    by_question: dict[str, list[FeedbackEntry]] = defaultdict(list)
    for one in latest_entries(said):
        by_question[question_key(one.question)].append(one)
    rows: list[Row] = []
    still_open: list[str] = []
    gone: set[str] = set()
    for key, about in by_question.items():
        row = _row(key, about, names, gone)
        if row is None:
            still_open.append(about[-1].question)
        else:
            rows.append(row)
    return rows, still_open, sorted(gone)


def _row(key: str, said: Sequence[FeedbackEntry], names: Mapping[str, str], gone: set[str]) -> Row | None:
    answers = [answer for one in said if (answer := _answer_of(one)) is not None]
    evidence = _evidence(said, names, gone)
    if not answers and not evidence:
        return None
    unanswerable = bool(answers) and answers[-1] == NOT_ANSWERABLE
    right = [answer for answer in answers if answer != NOT_ANSWERABLE]
    return {
        "id": hashlib.sha256(key.encode()).hexdigest()[:12],
        "question": said[-1].question,
        "answer": NOT_ANSWERABLE if unanswerable else list(dict.fromkeys(right)),
        "evidence": [] if unanswerable else evidence,
        "kind": "unanswerable" if unanswerable else "answerable",
        "said_by": [{"who": one.who, "when": one.when} for one in said],
    }


def _answer_of(said: FeedbackEntry) -> str | None:
    """The right answer by what was said, ``NOT_ANSWERABLE``, or None when it does not tell."""
    if isinstance(said, GoldAnswer):
        return said.answer.strip() or NOT_ANSWERABLE
    if isinstance(said, PassageLabel):
        return None
    if said.verdict == "bad" and said.correction.strip():
        stated = said.correction.strip()
        return NOT_ANSWERABLE if stated.rstrip(".").lower() == NOT_ANSWERABLE else stated
    if said.verdict != "good":
        return None
    return NOT_ANSWERABLE if said.abstained else _MARK.sub("", said.answer).strip()


def _evidence(said: Sequence[FeedbackEntry], names: Mapping[str, str], gone: set[str]) -> list[Row]:
    """Places, each once. Where people label a passage differently, the latest label counts."""
    labels = {one.chunk: one for one in said if isinstance(one, PassageLabel)}
    locations = [(one.source, one.page, one.text) for one in labels.values() if one.relevance != "not"]
    locations += [
        (place.source, place.page, place.quote)
        for one in said
        if isinstance(one, AnswerVerdict) and one.verdict == "good" and not one.abstained
        for place in one.citations
    ]
    found: dict[tuple[str, int], Row] = {}
    for source, page, text in locations:
        if source in names:
            found.setdefault((source, page), {"source": names[source], "page": page, "text": text})
        else:
            gone.add(source)
    return list(found.values())
