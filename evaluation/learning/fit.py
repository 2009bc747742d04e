"""python -m evaluation --fit PACK...: learn to rank, to read and to tell how sure to be, leaving one pack out at a time.

For each pack weights are fitted on all others and judged on it; what is kept is fitted on the tune halves of all packs. All
packs count the same, however many questions they have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from chains.answering.extractive.features import BY_EMBEDDER as READER_BY_EMBEDDER
from chains.answering.extractive.features import FEATURES as READER_FEATURES
from chains.answering.extractive.features import SPEAK_AGAINST
from chains.answering.extractive.score import CONFIDENCE, confidence_features, is_as_good
from chains.retrieval.ranker.features import BY_EMBEDDER as RANKER_BY_EMBEDDER
from chains.retrieval.ranker.features import FEATURES as RANKER_FEATURES
from evaluation.learning.examples import Example, Examples
from evaluation.learning.judge import any_at, recall_at, scores_of, threshold_for
from evaluation.learning.logistic import fit_logistic
from evaluation.learning.softmax import fit_softmax
from evaluation.statistics import auc_estimate
from evaluation.text_report import table
from models.linear import LinearModel

Weights = Mapping[str, float]
Rows = NDArray[np.float32]
READER_PENALTY = 2e-2  # a pack has but some dozens of questions that one piece answers
CONFIDENCE_PENALTY = 1e-2
PIECES = 2  # that are shown
WRONG = 0.05  # of the questions of a pack left out may be called answered and are not
SHOWN = 0.8  # of the answerable questions of every pack for which something is to be shown
FUSION_ALONE = {"fused": 1.0}  # the ranking without what is learned


@dataclass(frozen=True)
class Fitted:
    """What was learned, and a report of it in Markdown."""

    ranker: LinearModel
    reader: LinearModel
    confidence: LinearModel
    report: str
    left_out: Mapping[str, LinearModel] = field(default_factory=dict)  # by pack: the ranker of all the others
    by_words: Fitted | None = None  # the same for languages that the embedder was not made for

    def save(self, folder: Path, ending: str = "") -> None:
        """Write three files of weights into ``folder``, and three by words alone."""
        self.ranker.save(folder / f"ranker_weights{ending}.json")
        self.reader.save(folder / f"reader_weights{ending}.json")
        self.confidence.save(folder / f"confidence_weights{ending}.json")
        if self.by_words is not None:
            self.by_words.save(folder, "_by_words")


def fit(packs: Sequence[Examples], before: Weights) -> Fitted:
    """Return what ``packs`` teach of languages that the embedder was made for, and of others; see ``fit_once``.

    To rank by words alone is learned from questions in the others, where there are any; to read so from all, as if the
    embedder had told nothing of them.
    """
    found = fit_once([_ranking_of(pack, by_words=False) for pack in packs], before)
    others = [without_meaning(_ranking_of(pack, by_words=True)) for pack in packs]
    if not any(pack.ranking for pack in others):
        return found
    by_words = fit_once(others, before)
    report = f"{found.report}\n\nIn languages that the embedder was not made for:\n\n{by_words.report}"
    return replace(found, report=report, by_words=by_words)


def _ranking_of(pack: Examples, *, by_words: bool) -> Examples:
    reading = pack.reading if by_words else tuple(one for one in pack.reading if not one.by_words)
    return Examples(pack.pack, tuple(one for one in pack.ranking if one.by_words == by_words), reading)


def without_meaning(pack: Examples) -> Examples:
    """Return ``pack`` as if the embedder had not been made for its language: what it tells of a candidate is 0 in all."""
    return Examples(
        pack.pack,
        tuple(replace(one, rows=_without(one.rows, RANKER_FEATURES, RANKER_BY_EMBEDDER)) for one in pack.ranking),
        tuple(replace(one, rows=_without(one.rows, READER_FEATURES, READER_BY_EMBEDDER)) for one in pack.reading),
    )


def _without(rows: Rows, features: Iterable[str], left_out: Iterable[str]) -> Rows:
    names = list(features)
    rows = rows.copy()
    rows[:, [names.index(one) for one in left_out]] = 0.0
    return rows


def fit_once(packs: Sequence[Examples], before: Weights) -> Fitted:
    """Return what ``packs`` teach; a feature of the ranker in which their candidates do not differ, as those of a reranking
    model that is not set, keeps its weight ``before``."""
    named = ", ".join(sorted(pack.pack for pack in packs))
    made_by = f"python -m evaluation --fit: tune halves of {named}"
    tune = [_half(pack, "tune") for pack in packs]
    untaught = _untaught(tune, before)
    for name in RANKER_BY_EMBEDDER:
        untaught.pop(name, None)
    ranker, reader = {**fit_ranker(tune), **untaught}, fit_reader(tune)
    left_out = _left_out_rankers(packs)
    answering = [pack for pack in packs if any(one.right for one in pack.reading)]
    sure = {pack.pack: _left_out_confidence(pack, answering) for pack in answering} if len(answering) > 1 else {}
    bias, weights = fit_confidence(tune, reader)
    thresholds = _thresholds(sure, _shares_shown(tune, reader, LinearModel(weights, bias)))
    report = "\n\n".join(
        [
            *_tables_of_ranking(packs, left_out, ranker),
            *_tables_of_reading(answering, reader),
            *_tables_of_confidence(sure, thresholds),
            weights_table("ranker", ranker, RANKER_FEATURES),
            weights_table("reader", reader, READER_FEATURES),
            weights_table("confidence", weights, CONFIDENCE),
        ]
    )
    return Fitted(
        LinearModel(ranker, made_by=f"{made_by}{_as_before(untaught)}"),
        LinearModel(reader, made_by=made_by),
        LinearModel(weights, bias, made_by, thresholds),
        report,
        {
            pack: LinearModel({**found, **untaught}, made_by=f"python -m evaluation --fit: without {pack}")
            for pack, found in left_out.items()
        },
    )


def fit_ranker(packs: Sequence[Examples]) -> dict[str, float]:
    """Return the weights of the ranker's features."""
    examples, counts = _counted(pack.ranking for pack in packs)
    return fit_softmax(examples, list(RANKER_FEATURES), counts=counts)


def _left_out_rankers(packs: Sequence[Examples]) -> dict[str, dict[str, float]]:
    """The weights that all other packs teach, for each pack that others teach anything for."""
    others = {pack.pack: [one for one in _others(packs, pack) if one.ranking] for pack in packs if pack.ranking}
    return {pack: fit_ranker(some) for pack, some in others.items() if some}


def _untaught(packs: Sequence[Examples], before: Weights) -> dict[str, float]:
    """The weights ``before`` of the features that are the same in all candidates."""
    rows = [one.rows for pack in packs for one in pack.ranking]
    low, high = np.min([one.min(axis=0) for one in rows], axis=0), np.max([one.max(axis=0) for one in rows], axis=0)
    same = [name for name, least, most in zip(RANKER_FEATURES, low, high, strict=True) if least == most]
    return {name: before[name] for name in same if name in before}


def _as_before(untaught: Weights) -> str:
    return f"; not learned, for no candidates differ in it: {', '.join(sorted(untaught))}" if untaught else ""


def fit_reader(packs: Sequence[Examples]) -> dict[str, float]:
    """Return the weights of the reader's features."""
    examples, counts = _counted([one for one in pack.reading if one.right and one.one_place] for pack in packs)
    return fit_softmax(examples, list(READER_FEATURES), counts=counts, penalty=READER_PENALTY, negative=SPEAK_AGAINST)


def fit_confidence(packs: Sequence[Examples], reader: Weights) -> tuple[float, dict[str, float]]:
    """Return bias and weights of the confidence that what is said by ``reader`` answers."""
    examples, counts = _counted(pack.reading for pack in packs)
    right = [_is_right(one, reader) for one in examples]
    return fit_logistic([_confidence_row(one, reader) for one in examples], right, counts, CONFIDENCE_PENALTY)


def _is_right(example: Example, reader: Weights) -> bool:
    """Whether the answer is among the pieces that would be said: the best, and what a name in it leads to, else a second one
    that is as good."""
    scores = scores_of(example, reader, list(READER_FEATURES))
    order = np.argsort(-scores, kind="stable")[:PIECES]
    best = int(order[0])
    followed = example.followed[best] if best < len(example.followed) else None
    if followed is not None:
        return followed or best in example.right
    return any(int(at) in example.right and is_as_good(float(scores[at]), float(scores[order[0]])) for at in order)


def _confidence_row(example: Example, reader: Weights) -> dict[str, float]:
    scores = scores_of(example, reader, list(READER_FEATURES))
    order = np.argsort(-scores, kind="stable")
    best = dict(zip(READER_FEATURES, map(float, example.rows[order[0]]), strict=True))
    about = example.about[min(int(order[0]), len(example.about) - 1)]
    return confidence_features(best, [float(one) for one in scores[order]], about)


def _counted(packs: Iterable[Sequence[Example]]) -> tuple[list[Example], list[float]]:
    """All examples with what each counts for, so that all packs count the same."""
    examples: list[Example] = []
    counts: list[float] = []
    for some in packs:
        examples += some
        counts += [1 / len(some) for _ in some]
    return examples, counts


def _half(pack: Examples, fold: str) -> Examples:
    return Examples(
        pack.pack,
        tuple(one for one in pack.ranking if one.fold == fold),
        tuple(one for one in pack.reading if one.fold == fold),
    )


def _others(packs: Sequence[Examples], out: Examples) -> list[Examples]:
    return [pack for pack in packs if pack.pack != out.pack]


@dataclass(frozen=True)
class Sure:
    """How sure was one to answer a question of a pack that had no part in it, and whether the answer was right."""

    confidence: float
    right: bool
    answerable: bool


def _left_out_confidence(pack: Examples, packs: Sequence[Examples]) -> list[Sure]:
    others = _others(packs, pack)
    reader = fit_reader(others)
    bias, weights = fit_confidence(others, reader)
    model = LinearModel(weights, bias)
    return [
        Sure(model.probability(_confidence_row(one, reader)), _is_right(one, reader), one.answerable)
        for one in pack.reading
    ]


def _shares_shown(packs: Sequence[Examples], reader: Weights, confidence: LinearModel) -> list[float]:
    """From which confidence on something is shown for so many of each pack's answerable questions; where a pack has taught
    that its questions are seldom answered, it is lower than with the pack left out."""
    sure = [
        [confidence.probability(_confidence_row(one, reader)) for one in pack.reading if one.answerable]
        for pack in packs
    ]
    return [float(np.quantile(some, 1 - SHOWN)) for some in sure if some]


def _thresholds(sure: Mapping[str, Sequence[Sure]], shown: Sequence[float]) -> dict[str, float]:
    """From which confidence on pieces are an answer, wrongly for so few questions of every pack, and from which on they are
    shown at all, in each pack to so many of its answerable questions, left out or not."""
    packs = [([one.confidence for one in some], [one.right for one in some]) for some in sure.values()]
    answerable = [[one.confidence for one in some if one.answerable] for some in sure.values()]
    least = [*shown, *(float(np.quantile(some, 1 - SHOWN)) for some in answerable if some)]
    return {"answered": threshold_for(packs, WRONG), "passages": min(least, default=0.0)}


def _tables_of_ranking(packs: Sequence[Examples], left_out: Mapping[str, Weights], final: Weights) -> Iterator[str]:
    names = list(RANKER_FEATURES)
    rows: list[tuple[str, ...]] = []
    for pack in packs:
        for within in sorted({one.within for one in pack.ranking}):
            check = [one for one in pack.ranking if one.within == within and one.fold == "check"]
            whole = [one for one in pack.ranking if one.within == within]
            for half, some in (("check", check), ("all", whole)):
                cells = [
                    _triple(some, weights, names) for weights in (FUSION_ALONE, left_out.get(pack.pack, {}), final)
                ]
                rows.append((f"{pack.pack}, {within}", half, str(len(some)), *cells))
    yield 'Recall of gold units @1/2/5. The last column was fitted on tune halves, so "all" holds what it has seen.'
    yield table(("pack", "half", "questions", "fusion alone", "learned, pack left out", "learned on tune halves"), rows)


def _triple(examples: Sequence[Example], weights: Weights, names: Sequence[str]) -> str:
    return "/".join(_short(value) for value in recall_at(examples, weights, names, 1, 2, 5)) if weights else ""


def _tables_of_reading(packs: Sequence[Examples], final: Weights) -> Iterator[str]:
    names = list(READER_FEATURES)
    rows = []
    for pack in packs:
        some = [one for one in pack.reading if one.answerable and one.one_place]
        left_out = fit_reader(_others(packs, pack)) if len(packs) > 1 else {}
        check = [one for one in some if one.fold == "check"]
        if some:
            cells = [_share(any_at(some, left_out, names, k)) for k in (1, 2, 3)] if left_out else [""] * 3
            rows.append(
                (
                    pack.pack,
                    str(len(some)),
                    "/".join(cells),
                    _share(any_at(check, left_out, names, PIECES)) if left_out else "",
                    _share(any_at(check, final, names, PIECES)),
                    _share([bool(one.right) for one in some]),
                )
            )
    yield "Gold answer in the first 1/2/3 pieces that are shown, of the answerable questions that one piece can answer."
    head = (
        "pack",
        "questions",
        "pack left out",
        "@2, check, left out",
        "@2, check, tune halves",
        "in any piece compared",
    )
    yield table(head, rows)


def _tables_of_confidence(sure: Mapping[str, Sequence[Sure]], thresholds: Mapping[str, float]) -> Iterator[str]:
    rows = []
    everything = [one for some in sure.values() for one in some]
    for name, some in (*sure.items(), ("all", everything)):
        called = [one for one in some if one.confidence >= thresholds["answered"]]
        shown = [one for one in some if one.answerable and one.confidence >= thresholds["passages"]]
        answerable = [one for one in some if one.answerable]
        rows.append(
            (
                name,
                str(len(some)),
                _area(some, lambda one: one.answerable),
                _area(some, lambda one: one.right),
                _share([one.confidence >= thresholds["answered"] for one in some]),
                _share([one.right for one in called]),
                f"{1 - len(shown) / len(answerable):.3f}" if answerable else "",
            )
        )
    yield (
        f"Confidence on packs left out. From {thresholds['answered']:.3f} on pieces are called an answer, from "
        f"{thresholds['passages']:.3f} on they are shown."
    )
    head = (
        "pack",
        "questions",
        "AUC answerable",
        "AUC right",
        "called answered",
        "right of these",
        "answerable refused",
    )
    yield table(head, rows)
    order = sorted(everything, key=lambda one: -one.confidence)
    shares = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0)
    parts = [order[: max(1, round(share * len(order)))] for share in shares] if order else []
    yield table(
        ("called answered", *(f"{share:.2f}" for share in shares)),
        [("right of these", *(_share([one.right for one in part]) for part in parts))],
    )


def _area(some: Sequence[Sure], positive: Callable[[Sure], bool]) -> str:
    found = auc_estimate(
        [one.confidence for one in some], [positive(one) for one in some], [str(at) for at in range(len(some))]
    )
    return _short(found.mean) if found else ""


def weights_table(name: str, weights: Weights, features: Mapping[str, str]) -> str:
    """Format weights as a table, largest first, with a sentence each."""
    order = sorted(features, key=lambda one: -abs(weights.get(one, 0.0)))
    rows = [(one, f"{weights.get(one, 0.0):.2f}", features[one]) for one in order]
    return table((f"{name}: feature", "weight", "what it says"), rows)


def _share(values: Sequence[bool]) -> str:
    return _short(float(np.mean(values))) if values else ""


def _short(value: float) -> str:
    return f"{value:.3f}".removeprefix("0") if value < 1 else f"{value:.3f}"
