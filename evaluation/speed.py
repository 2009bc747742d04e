"""What a question costs as the store grows, and what a page and a passage cost to take in: python -m evaluation.speed

Ours and the usual way take turns in the same run, so that a busy machine slows both; ratios are what to read.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from threading import Event, Thread

import numpy as np

from chains.pipeline import resources_of
from chains.retrieval.at_once import Retrieval
from chains.retrieval.retriever import Retriever
from chains.retrieval.search import retrieve
from errors import AssistantError
from evaluation.plots import cost_by_size
from evaluation.speed_ingest import Rate, rates
from evaluation.speed_store import CHUNKS_A_SOURCE, Texts, opened
from records import GUEST, OPERATOR, Scope
from store.index import Index

USUAL_HITS = 10  # of the one dense query that we are compared with
TOGETHER = 4  # sub-questions
WRITTEN = 64  # sources that each write meanwhile takes in again, changed


@dataclass(frozen=True)
class Cost:
    """Milliseconds of each question, round by round, at one size."""

    chunks: int
    ours: tuple[tuple[float, ...], ...]
    usual: tuple[tuple[float, ...], ...]  # one dense query
    together: tuple[tuple[float, ...], ...] = ()  # ``TOGETHER`` questions at once, as the parts of one are


def measured(index: Index, questions: Sequence[str], rounds: int) -> Cost:
    """Measure retrieval, all steps, for a reader who may not see half of the sources, and one dense Chroma query for somebody
    who may see all; both embed the question."""
    resources = resources_of(index, index.settings)
    ours: list[tuple[float, ...]] = []
    usual: list[tuple[float, ...]] = []
    together: list[tuple[float, ...]] = []
    reader = Scope(principal=GUEST)
    key, vectors = next(iter(index.parts.present_keys().values())), index.parts.vectors
    for round_ in range(rounds + 1):
        own, other = [], []
        for question in questions:
            began = time.perf_counter()
            vectors.search(key, index.embedder.embed_query(question), USUAL_HITS, Scope(principal=OPERATOR))
            between = time.perf_counter()
            retrieve(question, reader, resources)
            own.append(1000 * (time.perf_counter() - between))
            other.append(1000 * (between - began))
        parts = _groups_of(questions)
        took = [_looked_up(Retrieval(Retriever(resources, scope=reader)), group) for group in parts]
        if round_:  # the first loads what is loaded once
            ours.append(tuple(own))
            usual.append(tuple(other))
            together.append(tuple(took))
    chunks = index.catalog.rows("SELECT COUNT(*) FROM chunks")[0][0]
    return Cost(int(chunks), tuple(ours), tuple(usual), tuple(together) if parts else ())


def _groups_of(questions: Sequence[str]) -> list[Sequence[str]]:
    return [questions[at : at + TOGETHER] for at in range(0, len(questions) - TOGETHER + 1, TOGETHER)]


def _looked_up(retrieval: Retrieval, questions: Sequence[str]) -> float:
    """Milliseconds until all ``questions`` are looked up."""
    began = time.perf_counter()
    with closing(retrieval):
        retrieval.begin(questions)
        for question in questions:
            retrieval(question)
        return 1000 * (time.perf_counter() - began)


@contextmanager
def writing(index: Index, texts: Texts, sources: int) -> Iterator[None]:
    """Take changed sources in all the time."""
    stop = Event()

    def write() -> None:
        for turn in count(1):
            if stop.is_set():
                return
            first = (turn * WRITTEN) % max(1, sources - WRITTEN)
            batch = [
                new._replace(
                    chunks=[replace(one, id=f"{one.id}.{turn}", text=f"{one.text} {turn}") for one in new.chunks]
                )
                for new in texts.sources(first, min(first + WRITTEN, sources))
            ]
            index.put_all(batch, "2026-01-02T00:00:00+00:00")

    thread = Thread(target=write)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def table(costs: Sequence[Cost], found: Sequence[Rate]) -> str:
    """Return a Markdown table; in brackets the lowest and the highest of the rounds."""
    lines = ["| what | ours | the usual way | ratio |", "|---|---|---|---|"]
    for cost in costs:
        for share in (50, 95):
            ours, usual = ([float(np.percentile(one, share)) for one in part] for part in (cost.ours, cost.usual))
            ratio = [a / b for a, b in zip(ours, usual, strict=True)]
            lines.append(
                f"| a question at {cost.chunks:,} chunks, ms, p{share}, against one dense query | {_spread(ours)} | "
                f"{_spread(usual)} | {_spread(ratio)} |"
            )
        if cost.together:
            several, one = ([float(np.median(part)) for part in parts] for parts in (cost.together, cost.ours))
            ratio = [a / b for a, b in zip(several, one, strict=True)]
            lines.append(
                f"| {TOGETHER} sub-questions at {cost.chunks:,} chunks, ms, p50, against one of them | {_spread(several)} | "
                f"{_spread(one)} | {_spread(ratio)} |"
            )
    for rate in found:
        ratio = [a / b for a, b in zip(rate.ours, rate.usual, strict=True)]
        lines.append(f"| {rate.what} | {_spread(rate.ours)} | {_spread(rate.usual)} | {_spread(ratio)} |")
    return "\n".join(lines)


def _spread(values: Sequence[float]) -> str:
    return f"{float(np.median(values)):.3g} ({min(values):.3g}-{max(values):.3g})"


def _size(text: str) -> int:
    number = text.strip().lower()
    factor = {"k": 1_000, "m": 1_000_000}.get(number[-1:], 1)
    digits = number.rstrip("km")
    if not digits.isdigit() or int(digits) * factor < 2 * CHUNKS_A_SOURCE:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of chunks from 10 on. Write e.g. 10k or 1m.")
    return int(digits) * factor


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m evaluation.speed", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--sizes", type=lambda text: [_size(one) for one in text.split(",")], default=[10_000])
    parser.add_argument(
        "--packs", nargs="+", type=Path, default=[], help="whose passages fill the stores; else our docs/"
    )
    parser.add_argument("--files", nargs="+", type=Path, default=[], help="to measure ingestion and embedding with")
    parser.add_argument("--questions", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--writes", action="store_true", help="take changed sources in all the time meanwhile")
    parser.add_argument("--folder", type=Path, default=Path("data/var/speed"), help="where the stores are kept")
    parser.add_argument("--plot", type=Path, default=Path("data/var/speed.svg"))
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the table and write the plot; return the exit code."""
    options = _parser().parse_args(arguments)
    costs: list[Cost] = []
    found: list[Rate] = []
    try:
        if options.packs or not options.files:
            texts = Texts.of(options.packs) if options.packs else Texts.of_documentation()
            questions = texts.questions(options.questions)
            for size in sorted(options.sizes):
                folder = options.folder.resolve() / str(size)
                with opened(
                    folder, size, texts, lambda done: print(f"{done:,} chunks stored", file=sys.stderr)
                ) as index:
                    if options.writes:
                        with writing(index, texts, size // CHUNKS_A_SOURCE):
                            costs.append(measured(index, questions, options.rounds))
                    else:
                        costs.append(measured(index, questions, options.rounds))
        if options.files:
            with tempfile.TemporaryDirectory(prefix="speed-") as scratch:
                found = list(rates([one.resolve() for one in options.files], Path(scratch), options.rounds))
    except AssistantError as error:
        print(error, file=sys.stderr)
        return 1
    print(table(costs, found))
    if costs:
        options.plot.parent.mkdir(parents=True, exist_ok=True)
        lines = {
            name: [
                (cost.chunks, float(np.median(np.concatenate([np.array(one) for one in part])))) for cost, part in pairs
            ]
            for name, pairs in {
                "retrieval, half of the sources closed": [(cost, cost.ours) for cost in costs],
                "one dense query": [(cost, cost.usual) for cost in costs],
            }.items()
        }
        options.plot.write_text(cost_by_size(lines), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
