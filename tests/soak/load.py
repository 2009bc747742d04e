"""Load: many chats on the page for minutes, batches during chats, a batch of thousands with bad ones among them."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import numpy as np
import psutil
from fakes import FakeEmbedder, settings_at

from chains.pipeline import build
from ingest.pipeline import ingest
from records import Turn
from store.index import Index
from store.maintenance.doctor import check
from tests.soak.life import Quick

ROOT = Path(__file__).resolve().parents[2]
SETTLE_SECONDS = 15.0  # of chats before memory is first read: models load, threads start


def command(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a command of ours, as a user runs it."""
    return subprocess.run(
        [sys.executable, "-m", *arguments], cwd=ROOT, text=True, capture_output=True, check=False, **options
    )


# --- chats on the page -----------------------------------------------------------------------------------------------


def many_chats(folder: Path, *, chats: int, seconds: float) -> dict[str, Any]:
    """Let ``chats`` users ask the real page one question after the other for ``seconds``."""
    lines = (ROOT / "data" / "sample_questions.jsonl").read_text().splitlines()
    questions = [json.loads(line)["question"] for line in lines if line.strip()]
    took: list[float] = []
    errors: list[str] = []
    with _page(folder) as (url, process):
        until = time.monotonic() + SETTLE_SECONDS + seconds
        threads = [
            Thread(target=_visitor, args=(url, questions[n:] + questions[:n], until, took, errors))
            for n in range(chats)
        ]
        for thread in threads:
            thread.start()
        time.sleep(SETTLE_SECONDS)
        before, answered = _memory(process), len(took)
        time.sleep(seconds / 2)
        between = _memory(process)
        for thread in threads:
            thread.join()
        after = _memory(process)
    counted = took[answered:]
    return {
        "chats": chats,
        "seconds": seconds,
        "answered": len(counted),
        "errors": errors[:5],
        "p50_s": round(float(np.percentile(counted, 50)), 2),
        "p95_s": round(float(np.percentile(counted, 95)), 2),
        "memory_mb": {"start": before, "middle": between, "end": after},
    }


def _visitor(url: str, questions: list[str], until: float, took: list[float], errors: list[str]) -> None:
    with httpx.Client(trust_env=False, timeout=120) as client:
        while time.monotonic() < until:
            for question in questions:
                began = time.monotonic()
                if began > until:
                    return
                try:
                    event = client.post(f"{url}/gradio_api/call/ask", json={"data": [question]}).json()["event_id"]
                    output = client.get(f"{url}/gradio_api/call/ask/{event}").text
                    answer = json.loads(output.split("event: complete\ndata: ", 1)[1])[0]
                    if answer["question"] != question or not answer["answer"]:
                        errors.append(f"{question!r} was answered {answer!r}")
                except (httpx.HTTPError, ValueError, KeyError, IndexError) as error:
                    errors.append(f"{question!r}: {type(error).__name__}: {error}")
                took.append(time.monotonic() - began)


@contextmanager
def _page(folder: Path) -> Iterator[tuple[str, psutil.Process]]:
    arguments = [sys.executable, "-m", "app", "--port", "0", "--data-dir", str(folder), "--samples", "data/samples"]
    process = subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = next(line for line in process.stdout if line.startswith("Serving on "))
        Thread(target=process.stdout.read, daemon=True).start()
        yield line.split()[2], psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait()


def _memory(process: psutil.Process) -> int:
    """Resident memory of a program, in megabytes."""
    return int(process.memory_info().rss) // 1_000_000


# --- batches during chats --------------------------------------------------------------------------------------------


def batches_and_chats(folder: Path, *, files: int, chats: int) -> dict[str, Any]:
    """Ingest batches that share half of their sources from two programs, while ``chats`` threads of a third ask."""
    documents = folder / "documents"
    documents.mkdir(parents=True)
    facts = {f"keeper number {n}": f"Person{n} Solvang{n}" for n in range(chats)}
    anchors = [documents / f"anchor-{n}.md" for n in range(chats)]
    for path, (post, name) in zip(anchors, facts.items(), strict=True):
        path.write_text(f"# {post}\n\nThe {post} of the lighthouse is called {name}.\n")
    rest = [documents / f"{n}.md" for n in range(files)]
    for number, path in enumerate(rest):
        path.write_text(
            f"# Note {number}\n\nThe weir {number}.\n\n| Year | Turbines |\n|---|---|\n| 2024 | {number % 5} |\n"
        )
    # every index lives in a fork of its own: a fork of a process whose libraries run threads may hang
    _ended(_forked(lambda: _take_in(folder, [str(path) for path in anchors])))
    third = files // 4
    batches = [[str(path) for path in rest[: 3 * third]], [str(path) for path in rest[third:]]]
    running = [_forked(lambda sources=sources: _take_in(folder, sources)) for sources in batches]
    asking = _forked(lambda: _ask_until(folder, facts, folder / "stop"))
    codes = [_ended(pid) for pid in running]
    (folder / "stop").touch()
    codes.append(_ended(asking))
    _ended(_forked(lambda: _examined(folder)))
    report = json.loads((folder / "report.json").read_text())
    answered = (folder / "answered.txt").read_text().split() if (folder / "answered.txt").exists() else []
    return {
        "batches": [len(batch) for batch in batches],
        "sources": report["sources"],
        "expected": files + chats,
        "answered": sum(int(count) for count in answered),
        "exit_codes": codes,
        "faults": report["faults"],
        "failures": (folder / "failures.txt").read_text() if (folder / "failures.txt").exists() else "",
    }


def _ended(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _examined(folder: Path) -> int:
    with Index(settings_at(folder / "data"), FakeEmbedder("space")) as index:  # type: ignore[arg-type]
        report = check(index)
    (folder / "report.json").write_text(json.dumps(asdict(report)))
    return 0


def _forked(work: Any) -> int:
    pid = os.fork()
    if pid == 0:
        code = 3
        try:
            code = work()
        finally:
            os._exit(code)
    return pid


def _take_in(folder: Path, sources: list[str]) -> int:
    settings = settings_at(folder / "data")
    try:
        with Index(settings, FakeEmbedder("space")) as index:  # type: ignore[arg-type]
            for outcome in ingest(index, sources, workers=Quick(settings)):
                if outcome.status == "failed":
                    return _failed(folder, f"{outcome.source}: {outcome.error}")
    except Exception:  # noqa: BLE001  whatever it is, it is what we look for
        return _failed(folder, traceback.format_exc())
    return 0


def _ask_until(folder: Path, facts: dict[str, str], stop: Path) -> int:
    settings = settings_at(folder / "data")
    wrong: list[str] = []
    counts = dict.fromkeys(facts, 0)
    with Index(settings, FakeEmbedder("space")) as index:  # type: ignore[arg-type]
        chain = build(index, settings)

        def ask(post: str) -> None:
            while not stop.exists() and not wrong:
                try:
                    answer = chain.invoke(Turn(question=f"Who is the {post} of the lighthouse?")).answer
                    if facts[post] not in answer:
                        wrong.append(f"{post}: {answer!r}")
                except Exception:  # noqa: BLE001  whatever it is, it is what we look for
                    wrong.append(traceback.format_exc())
                counts[post] += 1

        threads = [Thread(target=ask, args=(post,)) for post in facts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    (folder / "answered.txt").write_text(str(sum(counts.values())))
    return _failed(folder, wrong[0]) if wrong else 0


def _failed(folder: Path, why: str) -> int:
    with (folder / "failures.txt").open("a") as file:
        file.write(why + "\n")
    return 3


# --- a batch of thousands --------------------------------------------------------------------------------------------


def big_batch(folder: Path, *, sources: int, seed: int) -> dict[str, Any]:
    """Run the real command on ``sources`` small files of which 5 % are bad: exactly those must be named."""
    documents = folder / "documents"
    documents.mkdir(parents=True)
    chance = random.Random(seed)
    bad = set(chance.sample(range(sources), sources // 20))
    written = [str(_write(documents, number, chance, bad=number in bad)) for number in range(sources)]
    expected = {written[number] for number in bad}
    began = time.monotonic()
    done = command("ingest", str(documents), "--data-dir", str(folder / "data"), "--json")
    seconds = time.monotonic() - began
    summary = json.loads(done.stdout)
    named = {failure["source"] for failure in summary["failed"]}
    doctor = command("store", "doctor", "--data-dir", str(folder / "data"), "--json")
    return {
        "sources": sources,
        "bad": len(expected),
        "added": summary["added"],
        "exit_code": done.returncode,
        "named_wrongly": sorted(named - expected)[:5],
        "not_named": sorted(expected - named)[:5],
        "seconds": round(seconds, 1),
        "doctor": doctor.stdout.strip()[:300],
        "doctor_exit_code": doctor.returncode,
    }


def _write(folder: Path, number: int, chance: random.Random, *, bad: bool) -> Path:
    """A small source; bad ones are empty, binary, cut off or lie about what they are."""
    noise = chance.randbytes(200)
    kinds = (
        {
            ".md": b"",
            ".txt": b"PK\x03\x04" + b"\0\1\2" * 60,
            ".pdf": b"%PDF-1.7\n" + noise,
            ".png": b"\x89PNG\r\n\x1a\n" + noise,
        }
        if bad
        else {
            ".md": b"# Note %d\n\nThe weir %d stood still.\n" % (number, number),
            ".txt": b"Note %d. The weir %d stood still." % (number, number),
            ".html": b"<html><body><h1>Note %d</h1><p>The weir %d stood still.</p></body></html>" % (number, number),
        }
    )
    suffix = list(kinds)[number % len(kinds)]
    path = folder / f"{number:05d}{suffix}"
    path.write_bytes(kinds[suffix])
    return path
