"""What several tests need."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKS = ROOT.parent / "shared" / "packs"


@pytest.fixture(scope="session")
def packs() -> Path:
    """The folder of evaluation packs; tests that need it are skipped where it is absent."""
    if not PACKS.is_dir():
        pytest.skip(f"evaluation packs are not at {PACKS}")
    return PACKS
