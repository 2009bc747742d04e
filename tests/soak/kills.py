"""Kill -9 at random moments, and what the next start finds."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections import Counter
from pathlib import Path

import psutil

from tests.soak import life

LIFE_SECONDS = 10.0  # kills come at a moment spread evenly over this time after the start
TARGETS = ("ingest", "app", "server", "server", "all")


def kill_and_restart(folder: Path, kills: int, seed: int) -> dict[str, object]:
    """Start lives on ``folder`` and kill them, or the server, or both, ``kills`` times in all.

    Returns:
        counts of kills by target, of what the lives saw, and the failures.
    """
    (folder / "documents").mkdir(parents=True)
    chance = random.Random(seed)
    killed: Counter[str] = Counter()
    failures = folder / "failures.txt"
    while killed.total() < kills and not failures.exists():
        target = chance.choice(TARGETS)
        role = target if target in ("ingest", "app") else chance.choice(("ingest", "app"))
        pid = _start(folder, role, chance.randrange(10**9))
        time.sleep(chance.uniform(0.0, LIFE_SECONDS))
        if target == "server" and _kill_server(folder):
            killed["server"] += 1
            time.sleep(chance.uniform(0.0, LIFE_SECONDS))  # the program must live through it
        if target == "all" and _kill_server(folder):
            killed["server, with all"] += 1
        if _kill(pid):
            killed[f"{role}, with all" if target == "all" else role] += 1
    if not failures.exists():
        _final_check(folder, failures)
    _kill_server(folder)
    seen = Counter((folder / "counts.txt").read_text().split("\n")) if (folder / "counts.txt").exists() else Counter()
    return {
        "seed": seed,
        "kills": killed.total(),
        "killed": dict(killed),
        "seen": {what: count for what, count in sorted(seen.items()) if what},
        "failures": failures.read_text() if failures.exists() else "",
    }


def _start(folder: Path, role: str, seed: int) -> int:
    """A life in a fork, which has everything imported already."""
    pid = os.fork()
    if pid == 0:
        os.setsid()
        life.run(folder, role, seed)
        os._exit(0)
    return pid


def _kill(pid: int) -> bool:
    """Kills a life; False when it had ended by itself, over a failure."""
    ended, _ = os.waitpid(pid, os.WNOHANG)
    if ended:
        return False
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return True


def _kill_server(folder: Path) -> bool:
    try:
        pid = int(json.loads((folder / "data" / "server.json").read_text())["pid"])
        command = psutil.Process(pid).cmdline()
    except (OSError, ValueError, KeyError, psutil.Error):
        return False
    if str(folder / "data" / "chroma") not in command:
        return False
    os.kill(pid, signal.SIGKILL)
    return True


def _final_check(folder: Path, failures: Path) -> None:
    """One more start, left alone until it has repaired and checked everything."""
    before = _checked(folder)
    pid = _start(folder, "ingest", 0)
    deadline = time.monotonic() + 60
    while _checked(folder) == before and not failures.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    if _checked(folder) == before and not failures.exists():
        failures.write_text("The last start did not come to its check within 60 s.\n")
    _kill(pid)


def _checked(folder: Path) -> int:
    counts = folder / "counts.txt"
    return counts.read_text().count("restarts checked") if counts.exists() else 0
