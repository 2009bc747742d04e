"""Copies of uploaded files: ``uploads/<digest of the content>/<name>``. They belong to the store and go with their source."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from errors import StoreError


def is_upload(source: str, folder: Path) -> bool:
    """Whether ``source`` is the path of a copy in ``folder``; any other file belongs to somebody else."""
    return Path(source).parent.parent == folder


def remove_upload(source: str, folder: Path) -> None:
    """Deletes the copy ``source``; any other file is left alone.

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


def uploads(folder: Path) -> Iterator[Path]:
    """All files in ``folder``, drafts of killed uploads included."""
    for path in sorted(folder.glob("*/*")):
        if path.is_file():
            yield path
