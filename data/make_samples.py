"""Write the sample corpus, the same bytes every time: ``python -m data.make_samples [FOLDER]``."""

from __future__ import annotations

import sys
from pathlib import Path

from data import guide, handbook, report

SAMPLES = Path(__file__).resolve().parent / "samples"


def write_all(folder: Path) -> None:
    """Write a PDF, a web page with its picture and a Markdown file into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    report.write(folder / "annual-report-2025.pdf")
    guide.write(folder)
    handbook.write(folder / "maintenance-handbook.md")


if __name__ == "__main__":
    write_all(Path(sys.argv[1]) if len(sys.argv) > 1 else SAMPLES)
