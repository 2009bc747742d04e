"""make soak: what takes too long for make test. Prints what happened as JSON; exit code 1 when anything was lost.

Usage: python -m tests.soak [--seed N] [--kills N] [--real-kills N] [--seconds N] [--chats N] [--sources N]
       [--chunks N] [--out FILE] [--only PART] [--keep FOLDER]
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # as pytest does: the tests' helpers are found by name


def main() -> int:
    """Run every part; return 1 when one of them failed."""
    from tests.soak.kills import kill_and_restart
    from tests.soak.large import large_store
    from tests.soak.load import batches_and_chats, big_batch, many_chats
    from tests.soak.real import kill_commands

    cli = argparse.ArgumentParser(prog="python -m tests.soak", description="Kills, crowds and masses.")
    cli.add_argument("--seed", type=int, default=1)
    cli.add_argument("--kills", type=int, default=200)
    cli.add_argument("--real-kills", type=int, default=8)
    cli.add_argument("--seconds", type=float, default=120.0, help="of many chats at once")
    cli.add_argument("--chats", type=int, default=50)
    cli.add_argument("--sources", type=int, default=2000, help="in the big batch")
    cli.add_argument("--chunks", type=int, default=100_000, help="in the large store")
    cli.add_argument("--out", type=Path, help="write the result to this file too")
    cli.add_argument("--keep", type=Path, metavar="FOLDER", help="work in this new folder and leave it")
    cli.add_argument("--only", choices=("kills", "real", "together", "chats", "batch", "large"))
    o = cli.parse_args()
    results: dict[str, Any] = {}
    with contextlib.ExitStack() as stack:
        folder = o.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="soak-")))
        parts: dict[str, Callable[[], dict[str, Any]]] = {
            "kills": lambda: kill_and_restart(folder / "kills", o.kills, o.seed),
            "together": lambda: batches_and_chats(folder / "together", files=80, chats=10),
            "real": lambda: kill_commands(folder / "real", o.real_kills, o.seed),
            "chats": lambda: many_chats(folder / "chats", chats=o.chats, seconds=o.seconds),
            "batch": lambda: big_batch(folder / "batch", sources=o.sources, seed=o.seed),
            "large": lambda: large_store(folder / "large", chunks=o.chunks, seed=o.seed),
        }
        for part, run in parts.items():
            if o.only in (None, part):
                began = time.monotonic()
                results[part] = {**run(), "took_s": round(time.monotonic() - began)}
                print(part, json.dumps(results[part], indent=1), flush=True)
                if o.out:
                    o.out.write_text(json.dumps(results, indent=1))
    lost = [name for name, found in results.items() if not PASSED[name](found)]
    print(f"Failed: {', '.join(lost)}" if lost else "All held.")
    return 1 if lost else 0


PASSED: dict[str, Callable[[dict[str, Any]], bool]] = {
    "kills": lambda found: not found["failures"],
    "together": lambda found: (
        found["exit_codes"] == [0, 0, 0] and not found["faults"] and found["sources"] == found["expected"]
    ),
    "real": lambda found: not found["faults"] and found["resume_exit_code"] == 0 and found["answered"],
    # the level: what an allocator keeps may differ by a tenth
    "chats": lambda found: not found["errors"] and found["memory_mb"]["end"] <= 1.1 * found["memory_mb"]["start"],
    "batch": lambda found: (
        not found["named_wrongly"]
        and not found["not_named"]
        and found["added"] == found["sources"] - found["bad"]
        and found["doctor_exit_code"] == 0
    ),
    "large": lambda found: found["times_dense"] < 5,
}


if __name__ == "__main__":
    sys.exit(main())
