"""Loading of packs from their folders."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from langchain_core.messages import convert_to_messages

from errors import PackError
from evaluation.clusters import with_clusters
from evaluation.csv_packs import find_csv, load_csv_pack
from evaluation.packs import (
    DOCUMENTS,
    MULTI_SPAN,
    NOT_ANSWERABLE,
    PASSAGE_FILES,
    QUESTIONS,
    Evidence,
    Layout,
    Pack,
    Question,
    json_lines,
    needed_sources,
    raise_problems,
)

SEAL = "SEALED"  # a file of this name in a pack, or beside it, seals it


def load_pack(folder: Path) -> Pack:
    """Load the pack in ``folder``.

    Raises:
        PackError: there is none, or rows of it cannot be used; every bad row is named with file, line and reason.
    """
    folder = folder.expanduser().resolve()
    if not folder.is_dir():
        raise PackError(f"{folder} is not a folder. Name a pack, or make one with --template {folder}.")
    questions = folder / QUESTIONS
    if questions.is_file():
        return _sealed(_load_jsonl_pack(folder, questions))
    if table := find_csv(folder):
        return _sealed(load_csv_pack(folder, table))
    raise PackError(f"{folder} holds neither {QUESTIONS} nor a CSV file of questions. Start one with --template.")


def _sealed(pack: Pack) -> Pack:
    return replace(pack, sealed=any((folder / SEAL).is_file() for folder in (pack.folder, pack.folder.parent)))


def _load_jsonl_pack(folder: Path, path: Path) -> Pack:
    documents = folder / DOCUMENTS
    corpus = next((documents / name for name in PASSAGE_FILES if (documents / name).is_file()), None)
    there = sorted(documents.iterdir()) if documents.is_dir() else []
    files = tuple(one for one in there if one.is_file() and one != corpus)
    pack = Pack(name=folder.name, folder=folder, documents=files, corpus=corpus)
    passages = frozenset(passage.id for passage in pack.passages)
    known = passages | {file.name for file in files}
    problems: list[str] = []
    questions: list[Question] = []
    seen: set[str] = set()
    for number, row in json_lines(path, problems):
        try:
            question = _question(row, passages)
            _check(question, known, seen)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            problems.append(f"{path}:{number}: {_reason(error)}")
            continue
        seen.add(question.id)
        questions.append(question)
    raise_problems(problems)
    if not questions:
        raise PackError(f"{path} holds no question. Write one JSON object a line.")
    if not documents.is_dir() and not all(question.rewrite for question in questions):
        raise PackError(f"{folder} has no folder {DOCUMENTS}/. Put the sources there.")
    return replace(pack, questions=with_clusters(questions))


def _reason(error: Exception) -> str:
    return f"the field {error.args[0]!r} is missing" if isinstance(error, KeyError) else str(error)


def _check(question: Question, known: Iterable[str], seen: set[str]) -> None:
    if question.id in seen:
        raise ValueError(f"the id {question.id!r} is used twice")
    if missing := sorted(needed_sources(question) - set(known)):
        raise ValueError(f"{missing[0]!r} is not among the documents")


def _question(row: Mapping[str, Any], passages: frozenset[str]) -> Question:
    text = _text(row, "question")
    evidence, complete = _evidence(row, passages)
    answers, items = _answers(row)
    kind = str(row.get("kind") or "")
    sources = {one.source for one in evidence if not one.passage}
    only = sources.pop() if len(sources) == 1 else ""
    traced = row.get("candidate_passages")
    return Question(
        id=_text(row, "id"),
        text=text,
        query=str(row.get("scoped_question") or text),
        answers=answers,
        items=items,
        canonical=tuple(str(row["target_canon"]).split("|")) if row.get("target_canon") else (),
        evidence=evidence,
        layouts=_layouts(row),
        kind=kind,
        types=tuple(row.get("evidence_sources") or ()),
        document=str(row.get("document") or only),
        answerable=kind != "unanswerable" and not any(one.lower() == NOT_ANSWERABLE for one in answers),
        standalone=bool(row.get("self_contained", True)) and "standalone" not in row,
        evidence_complete=complete,
        passages_complete=traced is None or traced == 1,
        subquestions=tuple(_text(step, "question") for step in row.get("decomposition") or ()),
        history=tuple(convert_to_messages([(one["role"], _text(one, "text")) for one in row.get("history") or ()])),
        conversation=str(row.get("conversation") or ""),
        rewrite=_text(row, "standalone") if "standalone" in row else "",
        baseline_rewrite=str(row.get("rival") or ""),
    )


def _text(row: Mapping[str, Any], key: str) -> str:
    value = row[key]
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{key!r} must be a string that is not empty, not {value!r}")
    return value.strip()


def _evidence(row: Mapping[str, Any], passages: frozenset[str]) -> tuple[tuple[Evidence, ...], bool]:
    """The evidence, and whether its pages were checked. MMDocIR's pages replace those of the first annotators."""
    stated = row["evidence"]
    if not isinstance(stated, list):
        raise ValueError(f"'evidence' must be a list, not {stated!r}")
    evidence = tuple(_one_evidence(one, passages) for one in stated)
    if "mmdocir" not in row:
        return evidence, True
    if not row["mmdocir"] or not evidence:
        return evidence, False
    first = evidence[0]
    return tuple(Evidence(source=first.source, page=int(page)) for page in row["mmdocir"]["pages"]), True


def _layouts(row: Mapping[str, Any]) -> tuple[Layout, ...]:
    """MMDocIR's rectangles; one without any area, which nothing can lie in, is left out."""
    stated = (row.get("mmdocir") or {}).get("layouts") or ()
    found: list[Layout] = []
    for one in stated:
        x0, y0, x1, y1 = map(float, one["bbox"])
        if x0 < x1 and y0 < y1:
            found.append(Layout(_text(one, "source"), int(one["page"]), (x0, y0, x1, y1)))
    return tuple(found)


def _one_evidence(stated: Mapping[str, Any], passages: frozenset[str]) -> Evidence:
    page, table_index = stated.get("page"), stated.get("table_index")
    if page is not None and (not isinstance(page, int) or page < 1):
        raise ValueError(f"the page {page!r} is not a number from 1")
    source = _text(stated, "source")
    return Evidence(
        source=source,
        page=page,
        section=str(stated.get("section") or ""),
        table_index=table_index,
        table_csv=str(stated.get("table") or ""),
        image=str(stated.get("image") or ""),
        passage=source in passages,
        text=str(stated.get("text") or ""),
    )


def _answers(row: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Answers that are each right, and the values of an answer that has several."""
    answer = row.get("answer", "")
    aliases = tuple(str(one) for key in ("answer_aliases", "answers") for one in row.get(key) or ())
    if not isinstance(answer, list):
        text = str(answer).strip()
        scale = str(row.get("answer_scale") or "")
        return ((f"{text} {scale}".strip(), *aliases) if text else aliases), ()
    if any(isinstance(one, list) for one in answer):
        return (), ()  # the cells of a table
    texts = tuple(dict.fromkeys(str(one).strip() for one in answer if str(one).strip()))
    if "target_canon" in row or row.get("answer_type") == MULTI_SPAN:
        return (", ".join(texts),), texts
    return texts, ()
