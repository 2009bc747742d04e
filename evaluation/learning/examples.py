"""What is learned from: the candidates of a pack's questions, and which of them are right.

To rank, the candidates are all that the rankings find, and a unit is a page, a passage or a picture, as the pack's evidence
names it. To read, they are the pieces that the reader compares, each a unit by itself; right is one in which a gold answer
stands, on a gold page. Where an answer needs two places no single piece answers, so that to read is not learned from such
questions; how sure to be is, by what would be said: the best piece, and what is found of a name in it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from chains.answering.extractive.features import FEATURES as READER_FEATURES
from chains.answering.extractive.out_of_corpus import out_of_corpus_names
from chains.answering.extractive.said import said_of
from chains.answering.extractive.score import Scored, rate
from chains.query.decompose import decompose_by_rule
from chains.retrieval.base import Query, Resources
from chains.retrieval.ranker.features import features
from chains.retrieval.search import candidates, retrieve
from evaluation.answers import holds_answer
from evaluation.corpus import Corpus
from evaluation.packs import Fold, Pack, Question, fold_of
from evaluation.runs import Within
from evaluation.systems import locations_of
from evaluation.units import Gold, Level, unit_of
from models.embed import serves
from records import Chunk
from text.english.locator import without_locator

FOLLOWED = 3  # pieces, of which other weights are to find one the best
LEVELS: tuple[Level, ...] = ("page", "passage", "image", "document")  # the finest that the evidence names


@dataclass(frozen=True)
class Example:
    """The candidates of one question: a row of features each, the unit that each belongs to, from 0, and the right units."""

    id: str
    within: Within
    fold: Fold
    rows: NDArray[np.float32]
    units: NDArray[np.int64]
    right: tuple[int, ...]
    missed: int = 0  # right units that are not among the candidates
    answerable: bool = True
    by_words: bool = False  # the embedder was not made for the question's language
    one_place: bool = True  # that answers it
    followed: tuple[
        bool | None, ...
    ] = ()  # of the first rows: whether what a name in it leads to answers, if to anything
    about: tuple[Mapping[str, float], ...] = ()  # of the first rows: what is known of what would be said with it


@dataclass(frozen=True)
class Examples:
    """What a pack gives to learn from."""

    pack: str
    ranking: tuple[Example, ...]
    reading: tuple[Example, ...]

    def save(self, path: Path) -> None:
        """Write everything to ``path``."""
        arrays: dict[str, NDArray[np.generic]] = {}
        about: dict[str, list[dict[str, object]]] = {}
        for name in ("ranking", "reading"):
            some: tuple[Example, ...] = getattr(self, name)
            about[name] = [{**asdict(one), "rows": len(one.rows), "units": None} for one in some]
            if some:
                arrays[f"{name}_rows"] = np.concatenate([one.rows for one in some])
                arrays[f"{name}_units"] = np.concatenate([one.units for one in some])
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(path, about=np.array(json.dumps({"pack": self.pack, **about})), **arrays)  # type: ignore[arg-type]


def load_examples(path: Path) -> Examples:
    """Load what ``Examples.save`` wrote."""
    with np.load(path, allow_pickle=False) as stored:
        about = json.loads(str(stored["about"]))
        found: dict[str, list[Example]] = {"ranking": [], "reading": []}
        for name, some in found.items():
            start = 0
            for fields in about[name]:
                end = start + fields["rows"]
                rows, units = stored[f"{name}_rows"][start:end], stored[f"{name}_units"][start:end]
                lists = {name: tuple(value) for name, value in fields.items() if isinstance(value, list)}
                some.append(Example(**{**fields, **lists, "rows": rows, "units": units}))
                start = end
    return Examples(about["pack"], tuple(found["ranking"]), tuple(found["reading"]))


def collect_examples(
    pack: Pack,
    corpus: Corpus,
    resources: Resources,
    runs: Sequence[tuple[Within, Question]],
    on_step: Callable[[], None],
) -> Examples:
    """Return the examples of the questions in ``runs``, each asked in the store or in its document."""
    gold = Gold(pack, corpus)
    ranking: list[Example] = []
    reading: list[Example] = []
    for within, question in runs:
        inside = within == "document"
        text = question.text if inside else question.query
        scope = corpus.scope([question.document] if inside else None)
        wanted = _wanted(gold, question)
        if wanted or not question.answerable:
            query = Query(text, scope, resources)
            if wanted:
                ranking.append(_to_rank(query, question, within, wanted, corpus))
            whole = len(decompose_by_rule(text, 2)) == 1  # else its parts are read instead
            if whole and (question.answers or not question.answerable):
                reading += _to_read(query, question, within, wanted, corpus)
        on_step()
    return Examples(pack.name, tuple(ranking), tuple(reading))


def _wanted(gold: Gold, question: Question) -> frozenset[str]:
    """The gold units of the finest level that the pack knows, and the passages with the pages where it has both."""
    found = [gold.units(question, level) for level in LEVELS]
    first: frozenset[str] = next(filter(None, found), frozenset())
    return first | found[-1] if found[LEVELS.index("passage")] else first


def _to_rank(query: Query, question: Question, within: Within, wanted: frozenset[str], corpus: Corpus) -> Example:
    hits = candidates(query)
    names = _units_of([hit.chunk for hit in hits], wanted, corpus)
    numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
    right = tuple(sorted(numbers[name] for name in wanted if name in numbers))
    return Example(
        id=question.id,
        within=within,
        fold=fold_of(question.cluster),
        rows=features(query, hits).astype(np.float32),
        units=np.array([numbers[name] for name in names], dtype=np.int64),
        right=right,
        missed=len(wanted) - len(right),
        by_words=_by_words(query),
    )


def _units_of(chunks: Sequence[Chunk], wanted: frozenset[str], corpus: Corpus) -> list[str]:
    """The unit of each chunk: its page where gold pages are named, else its source."""
    locations = locations_of(chunks, corpus)
    paged = any(" p" in name and name.rsplit(" p", 1)[1].isdigit() for name in wanted)
    return [unit_of(one, "page" if paged else "document") for one in locations]


def _to_read(
    query: Query, question: Question, within: Within, wanted: frozenset[str], corpus: Corpus
) -> Iterator[Example]:
    resources, scope = query.resources, query.scope
    hits = retrieve(query.text, scope, resources)
    asked = without_locator(query.text)
    scored = rate(asked, hits, resources, scope.principal)
    if not scored:
        return
    right = _right(scored, question, wanted, corpus)
    said = [said_of(asked, scored, hits, resources, scope, best=at) for at in range(len(scored[:FOLLOWED]))]
    strange = {"unknown": 1.0} if out_of_corpus_names(query.text, resources, scope) else {}
    yield Example(
        id=question.id,
        within=within,
        fold=fold_of(question.cluster),
        rows=np.array([[one.values[name] for name in READER_FEATURES] for one in scored], dtype=np.float32),
        units=np.arange(len(scored)),
        right=right,
        one_place=len(wanted) < 2 and question.passages_complete,
        followed=tuple(bool(_right([one.second], question, wanted, corpus)) if one.second else None for one in said),
        about=tuple({**one.about, **strange} for one in said),
        answerable=question.answerable,
        by_words=_by_words(query),
    )


def _right(scored: Sequence[Scored], question: Question, wanted: frozenset[str], corpus: Corpus) -> tuple[int, ...]:
    """The positions of the pieces that hold a gold answer, at a gold place where the pack names all of these."""
    if not question.answerable:
        return ()
    places = _units_of([one.evidence.chunk for one in scored], wanted, corpus)
    return tuple(
        position
        for position, (one, place) in enumerate(zip(scored, places, strict=True))
        if (place in wanted or not question.passages_complete) and holds_answer(one.text, question.answers)
    )


def _by_words(query: Query) -> bool:
    return not serves(query.resources.embedder, query.language)
