"""make fuzz: the parsers' own code against inputs that Atheris (libFuzzer) grows from seeds by the code they reach.

Usage: python -m tests.fuzz [--minutes 10] [--only TARGET] [--found FOLDER]

An input is found when it raises anything but a refusal in words, takes longer than ``SECONDS``, or when its chunks break
an invariant of ``tests/ingest/invariants.py``. It is written to ``--found``; what was mended becomes a test beside the others
of its module. Prints inputs tried and found a target, and exits with 1 when any was found.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 20  # for one input
MEMORY_MB = 3_000
LONGEST = 6_000  # bytes of an input
SEEDS = {"html": (".html", ".htm"), "markdown": (".md",), "plain": (".md", ".txt")}
TARGETS = ("html", "markdown", "plain", "pdf-tables", "table-questions", "questions", "sidecar", "lists")


def main() -> int:
    """Runs the targets one after the other, each in a process of its own."""
    cli = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Fuzzes the parsers.")
    cli.add_argument("--minutes", type=float, default=10.0, help="for all targets together")
    cli.add_argument("--only", choices=TARGETS)
    cli.add_argument("--found", type=Path, default=ROOT / "data" / "var" / "fuzz", help="where found inputs go")
    cli.add_argument("--seed", type=int, default=1)
    cli.add_argument("--run", choices=TARGETS, help=argparse.SUPPRESS)
    o, rest = cli.parse_known_args()
    if o.run:
        return _run(o.run, rest)
    targets = (o.only,) if o.only else TARGETS
    o.found.mkdir(parents=True, exist_ok=True)
    results = {}
    for target in targets:
        results[target] = _target(target, o.minutes * 60 / len(targets), o.found, o.seed)
        print(target, json.dumps(results[target]), flush=True)
    return 1 if any(one["found"] or one["exit_code"] for one in results.values()) else 0


def _target(target: str, seconds: float, found: Path, seed: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        corpus = Path(folder) / "corpus"
        corpus.mkdir()
        for path in sorted((ROOT / "data" / "samples").iterdir()):
            if path.suffix in SEEDS.get(target, ()):
                data = path.read_bytes()
                for start in range(0, len(data), LONGEST):
                    (corpus / f"{start:07d}-{path.name}").write_bytes(data[start : start + LONGEST])
        options = [f"-max_total_time={round(seconds)}", f"-timeout={SECONDS}", f"-rss_limit_mb={MEMORY_MB}"]
        options += [
            f"-max_len={LONGEST}",
            f"-seed={seed}",
            "-print_final_stats=1",
            f"-artifact_prefix={found}/{target}-",
        ]
        before = set(found.iterdir())
        command = [sys.executable, "-m", "tests.fuzz", "--run", target, *options, str(corpus)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, errors="replace", check=False)
        tried = re.search(r"number_of_executed_units:\s*(\d+)", done.stderr)
        new = sorted(path.name for path in set(found.iterdir()) - before)
        if new or done.returncode:
            sys.stderr.write(done.stderr[-3_000:])
    return {
        "seconds": round(seconds),
        "inputs": int(tried[1]) if tried else 0,
        "found": new,
        "exit_code": done.returncode,
    }


def _run(target: str, options: list[str]) -> int:
    import atheris

    sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "ingest")]
    # what is not our own is loaded before, so that only our own code guides the search
    import bs4  # noqa: F401
    import langchain_core.runnables  # noqa: F401
    import pymupdf  # noqa: F401

    with atheris.instrument_imports(include=["ingest", "chains", "language", "records"]):
        from tests.fuzz import targets
    one: Callable[[Any], None] = targets.TARGETS[target]
    atheris.Setup([sys.argv[0], *options], lambda data: one(atheris.FuzzedDataProvider(data)))
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
