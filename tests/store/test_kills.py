"""A short version of ``make soak``: kill -9 at random moments, and what the next start finds."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_killed_programs_lose_nothing(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    command = [sys.executable, "-m", "tests.soak", "--only", "kills", "--kills", "3", "--seed", "3"]
    done = subprocess.run([*command, "--out", str(out)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(out.read_text())["kills"]
    assert found["kills"] >= 3
    assert found["seen"]["restarts checked"] >= 1
