"""Query rewriting against a person's rewrites: is a question that stands alone left as it is, and what do the others take
from the conversation?

Measured by ROUGE-1 (Lin 2004, https://aclanthology.org/W04-1013): the multisets of words that rewrite and gold share.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from chains.answering.answerers import answerer_for
from chains.answering.base import Context
from chains.pipeline import resources_of
from config import Settings
from evaluation.packs import Pack, Question
from evaluation.results import SystemResult
from evaluation.scoring import Figure
from evaluation.statistics import estimate
from records import Turn
from store.index import Index

LEFT_ALONE, RECALL, PRECISION = "left alone", "ROUGE-1 recall", "ROUGE-1 precision"
HEADLINE = tuple(f"conversations/store//{metric}" for metric in (LEFT_ALONE, RECALL, PRECISION))
STANDS_ALONE = "standalone"  # the kind of turn that needs nothing of the others
_WORD = re.compile(r"\w+")

Condense = Callable[[Question], str]


def condenser(index: Index, settings: Settings) -> Condense:
    """Return the assistant's step that makes a follow-up stand alone, as the answerer that ``settings`` name takes it.

    Raises:
        ModelError: the chat model cannot be loaded.
    """
    context = Context(settings=settings, resources=resources_of(index, settings), is_supported=lambda *_: None)
    answerer = answerer_for(context)

    def condense(question: Question) -> str:
        *_, condensed = answerer.condense(Turn(question=question.text, history=question.history))
        return condensed.standalone

    return condense


def conversation_results(
    pack: Pack, results: Sequence[SystemResult], index: Index, settings: Settings, *, seed: int
) -> list[SystemResult]:
    """Return ``results`` with the figures of the pack's conversations: the assistant's (the first result), and those of
    two more systems, the question unchanged and the baseline's rewrite; ``results`` themselves if the pack has no turns."""
    turns = [question for question in pack.questions if question.rewrite]
    if not turns:
        return list(results)
    condense = condenser(index, settings)
    ours = {turn.id: condense(turn) for turn in turns}
    baselines = {turn.id: turn.baseline_rewrite for turn in turns if turn.baseline_rewrite}
    first, *others = results
    values, figures = _scored(turns, ours, seed)
    first = replace(first, values={**first.values, **values}, figures=(*first.figures, *figures))
    systems = {"unchanged": {turn.id: turn.text for turn in turns}}
    if baselines:
        systems |= {
            "baseline": baselines,
            f"{first.system} on the baseline's turns": {id_: ours[id_] for id_ in baselines},
        }
    for name, rewrites in systems.items():
        values, figures = _scored(turns, rewrites, seed)
        others.append(SystemResult(system=name, settings={}, figures=figures, values=values, latency_ms={}))
    return [first, *others]


def turn_scores(turn: Question, rewrite: str) -> dict[str, float]:
    """Return for a turn that stands alone whether ``rewrite`` left it as it is, case, blanks and the last mark apart; for a
    follow-up recall and precision of its words."""
    if turn.kind == STANDS_ALONE:
        return {LEFT_ALONE: float(_folded(rewrite) == _folded(turn.text))}
    recall, precision = rouge1(rewrite, turn.rewrite)
    return {RECALL: recall, PRECISION: precision}


def rouge1(text: str, gold: str) -> tuple[float, float]:
    """Return recall and precision of the words of ``text``, each counted as often as it occurs.

    >>> rouge1("who runs the weir", "who runs the weir of aldra")
    (0.6666666666666666, 1.0)
    """
    words, wanted = (Counter(_WORD.findall(one.lower())) for one in (text, gold))
    shared = (words & wanted).total()
    return shared / max(wanted.total(), 1), shared / max(words.total(), 1)


def _folded(text: str) -> str:
    return " ".join(text.lower().split()).rstrip(" .?!")


def _scored(
    turns: Sequence[Question], rewrites: Mapping[str, str], seed: int
) -> tuple[dict[str, dict[str, float]], tuple[Figure, ...]]:
    """Values by figure key and turn, and the figures; conversations are what the bootstrap draws."""
    scores = {turn.id: turn_scores(turn, rewrites[turn.id]) for turn in turns if turn.id in rewrites}
    clusters = {turn.id: turn.cluster for turn in turns}
    values: dict[str, dict[str, float]] = {}
    figures = []
    for key in HEADLINE:
        metric = key.rsplit("/", 1)[1]
        having = {id_: found[metric] for id_, found in scores.items() if metric in found}
        if having:
            values[key] = having
            mean = estimate(list(having.values()), [clusters[id_] for id_ in having], seed=seed)
            figures.append(
                Figure(part="conversations", within="store", level="", group="all", metric=metric, estimate=mean)
            )
    return values, tuple(figures)
