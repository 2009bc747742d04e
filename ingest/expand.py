"""From what stands on the command line to a flat list of sources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from errors import FetchError
from ingest.connectors.address import is_path, suffix_of
from ingest.connectors.base import Selection
from ingest.connectors.registry import connector_of
from ingest.connectors.sidecar import SUFFIX as SIDECAR
from ingest.parsers.registry import known_suffixes
from records import Loss


def expand(
    arguments: Iterable[str], *, include: Sequence[str] = (), exclude: Sequence[str] = (), base: Path | None = None
) -> tuple[list[str], list[Loss]]:
    """Return the sources named by ``arguments``, in their order, each once, and what could not be found.

    An argument is a file, a folder (searched recursively in sorted order, hidden files and folders left out), a link
    of a scheme in ``CONNECTORS``, or ``@list.txt`` (an argument a line, ``#`` starts a comment, relative to the list's
    folder). A file named itself is taken whatever its suffix; in a folder only those that a parser names are.

    Args:
        arguments: as typed.
        include: globs; of a folder's files only those whose relative path or name matches one. None means all.
        exclude: globs; those of a folder's files are left out. A folder that matches is left out whole.
        base: the folder that relative paths start from; the working directory by default.
    """
    return _expand(arguments, Selection(known_suffixes(), tuple(include), (*exclude, f"*{SIDECAR}")), base)


def passed_over(
    arguments: Iterable[str], *, include: Sequence[str] = (), exclude: Sequence[str] = (), base: Path | None = None
) -> Counter[str]:
    """Return how many files ``expand`` leaves out because no parser is for their kind, by suffix; "" is one without."""
    given = list(arguments)
    taken = set(expand(given, include=include, exclude=exclude, base=base)[0])
    everything, _ = _expand(given, Selection(None, tuple(include), (*exclude, f"*{SIDECAR}")), base)
    return Counter(suffix_of(source) for source in everything if source not in taken)


def _expand(arguments: Iterable[str], selection: Selection, base: Path | None) -> tuple[list[str], list[Loss]]:
    sources: dict[str, None] = {}
    problems: list[Loss] = []
    for argument in arguments:
        found, missing = _expand_one(argument, selection, base or Path.cwd(), lists=())
        sources.update(dict.fromkeys(found))
        problems.extend(missing)
    return list(sources), problems


def _expand_one(
    argument: str, selection: Selection, base: Path, lists: tuple[Path, ...]
) -> tuple[list[str], list[Loss]]:
    location = argument
    try:
        if is_path(argument):
            if argument.startswith("@") and not (base / argument).exists():  # else the @ is part of a file's name
                return _expand_list(_resolved(argument[1:], base), argument, selection, lists)
            location = str(_resolved(argument, base))
        return [item.source for item in connector_of(location).list(location, selection)], []
    except FetchError as error:
        return [], [Loss(argument, str(error))]
    except (OSError, ValueError, RuntimeError) as error:
        return [], [Loss(argument, f"Cannot be read: {error}.")]


def _resolved(path: str, base: Path) -> Path:
    return (base / Path(path).expanduser()).resolve()


def _expand_list(
    path: Path, argument: str, selection: Selection, lists: tuple[Path, ...]
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
            found, missing = _expand_one(entry, selection, path.parent, (*lists, path))
            sources.extend(found)
            problems.extend(missing)
    return sources, problems
