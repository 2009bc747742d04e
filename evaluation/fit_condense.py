"""python -m evaluation.fit_condense PACK: the weights by which follow-ups are condensed without a model.

PACK holds conversations (see ``conversations``). Half of them, by a hash of their names, are fitted on and chosen by; what
comes out is printed for cross-validation within that half, for that half itself, and for the other one.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from rich.console import Console

from chains.query.condense import user_questions
from chains.query.english import condense as rule
from chains.query.english.condense import Asked, Features, anaphor, edits, elliptical, names_new_topic, needs
from evaluation.conversations import LEFT_ALONE, PRECISION, RECALL, STANDS_ALONE, rouge1, turn_scores
from evaluation.learning.logistic import fit_logistic
from evaluation.load import load_pack
from evaluation.packs import Question, fold_of
from text.english.phrases import noun_phrases

FOLDS = 5
ROUNDS = 2  # of fitting: earlier questions are condensed by the weights of the round before
STRENGTH = {"needs": 0.1, "chooses": 0.03}  # inverse of the L2 penalty
BETA = 2.0  # recall counts this much more than precision in what an edit gains (van Rijsbergen 1979)
LEAST_GAIN = 0.03  # of F-beta, from which on an edit is right; it must also gain half of what the best one does
LEAST = {"needs": 0.6, "chooses": 0.1}  # probabilities to act upon; the first is chosen
TRIED = (0.4, 0.5, 0.6, 0.7)
WANTED_ALONE = 0.98  # share of turns that stand alone to be left so in cross-validation

Weights = dict[str, Features]


@dataclass(frozen=True)
class Example:
    """What one model is fitted on."""

    features: Features
    right: bool
    weight: float = 1.0


def fit(turns: Sequence[Question]) -> Weights:
    """Return weights fitted on ``turns``, in rounds: the first reads earlier questions as they were asked."""
    weights: Weights | None = None
    for _ in range(ROUNDS):
        examples = _examples(turns, weights)
        weights = {name: logistic(some, STRENGTH[name]) for name, some in examples.items()} | {"least": LEAST}
    assert weights is not None
    return weights


def _examples(turns: Sequence[Question], weights: Weights | None) -> dict[str, list[Example]]:
    examples: dict[str, list[Example]] = {"needs": [], "chooses": []}
    for turn in turns:
        asked = user_questions(turn.history)
        earlier = _condensed(asked, weights) if weights else [Asked(one, noun_phrases(one)) for one in asked]
        if not earlier or elliptical(turn.text, earlier[-1].text):
            continue
        found = edits(turn.text, earlier)
        if anaphor(turn.text) is None and not names_new_topic(turn.text, earlier):
            examples["needs"].append(Example(needs(turn.text, earlier), turn.kind != STANDS_ALONE))
        if turn.kind == STANDS_ALONE or not found:
            continue
        before = _f_beta(turn.text, turn.rewrite)
        gains = [_f_beta(edit.text, turn.rewrite) - before for edit in found]
        least = max(LEAST_GAIN, max(gains) / 2)
        weight = 1 / len(found)  # each turn counts once
        examples["chooses"] += [
            Example(edit.features, gain >= least, weight) for edit, gain in zip(found, gains, strict=True)
        ]
    alone = sum(not one.right for one in examples["needs"])  # which are few, and are to count as much as the others
    balance = (len(examples["needs"]) - alone) / max(alone, 1)
    examples["needs"] = [one if one.right else replace(one, weight=balance) for one in examples["needs"]]
    return examples


def _condensed(asked: Sequence[str], weights: Weights) -> list[Asked]:
    done: list[Asked] = []
    for one in asked:
        done.append(rule.resolved(one, done, weights))
    return done


def _f_beta(text: str, gold: str) -> float:
    recall, precision = rouge1(text, gold)
    below = BETA**2 * precision + recall
    return (1 + BETA**2) * precision * recall / below if below else 0.0


def logistic(examples: Sequence[Example], strength: float) -> Features:
    """Return weights by feature, and "bias"; ``strength`` is the inverse of the L2 penalty."""
    counts = [one.weight for one in examples]
    bias, weights = fit_logistic(
        [one.features for one in examples], [one.right for one in examples], counts, 1 / (strength * sum(counts))
    )
    return {"bias": round(bias, 3), **{name: round(weight, 3) for name, weight in weights.items()}}


def scores(turns: Sequence[Question], weights: Weights) -> list[dict[str, float]]:
    """Return the scores of each turn as it is condensed by ``weights``."""
    return [
        turn_scores(turn, _condensed([*user_questions(turn.history), turn.text], weights)[-1].text) for turn in turns
    ]


def means(found: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """Return the mean of every metric over the turns that have it."""
    found = list(found)
    return {
        metric: float(np.mean([one[metric] for one in found if metric in one]))
        for metric in (LEFT_ALONE, RECALL, PRECISION)
    }


def cross_validated(turns: Sequence[Question]) -> dict[float, dict[str, float]]:
    """Return the figures for every least probability tried; no turn is condensed by weights fitted on its conversation."""
    names = sorted(
        {turn.conversation for turn in turns}, key=lambda name: hashlib.sha256(f"fold {name}".encode()).digest()
    )
    fold = {name: number % FOLDS for number, name in enumerate(names)}
    found: dict[float, list[dict[str, float]]] = {least: [] for least in TRIED}
    for held in range(FOLDS):
        weights = fit([turn for turn in turns if fold[turn.conversation] != held])
        out = [turn for turn in turns if fold[turn.conversation] == held]
        for least in TRIED:
            found[least] += scores(out, weights | {"least": LEAST | {"needs": least}})
    return {least: means(some) for least, some in found.items()}


def main(argv: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    cli = argparse.ArgumentParser(prog="python -m evaluation.fit_condense", description=__doc__)
    cli.add_argument("pack", type=Path, metavar="PACK")
    cli.add_argument("--out", type=Path, default=rule.WEIGHTS, metavar="FILE")
    arguments = cli.parse_args(argv)
    console = Console(highlight=False)
    turns = [question for question in load_pack(arguments.pack).questions if question.rewrite]
    first = [turn for turn in turns if fold_of(turn.conversation) == "tune"]
    second = [turn for turn in turns if fold_of(turn.conversation) == "check"]
    tried = cross_validated(first)
    least = next((one for one in TRIED if tried[one][LEFT_ALONE] >= WANTED_ALONE), TRIED[-1])
    weights = fit(first) | {"least": LEAST | {"needs": least}}
    for what, figures in (
        ("cross-validated", tried[least]),
        ("fitted on", means(scores(first, weights))),
        ("other half", means(scores(second, weights))),
    ):
        console.print(f"{what}: " + ", ".join(f"{metric} {value:.3f}" for metric, value in figures.items()))
    made = f"python -m evaluation.fit_condense {arguments.pack.name}: {len(first)} turns, half of its conversations"
    arguments.out.write_text(json.dumps({"made by": made, **weights}, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
