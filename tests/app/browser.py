"""A server and a real browser for tests and screenshots of the page."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parent.parent.parent
SAMPLES = ROOT / "data" / "samples"
# Chromium calls home and tries to use a GPU unless told not to.
ARGUMENTS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
).split()


def chromium() -> str | None:
    """Return where Debian's Chromium is, or None."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def browser() -> Iterator[Browser]:
    """Start a headless Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        one = playwright.chromium.launch(executable_path=chromium(), args=list(ARGUMENTS))
        try:
            yield one
        finally:
            one.close()


@contextmanager
def server(data_dir: Path) -> Iterator[str]:
    """Serve ``python -m app`` with the samples on a free port; yield its address and stop it as Ctrl-C does."""
    command = [sys.executable, "-m", "app", "--port", "0", "--data-dir", str(data_dir), "--samples", str(SAMPLES)]
    process = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, "NO_PROXY": "127.0.0.1"}, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if line.startswith("Serving on "):
                yield line.split()[2] + "/"
                break
        else:
            raise AssertionError(f"The server ended with exit code {process.wait()} before it served.")
    finally:
        process.terminate()
        process.wait(30)
        process.stdout.close()
