"""How long the sample questions take to their first text and to the whole answer, with the settings of the environment.

    python -m tests.first_text [--data-dir DIR]

The sample corpus must be in the index (make chat puts it there). The models are loaded before the clock starts, as the page
loads them when it starts. Exit code 1 where a first text comes after five seconds.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from app.samples import QUESTIONS
from chains.pipeline import build
from config import Settings
from records import OPERATOR, Scope, Turn
from store.index import Index

MOST_SECONDS = 5.0


def main() -> int:
    """Run the command; return its exit code."""
    cli = argparse.ArgumentParser(prog="python -m tests.first_text", description=(__doc__ or "").splitlines()[0])
    cli.add_argument("--data-dir", type=Path, metavar="DIR", help="where the index lies (default: data/var)")
    settings = Settings.from_env(data_dir=cli.parse_args().data_dir)
    with Index(settings) as index:
        chain = build(index, settings)
        questions = [json.loads(line)["question"] for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
        timed(chain.stream, "Which documents mention a warm-up?")
        rows = [(*timed(chain.stream, question), question) for question in questions]
    print("first text   whole answer   outcome    question")
    for first, whole, outcome, question in rows:
        print(f"{first:8.2f} s {whole:12.2f} s   {outcome:10} {question}")
    slowest = max(first for first, *_ in rows)
    print(f"{sum(first <= 2 for first, *_ in rows)} of {len(rows)} within 2 s; the slowest after {slowest:.2f} s")
    return int(slowest > MOST_SECONDS)


def timed(stream: Callable[[Turn], Iterator[Turn]], question: str) -> tuple[float, float, str]:
    """Return seconds to the first text, seconds to the end, and the outcome."""
    began, first, turn = time.perf_counter(), 0.0, Turn(question=question)
    for turn in stream(Turn(question=question, scope=Scope(principal=OPERATOR))):
        if turn.answer and not first:
            first = time.perf_counter() - began
    return first, time.perf_counter() - began, turn.outcome


if __name__ == "__main__":
    sys.exit(main())
