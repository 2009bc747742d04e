"""Files that people add through the page: kept in the data folder under their own names."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from errors import SourceError, StoreError
from ingest.connectors.address import is_url

MAX_NAME_BYTES = 150
_UNSAFE = re.compile(r"[\x00-\x1f\x7f/\\<>:\"|?*\u202a-\u202e\u2066-\u2069]+")


def keep_uploads(files: Sequence[str], folder: Path, most: int, owner: str = "") -> list[str]:
    """Move uploaded ``files`` to ``folder``; return where they now are.

    Each lies in a folder named by its content and its owner, so that two files of one name both stay, the same file twice
    is one, and that of another user another.

    Raises:
        SourceError: there are more than ``most``; they are deleted.
        StoreError: the folder cannot be written to.
    """
    if len(files) > most:
        for file in files:
            Path(file).unlink(missing_ok=True)
        raise SourceError(f"{len(files):,} files are too many at once. Add at most {most:,}, then the next.")
    return [str(_keep(Path(file), folder, owner)) for file in files]


def _keep(file: Path, folder: Path, owner: str) -> Path:
    try:
        with file.open("rb") as opened:
            hashed = hashlib.file_digest(opened, "sha256")
        if owner:
            hashed.update(f"/{owner}".encode())
        digest = hashed.hexdigest()[:12]
        kept = folder / digest / safe_name(file.name)
        kept.parent.mkdir(parents=True, exist_ok=True)
        if kept.exists():
            file.unlink()
        else:
            draft = kept.with_name(f".draft-{kept.name}")
            shutil.move(file, draft)  # may copy from another file system; the rename is what makes it appear whole
            draft.rename(kept)
    except OSError as error:
        raise StoreError(f"{file.name} could not be stored in {folder} ({error.strerror}).") from error
    return kept


def safe_name(name: str) -> str:
    """Return ``name`` as a file name that means nothing to a shell or a path and fits every file system.

    >>> safe_name("../../etc/passwd")
    'passwd'
    """
    base = _UNSAFE.sub("_", re.split(r"[/\\]", name)[-1]).strip(" .")
    stem, suffix = Path(base).stem, Path(base).suffix
    room = MAX_NAME_BYTES - len(suffix.encode())
    if room < 1:
        stem, suffix, room = base, "", MAX_NAME_BYTES
    return stem.encode()[:room].decode(errors="ignore") + suffix or "file"


def uploads_only(component: Any, page: Any) -> None:
    """Let the file ``component`` of ``page`` take what was uploaded to it and nothing else.

    Gradio takes a path or a link that a program names instead of an upload: it fetches the one, and of the other it checks
    where it lies only for pages that were launched, not for those that are part of another server as this one is.
    """
    keep = component.async_move_resource_to_block_cache

    async def move(path: str | Path | None) -> str | None:
        if str(path) not in page.upload_file_set:
            raise gr.Error("Only files that were uploaded can be added.", print_exception=False)
        kept: str | None = await keep(path)
        return kept

    component.async_move_resource_to_block_cache = move


def checked_link(text: str) -> str:
    """Return the link in ``text``.

    Raises:
        SourceError: it is not an http(s) link; paths of this machine are not taken from the page.
    """
    link = text.strip()
    if not is_url(link) or " " in link or len(link) > 2000:
        raise SourceError(f"“{link[:80]}” is not a link. Write it out, beginning with https:// or http://.")
    return link
