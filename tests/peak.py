"""python -m tests.peak COMMAND...: runs it, then prints the most memory that all its processes held together.

PSS counts a page that several processes share once in all, RSS once for each.
"""

from __future__ import annotations

import subprocess
import sys
import time

import psutil

EVERY = 1.0  # seconds


def memory(process: psutil.Process) -> tuple[int, int]:
    """RSS and PSS in bytes; zeros when it has ended."""
    try:
        found = process.memory_full_info()
        return found.rss, found.pss
    except psutil.Error:
        return 0, 0


def main(command: list[str]) -> int:
    """Returns the exit code of ``command``."""
    most_rss = most_pss = 0
    with subprocess.Popen(command) as running:
        own = psutil.Process(running.pid)
        while running.poll() is None:
            try:
                family = [own, *own.children(recursive=True)]
            except psutil.Error:
                break
            held = [memory(process) for process in family]
            most_rss, most_pss = max(most_rss, sum(rss for rss, _ in held)), max(most_pss, sum(pss for _, pss in held))
            time.sleep(EVERY)
    sys.stderr.write(f"peak memory: {most_pss / 1e9:.2f} GB PSS, {most_rss / 1e9:.2f} GB RSS summed\n")
    return running.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
