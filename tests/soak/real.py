"""Kill -9 of the commands that users run, with the real parsers and the real embedder."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.soak.kills import _kill_server
from tests.soak.load import ROOT, command

SAMPLES = ROOT / "data" / "samples"


def kill_commands(folder: Path, kills: int, seed: int) -> dict[str, Any]:
    """Kill ``python -m ingest`` and ``python -m app`` with their workers, or the Chroma server under them."""
    chance = random.Random(seed)
    shutil.copytree(SAMPLES, folder / "documents")
    data = str(folder / "data")
    killed = {"ingest": 0, "app": 0, "server": 0}
    faults: list[str] = []
    for number in range(kills):
        handbook = folder / "documents" / "maintenance-handbook.md"
        handbook.write_text(handbook.read_text() + f"\nAdded later, number {number}.\n")
        name = "app" if number % 3 == 2 else "ingest"
        arguments = ["app", "--port", "0", "--samples", str(folder / "documents")]
        if name == "ingest":
            arguments = ["ingest", str(folder / "documents")]
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments, "--data-dir", data],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(chance.uniform(2.0, 25.0))
        if number % 4 == 3 and _kill_server(folder):
            killed["server"] += 1
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
            killed[name] += 1
        process.wait()
        faults += _doctor(data)
    resumed = command("ingest", "--resume", str(folder / "documents"), "--data-dir", data, "--json")
    faults += _doctor(data)
    listed = json.loads(command("ingest", "--list", "--data-dir", data, "--json").stdout)["sources"]
    asked = command("chains", "What is the least flow that the turbines can use?", "--data-dir", data, "--json")
    return {
        "killed": killed,
        "faults": faults,
        "resume_exit_code": resumed.returncode,
        "sources": len(listed),
        "answered": bool(asked.returncode == 0 and json.loads(asked.stdout)["citations"]),
    }


def _doctor(data: str) -> list[str]:
    done = command("store", "doctor", "--data-dir", data)
    return [] if done.returncode == 0 else [done.stdout + done.stderr[-500:]]
