"""Copies of uploaded files: ``uploads/<digest of the content>/<name>``. They belong to the store and go with their source."""

from __future__ import annotations

import time
from pathlib import Path

from errors import StoreError

DRAFT_SECONDS = 60.0
_DRAFT = ".draft-"


def is_upload(source: str, folder: Path) -> bool:
    """Tell whether ``source`` is the path of a copy in ``folder``; any other file belongs to somebody else."""
    return Path(source).parent.parent == folder


def remove_upload(source: str, folder: Path) -> None:
    """Delete the copy ``source``; any other file is left alone.

    Raises:
        StoreError: the folder cannot be written to.
    """
    path = Path(source)
    if not is_upload(source, folder):
        return
    try:
        path.unlink(missing_ok=True)
        if path.parent.is_dir() and not any(path.parent.iterdir()):
            path.parent.rmdir()
    except OSError as error:
        raise StoreError(f"Cannot remove {path} ({error.strerror}). Check its rights.") from error


def kept(folder: Path) -> list[str]:
    """Return all copies in ``folder``."""
    return [str(path) for path in sorted(folder.glob("*/*")) if path.is_file() and not path.name.startswith(_DRAFT)]


def abandoned(folder: Path) -> list[Path]:
    """Return copies that were never finished: nobody has written to them for a while."""
    old = time.time() - DRAFT_SECONDS
    return [path for path in folder.glob(f"*/{_DRAFT}*") if path.stat().st_ctime < old]


def unchanged(folder: Path) -> list[str]:
    """Return the copies in ``folder`` that have been there for a while, so that a job knows those it is to take in."""
    old = time.time() - DRAFT_SECONDS
    return [file for file in kept(folder) if Path(file).stat().st_ctime < old]
