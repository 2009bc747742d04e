"""Evaluation packs: documents, questions about them, and where the answers are.

A pack is a folder with ``documents/`` and ``questions.jsonl`` (an object a line); or, made by hand, a folder with
documents and a ``questions.csv`` (see ``csv_packs``). Evidence names a document and, as far as it is known, a page
(from 1), a section, a table (``table_index``: which ``class="wikitable"`` of the page, from 0), a picture, or a passage
of ``documents/corpus.jsonl`` or ``documents/passages.jsonl`` (objects with ``id``, ``title``, ``text``).

A turn of a conversation has ``history`` and ``standalone``, a person's rewrite that is understood without it; it is not
asked, its condensation is compared (see ``conversations``). A pack of nothing but such turns needs no ``documents/``.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from langchain_core.messages import BaseMessage

from errors import PackError
from records import BBox

QUESTIONS = "questions.jsonl"
DOCUMENTS = "documents"
PASSAGE_FILES = ("corpus.jsonl", "passages.jsonl")
NOT_ANSWERABLE = "not answerable"
MULTI_SPAN = "multi-span"  # TAT-QA's name for an answer of several values, all of them needed
SHOWN_ROWS = 20  # bad rows named in one error


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """A location that holds (a part of) the answer."""

    source: str  # file name in documents/, or the id of a passage
    page: int | None = None  # from 1
    section: str = ""
    table_index: int | None = None  # from 0
    table_csv: str = ""  # the table's cells, relative to the pack
    image: str = ""
    passage: bool = False  # the source is a passage of a corpus
    text: str = ""


@dataclass(frozen=True)
class Layout:
    """A rectangle of a page that a person marked as holding (a part of) the answer: a paragraph, a table, a figure."""

    source: str  # file name in documents/
    page: int  # from 1
    bbox: BBox  # in points of the PDF's page


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
    layouts: tuple[Layout, ...] = ()  # closer than ``evidence``, where the pack has them
    kind: str = ""
    types: tuple[str, ...] = ()  # of evidence: "Table", "Chart"...
    document: str = ""  # what an in-document question may look at
    cluster: str = ""  # questions that share documents, directly or by others, are not independent
    answerable: bool = True
    standalone: bool = True  # makes sense without its document at hand, so the whole store may be searched
    evidence_complete: bool = True  # the gold pages were checked, so retrieval can be scored
    passages_complete: bool = True  # the gold passages were checked
    subquestions: tuple[str, ...] = ()  # a person's own decomposition
    history: tuple[BaseMessage, ...] = ()  # of a turn of a conversation: the messages before it
    conversation: str = ""  # the one it is a turn of
    rewrite: str = ""  # a person's, understood without the history; "" for what is no turn
    baseline_rewrite: str = ""  # that of another system; "rival" in the file


Fold = Literal["tune", "check"]


def fold_of(cluster: str) -> Fold:
    """Return the half that questions of ``cluster`` are in."""
    return "tune" if int(hashlib.sha256(cluster.encode()).hexdigest(), 16) % 2 == 0 else "check"


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
    documents: tuple[Path, ...]  # files to ingest as they are
    corpus: Path | None = None  # the passage file
    questions: tuple[Question, ...] = field(default=(), repr=False)
    sealed: bool = False  # its questions and replies are for nobody to read: sums alone are printed and kept

    @cached_property
    def passages(self) -> tuple[Passage, ...]:
        """The passages of the corpus, in its order."""
        return tuple(read_passages(self.corpus)) if self.corpus else ()

    def fold(self, name: Fold) -> Pack:
        """Return the pack with the questions of one half: failures may be read and choices made in "tune"; "check" judges.

        A document's questions (in a corpus of passages, those that share passages) are all in one half, by the SHA-256 of
        their cluster's name.
        """
        kept = tuple(one for one in self.questions if fold_of(one.cluster) == name)
        return replace(self, questions=kept)

    def limited(
        self, documents: int | None = None, questions: int | None = None, *, of_each_kind: bool = False
    ) -> Pack:
        """Return the pack with its first documents (passages are all kept), the questions that need no other, and of
        these the first; with ``of_each_kind`` as many of every kind."""
        kept = self.documents if documents is None else self.documents[:documents]
        names = {path.name for path in kept} | {passage.id for passage in self.passages}
        fitting = tuple(one for one in self.questions if names >= needed_sources(one))
        if not of_each_kind or questions is None:
            return replace(self, documents=kept, questions=fitting[:questions])
        seen: Counter[str] = Counter()
        chosen = []
        for one in fitting:
            seen[one.kind] += 1
            if seen[one.kind] <= questions:
                chosen.append(one)
        return replace(self, documents=kept, questions=tuple(chosen))


def needed_sources(question: Question) -> set[str]:
    """Return the documents and passages without which ``question`` cannot be asked."""
    return ({question.document} if question.document else set()) | {one.source for one in question.evidence}


def read_passages(path: Path) -> Iterator[Passage]:
    """Read the passages in a corpus file.

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
    """Yield line numbers (from 1) and objects of a JSON-lines file; what is no object goes to ``problems``."""
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
    """Raise one PackError that names all ``problems``, if there are any."""
    if problems:
        more = f"\n... and {len(problems) - SHOWN_ROWS} more" if len(problems) > SHOWN_ROWS else ""
        shown = "\n".join(problems[:SHOWN_ROWS])
        raise PackError(f"{len(problems)} rows cannot be used:\n{shown}{more}")
