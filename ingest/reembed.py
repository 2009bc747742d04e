"""python -m ingest --reembed : embed what is stored with the model that the settings name."""

from __future__ import annotations

import json
import sys
import time

from rich.console import Console
from rich.progress import Progress

from config import Settings


def run_reembed(settings: Settings, console: Console, progress: Progress, *, as_json: bool) -> int:
    """Embed everything anew with a progress bar, and say what was done; return the exit code."""
    from store.index import Index
    from store.maintenance.reembed import reembed

    began = time.perf_counter()
    with Index(settings) as index, progress:
        bar = progress.add_task("chunks", total=None, note="")
        done = reembed(index, lambda made, missing: progress.update(bar, completed=made, total=max(made, missing)))
        name = index.embedder.name
    seconds = time.perf_counter() - began
    if not done.switched:
        console.print(f"Everything is embedded with {name} already.", markup=False)
    else:
        console.print(
            f"{done.chunks:,} vectors made in {seconds:.0f} s; the index is embedded with {name}.", markup=False
        )
    if done.too_long:
        console.print(
            f"{len(done.too_long)} sources have passages of which {name} reads only the beginning. They are cut anew when "
            "they are taken in again: python -m ingest SOURCE...",
            markup=False,
        )
    if as_json:
        said = {"model": name, "vectors": done.chunks, "too_long": list(done.too_long), "seconds": round(seconds, 2)}
        sys.stdout.write(json.dumps(said, ensure_ascii=False) + "\n")
    return 0
