"""From what stands on the command line to a flat list of sources."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from records import Loss

KNOWN_SUFFIXES = frozenset(
    (".pdf", ".html", ".htm", ".xhtml", ".md", ".markdown", ".txt", ".text", ".png", ".jpg", ".jpeg", ".webp")
)


def expand(
    arguments: Iterable[str], *, include: Sequence[str] = (), exclude: Sequence[str] = (), base: Path | None = None
) -> tuple[list[str], list[Loss]]:
    """Sources named by ``arguments``, in their order, each once, and what could not be found.

    An argument is a file, a folder (searched recursively in sorted order, hidden files and folders left out), an
    http(s) URL, or ``@list.txt`` (an argument a line, ``#`` starts a comment, relative to the list's folder). A file
    named itself is taken whatever its suffix; in a folder only ``KNOWN_SUFFIXES`` are.

    Args:
        arguments: as typed.
        include: globs; of a folder's files only those whose relative path or name matches one. None means all.
        exclude: globs; those of a folder's files are left out. A folder that matches is left out whole.
        base: the folder that relative paths start from; the working directory by default.
    """
    sources: dict[str, None] = {}
    problems: list[Loss] = []
    for argument in arguments:
        found, missing = _expand_one(argument, include, exclude, base or Path.cwd(), lists=())
        sources.update(dict.fromkeys(found))
        problems.extend(missing)
    return list(sources), problems


def is_url(source: str) -> bool:
    """Whether a source is a link and not a path."""
    return source.lower().startswith(("http://", "https://"))


def source_name(source: str) -> str:
    """A title for a source without one: the last part of its path, without the suffix."""
    path = PurePosixPath(unquote(urlsplit(source).path) if is_url(source) else source)
    return re.sub(r"[_\s]+", " ", path.stem).strip() or source


def _expand_one(
    argument: str, include: Sequence[str], exclude: Sequence[str], base: Path, lists: tuple[Path, ...]
) -> tuple[list[str], list[Loss]]:
    if is_url(argument):
        return [argument], []
    if "://" in argument:
        return [], [Loss(argument, "Only http and https links can be read.")]
    try:
        path = (base / Path(argument.removeprefix("@")).expanduser()).resolve()
        if argument.startswith("@") and not (base / argument).exists():
            return _expand_list(path, argument, include, exclude, lists)
        if path.is_dir():
            return [str(file) for file in _files_in(path, include, exclude)], []
        # A leading @ is part of the name when such a file exists.
        named = (base / Path(argument).expanduser()).resolve()
        if named.exists():
            return [str(named)], []
    except (OSError, ValueError, RuntimeError) as error:
        return [], [Loss(argument, f"Cannot be read: {error}.")]
    return [], [Loss(argument, "No such file or folder. Check the path, or write a link with http:// or https://.")]


def _expand_list(
    path: Path, argument: str, include: Sequence[str], exclude: Sequence[str], lists: tuple[Path, ...]
) -> tuple[list[str], list[Loss]]:
    if path in lists:
        return [], [Loss(argument, "This list names itself.")]
    if not path.is_file():
        return [], [Loss(argument, f"No such list of sources: {path}.")]
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError:
        return [], [Loss(argument, "A list of sources must be UTF-8 text, one source a line.")]
    sources: list[str] = []
    problems: list[Loss] = []
    for line in lines:
        entry = line.strip()
        # A # starts a comment at the start of a line or after a blank: links may hold one.
        entry = entry.split(" #", 1)[0].split("\t#", 1)[0].strip()
        if entry and not entry.startswith("#"):
            found, missing = _expand_one(entry, include, exclude, path.parent, (*lists, path))
            sources.extend(found)
            problems.extend(missing)
    return sources, problems


def _files_in(folder: Path, include: Sequence[str], exclude: Sequence[str]) -> Iterator[Path]:
    """Files below ``folder``, sorted by path; links to folders are not followed, so a ring of links ends."""
    for parent, folders, names in os.walk(folder):
        root = Path(parent)
        kept = (name for name in folders if not name.startswith("."))
        folders[:] = sorted(name for name in kept if not _matches(root / name, folder, exclude))
        for name in sorted(names):
            path = root / name
            if name.startswith(".") or path.suffix.lower() not in KNOWN_SUFFIXES:
                continue
            if (include and not _matches(path, folder, include)) or _matches(path, folder, exclude):
                continue
            yield path.resolve()


def _matches(path: Path, folder: Path, globs: Sequence[str]) -> bool:
    relative = path.relative_to(folder).as_posix()
    return any(fnmatch(relative, glob) or fnmatch(path.name, glob) for glob in globs)
