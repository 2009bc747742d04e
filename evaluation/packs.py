"""Evaluation packs: documents, questions about them, and where the answers stand.

A pack is a folder with ``documents/`` and ``questions.jsonl`` (an object a line); or, made by hand, a folder with
documents and a ``questions.csv`` (see ``csv_packs``). Evidence names a document and, as far as it is known, a page
(from 1), a section, a table (``table_index``: which ``class="wikitable"`` of the page, from 0), a picture, or a passage
of ``documents/corpus.jsonl`` or ``documents/passages.jsonl`` (objects with ``id``, ``title``, ``text``).

A turn of a conversation has ``history`` and ``standalone``, a person's rewrite that is understood without it; it is not
asked, its condensation is compared (see ``conversations``). A pack of nothing but such turns needs no ``documents/``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from errors import PackError
from evaluation.clusters import with_clusters
from records import Message

QUESTIONS = "questions.jsonl"
DOCUMENTS = "documents"
PASSAGE_FILES = ("corpus.jsonl", "passages.jsonl")
NOT_ANSWERABLE = "not answerable"
MULTI_SPAN = "multi-span"  # TAT-QA's name for an answer of several values, all of them needed
SHOWN_ROWS = 20  # bad rows named in one error


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One place that holds (a part of) the answer."""

    source: str  # file name in documents/, or the id of a passage
    page: int | None = None  # from 1
    section: str = ""
    table_index: int | None = None  # from 0
    table_csv: str = ""  # the table's cells, relative to the pack
    image: str = ""
    passage: bool = False  # the source is a passage of a corpus
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question with its gold answers and evidence."""

    id: str
    text: str
    query: str  # as it is asked of the whole store; names the document where ``text`` presupposes it
    answers: tuple[str, ...] = ()  # each of them is right; empty when it is not known
    items: tuple[str, ...] = ()  # an answer of several values, all of them needed
    canonical: tuple[str, ...] = ()  # WikiTableQuestions: the values in normal form
    evidence: tuple[Evidence, ...] = ()
    kind: str = ""
    types: tuple[str, ...] = ()  # of evidence: "Table", "Chart"...
    document: str = ""  # what an in-document question may look at
    cluster: str = ""  # questions that share documents, directly or by others, are not independent
    answerable: bool = True
    standalone: bool = True  # makes sense without its document at hand, so the whole store may be searched
    evidence_complete: bool = True  # the gold pages were checked, so retrieval can be scored
    passages_complete: bool = True  # the gold passages were checked
    subquestions: tuple[str, ...] = ()  # a person's own decomposition
    history: tuple[Message, ...] = ()  # of a turn of a conversation: what was said before
    conversation: str = ""  # the one it is a turn of
    rewrite: str = ""  # a person's, understood without the history; "" for what is no turn
    rival: str = ""  # another system's rewrite


@dataclass(frozen=True)
class Passage:
    """One entry of a passage corpus."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Pack:
    """Documents and questions."""

    name: str
    folder: Path
    documents: tuple[Path, ...]  # files to take in as they are
    corpus: Path | None = None  # the passage file
    questions: tuple[Question, ...] = field(default=(), repr=False)

    @cached_property
    def passages(self) -> tuple[Passage, ...]:
        """The passages of the corpus, in its order."""
        return tuple(read_passages(self.corpus)) if self.corpus else ()

    def limited(self, documents: int | None = None, questions: int | None = None) -> Pack:
        """The first documents (passages are all kept), the questions that need no other, and of these the first."""
        kept = self.documents if documents is None else self.documents[:documents]
        names = {path.name for path in kept} | {passage.id for passage in self.passages}
        fitting = tuple(one for one in self.questions if names >= _needed(one))
        return replace(self, documents=kept, questions=fitting[:questions])


def _needed(question: Question) -> set[str]:
    return ({question.document} if question.document else set()) | {one.source for one in question.evidence}


def load_pack(folder: Path) -> Pack:
    """The pack in ``folder``.

    Raises:
        PackError: there is none, or rows of it cannot be used; every bad row is named with file, line and reason.
    """
    from evaluation.csv_packs import find_csv, load_csv_pack

    folder = folder.expanduser().resolve()
    if not folder.is_dir():
        raise PackError(f"{folder} is not a folder. Name a pack, or make one with --template {folder}.")
    questions = folder / QUESTIONS
    if questions.is_file():
        return _load_jsonl_pack(folder, questions)
    if table := find_csv(folder):
        return load_csv_pack(folder, table)
    raise PackError(f"{folder} holds neither {QUESTIONS} nor a CSV file of questions. Start one with --template.")


def read_passages(path: Path) -> Iterator[Passage]:
    """The passages in a corpus file.

    Raises:
        PackError: a line is no passage.
    """
    problems: list[str] = []
    for number, row in json_lines(path, problems):
        texts = [row.get(key) for key in ("id", "title", "text")]
        if all(isinstance(text, str) for text in texts):
            yield Passage(*(str(text) for text in texts))
        else:
            problems.append(f"{path}:{number}: a passage needs id, title and text, each a string")
    raise_problems(problems)


def json_lines(path: Path, problems: list[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Line numbers (from 1) and objects of a JSON-lines file; what is no object goes to ``problems``."""
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as error:
                problems.append(f"{path}:{number}: not JSON in UTF-8 ({error})")
                continue
            if isinstance(row, dict):
                yield number, row
            else:
                problems.append(f"{path}:{number}: a JSON object is needed, not {type(row).__name__}")


def raise_problems(problems: Sequence[str]) -> None:
    """Raises one PackError that names all ``problems``, if there are any."""
    if problems:
        more = f"\n... and {len(problems) - SHOWN_ROWS} more" if len(problems) > SHOWN_ROWS else ""
        shown = "\n".join(problems[:SHOWN_ROWS])
        raise PackError(f"{len(problems)} rows cannot be used:\n{shown}{more}")


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
    if missing := sorted(_needed(question) - set(known)):
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
        kind=kind,
        types=tuple(row.get("evidence_sources") or ()),
        document=str(row.get("document") or only),
        answerable=kind != "unanswerable" and not any(one.lower() == NOT_ANSWERABLE for one in answers),
        standalone=bool(row.get("self_contained", True)) and "standalone" not in row,
        evidence_complete=complete,
        passages_complete=traced is None or traced == 1,
        subquestions=tuple(_text(step, "question") for step in row.get("decomposition") or ()),
        history=tuple(Message(one["role"], _text(one, "text")) for one in row.get("history") or ()),
        conversation=str(row.get("conversation") or ""),
        rewrite=_text(row, "standalone") if "standalone" in row else "",
        rival=str(row.get("rival") or ""),
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
    aliases = tuple(str(one) for one in row.get("answer_aliases") or ())
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
