"""The sample corpus: ingested on the first start, and the questions that it answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path

from ingest.expand import expand
from ingest.outcome import Outcome
from ingest.pipeline import ingest
from ingest.workers import Workers
from records import Source
from store.index import Index

DATA = Path(__file__).resolve().parent.parent / "data"
QUESTIONS = DATA / "sample_questions.jsonl"
FOLDER = DATA / "samples"


def ingest_samples(index: Index, folder: Path, tell: Callable[[str], None]) -> None:
    """Ingest ``folder``; a line to ``tell`` for every source.

    Raises:
        StoreError: the index cannot be written.
    """
    sources, problems = expand([str(folder)])
    for problem in problems:
        tell(f"  {problem.what}: {problem.why}")
    if sources:
        tell(f"Ingesting the sample corpus from {folder} (once; {len(sources)} sources)")
    with Workers(index.settings) as workers:
        for outcome in ingest(index, sources, workers=workers):
            tell(f"  {_line(outcome)}")


def _line(outcome: Outcome) -> str:
    name = Path(outcome.source).name
    if outcome.status == "failed":
        return f"{name}: failed. {outcome.error}"
    chunks = sum((outcome.chunks or {}).values())
    return f"{name}: {outcome.status}, {outcome.pages} pages, {chunks} passages, {outcome.seconds:.1f} s"


def example_questions(sources: Iterable[Source]) -> list[str]:
    """Return sample questions worth showing first, as far as the sources that answer them are in the index."""
    present = {source.source for source in sources}
    if not present or not QUESTIONS.is_file():
        return []
    rows = [json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [
        row["question"]
        for row in rows
        if row.get("example") and all(str(FOLDER / evidence["source"]) in present for evidence in row["evidence"])
    ]
