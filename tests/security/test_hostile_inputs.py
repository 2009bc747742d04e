"""Broken, lying and swollen inputs: each fails with a message or is ingested, and none holds up or breaks the batch."""

from __future__ import annotations

import resource
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from fakes import FakeEmbedder, agree, settings_at

from ingest.outcome import Outcome
from ingest.pipeline import ingest
from ingest.workers import Workers
from store.index import Index
from tests.security.broken_files import GOOD, MUTATIONS, handmade, mutations, no_files

SECONDS = 30  # for one source
MEMORY_MB = 3_000
CONTROL_EVERY = 25
# what the quick test reads: what fails or is read in no time
QUICK = {"report.pdf": 2, "guide.html": 6, "handbook.md": 6, "weir.png": 2}
QUICK_NAMES = """
header only.pdf, half a header.pdf, count lies.pdf, ten thousand pages.pdf, root is itself.pdf, no root.pdf, encrypted.pdf,
pages of each other.pdf, base.html, span of billions.html, span below zero.html, billion cells.html, laughs.xhtml,
odd names.html, drawing in itself.html, looks like utf-16.html, says another encoding.html, comment without end.html,
empty.txt, empty.pdf, zeros.md, zeros and words.txt, not utf-8.txt, half a character.txt, surrogates.txt, right to left.md,
only unseen.txt, program.txt, archive.md, pdf.md, page.png, text.png, text.pdf,
fifty thousand pixels.png, billions of pixels.png, no pixels.png, more than it has.png, chunk longer than the file.png,
lying.jpg, start only.jpg, lying.webp, start only.webp, lie in a page.html
"""


def ingest_all(files: dict[str, bytes], folder: Path, chroma_url: str) -> tuple[dict[str, Outcome], float]:
    """Ingest each file, with a whole one after every few; return the outcomes and how long all took. All of them are checked
    for what must hold whatever the input."""
    folder.mkdir()
    paths = []
    for number, (name, data) in enumerate(files.items()):
        paths.append(folder / name)
        paths[-1].write_bytes(data)
        if number % CONTROL_EVERY == 0:
            paths.append(folder / f"control {number}.md")
            paths[-1].write_text(f"{GOOD} It is number {number}.")
    odd = folder / "odd"
    odd.mkdir()
    paths += no_files(odd)
    settings = settings_at(
        folder / "data", chroma_url, workers=2, task_seconds=SECONDS, task_memory_mb=MEMORY_MB, fetch_timeout=1.0
    )
    began = time.perf_counter()
    with Index(settings, FakeEmbedder()) as index, Workers(settings) as workers:  # type: ignore[arg-type]
        outcomes = {one.source: one for one in ingest(index, [str(path) for path in paths], workers=workers)}
        assert agree(index)
        assert {source.source for source in index.catalog.sources()} == {
            source for source, one in outcomes.items() if one.status == "added"
        }
    assert outcomes.keys() == {str(path) for path in paths}
    for source, one in outcomes.items():
        assert one.status in ("added", "failed"), source
        assert "fault of this program" not in one.error, one.error
        assert one.status == "added" or Path(source).name in one.error, one.error
    controls = [one for source, one in outcomes.items() if "/control " in source]
    assert controls
    assert all(one.status == "added" for one in controls)
    assert all(outcomes[str(path)].status == "failed" for path in paths if path.parent != folder)
    named = {str(Path(source).relative_to(folder)): one for source, one in outcomes.items() if str(folder) in source}
    return {name: named[name] for name in files}, time.perf_counter() - began


REASONS = {
    "xref loop.pdf": "",
    "ten thousand pages.pdf": "has 10,000 pages, the limit is 5,000",
    "encrypted.pdf": "is encrypted",
    "header only.pdf": "",
    "empty.txt": "is empty",
    "empty.pdf": "is empty",
    "zeros.md": "is empty",
    "program.txt": "binary file",
    "archive.md": "binary file",
    "text.pdf": "broken",
    "text.png": "not a readable picture",
    "fifty thousand pixels.png": "pixels",
    "billions of pixels.png": "pixels",
    "lying.jpg": "not a readable picture",
}


def check_reasons(outcomes: dict[str, Outcome]) -> None:
    for name, reason in REASONS.items():
        if name in outcomes:
            assert outcomes[name].status == "failed", name
            assert reason in outcomes[name].error, outcomes[name].error
    assert outcomes["page.png"].kind == "web"


def test_some_of_them(tmp_path: Path, chroma_url: str) -> None:
    made = handmade(bombs=False)
    files = {name.strip(): made[name.strip()] for name in QUICK_NAMES.replace("\n", " ").split(",")}
    files |= dict(mutations(QUICK))
    outcomes, _ = ingest_all(files, tmp_path / "files", chroma_url)
    check_reasons(outcomes)
    assert any(one.status == "added" for one in outcomes.values())


def test_the_mutations_are_the_same_every_time() -> None:
    few = dict.fromkeys(MUTATIONS, 3)
    assert list(mutations(few)) == list(mutations(few))
    assert dict(mutations(few)) != dict(mutations(few, seed=1))


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_all_of_them(tmp_path: Path, chroma_url: str) -> None:
    files = {**handmade(), **dict(mutations(MUTATIONS))}
    assert len(files) >= 300
    outcomes, seconds = ingest_all(files, tmp_path / "files", chroma_url)
    check_reasons(outcomes)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000
    counts = Counter(_kind(one) for one in outcomes.values())
    slowest = sorted(outcomes.items(), key=lambda item: -item[1].seconds)[:5]
    lines = [
        f"{len(files)} inputs in {seconds:.0f} s; largest process {peak:,.0f} MB of {MEMORY_MB:,} MB",
        *(f"  {count:4d} {what}" for what, count in counts.most_common()),
        "slowest, waiting included: " + ", ".join(f"{name} {one.seconds:.0f} s" for name, one in slowest),
    ]
    sys.stdout.write("\n" + "\n".join(lines) + "\n")
    assert peak < MEMORY_MB


def _kind(one: Outcome) -> str:
    if one.status == "added":
        return "ingested, with losses" if one.losses else "ingested"
    words = {"took more than": "ran out of time", "more memory": "ran out of memory", "crash": "crashed its reader"}
    return next((what for sign, what in words.items() if sign in one.error), "refused with a reason")
