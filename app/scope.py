"""Which documents a question may use: sources, folders and tags, picked at the question box."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from urllib.parse import quote as quoted
from urllib.parse import urlsplit

from app.names import name_of, shown_name
from app.text import counted, escaped, shortened
from errors import SourceError
from ingest.connectors.address import is_url
from records import Principal, Scope, Source
from store.fields import matching
from text.conditions import conditions_in

CHIPS = 6  # offered as buttons; the others stand in a list
OFFERED = 1_000  # choices in that list
SOURCE, FOLDER, TAG, WHERE = "source:", "folder:", "tag:", "where:"

Picked = tuple[str, ...]  # values of choices; none is everything


@dataclass(frozen=True)
class Choice:
    """Something that can be picked."""

    value: str
    label: str


def choices_of(sources: Sequence[Source], uploads: Path, tags: Sequence[str] = ()) -> list[Choice]:
    """Return what can be picked: each source by its name, folders and sites with several sources, and tags of figures."""
    folders = Counter(folder for one in sources if (folder := folder_of(one, uploads)))
    several = sorted(folder for folder, number in folders.items() if 1 < number < len(sources))
    return [
        *(Choice(SOURCE + one.source, shortened(shown_name(one), 60)) for one in sources),
        *(Choice(FOLDER + one, f"Folder {_short(one)}: {counted(folders[one], 'document')}") for one in several),
        *(Choice(TAG + tag, f"Figures of “{tag}”") for tag in tags),
    ][:OFFERED]


def folder_of(source: Source, uploads: Path) -> str:
    """Return the folder or the site of a source; "" for an upload, which lies in a folder that nobody chose."""
    if is_url(source.source):
        return urlsplit(source.source).netloc
    path = PurePath(source.source)
    return "" if path.is_relative_to(uploads) else str(path.parent)


def _short(folder: str) -> str:
    return "/".join(PurePath(folder).parts[-2:]).lstrip("/")


def scope_of(picked: Picked, sources: Sequence[Source], uploads: Path, principal: Principal) -> Scope:
    """Return the part of the index that ``picked`` means now.

    Raises:
        FilterError: a filter lets nothing through any more.
        SourceError: nothing of it is there any more.
    """
    where = " ".join(one.removeprefix(WHERE) for one in picked if one.startswith(WHERE))
    named = {one.removeprefix(SOURCE) for one in picked if one.startswith(SOURCE)}
    folders = {one.removeprefix(FOLDER) for one in picked if one.startswith(FOLDER)}
    tags = tuple(one.removeprefix(TAG) for one in picked if one.startswith(TAG))
    if not (named or folders or where):
        return Scope(tags=tags, principal=principal)
    chosen = [
        one for one in sources if not (named or folders) or one.source in named or folder_of(one, uploads) in folders
    ]
    found = tuple(one.source for one in (matching(where, chosen) if chosen else ()))
    if not found:
        raise SourceError(
            "The documents that this conversation was limited to are gone. Pick others above the question."
        )
    return Scope(sources=found, tags=tags, principal=principal)


def still_there(picked: Picked, sources: Sequence[Source], uploads: Path) -> tuple[Picked, tuple[str, ...]]:
    """Return what of ``picked`` is still there, and the names of what is not."""
    there = {SOURCE + one.source for one in sources} | {FOLDER + folder_of(one, uploads) for one in sources}
    left = tuple(one for one in picked if one.startswith((TAG, WHERE)) or one in there)
    gone = tuple(_name(one) for one in picked if one not in left)
    return left, gone


def _name(value: str) -> str:
    return name_of(value.removeprefix(SOURCE)) if value.startswith(SOURCE) else _short(value.removeprefix(FOLDER))


def toggled(picked: Picked, value: str) -> Picked:
    """Return ``picked`` with ``value``, or without it where it was there."""
    return tuple(one for one in picked if one != value) if value in picked else (*picked, value)


def _label(value: str, labels: Mapping[str, str]) -> str:
    return value.removeprefix(WHERE) if value.startswith(WHERE) else labels.get(value, "A document that is gone")


def with_filter(picked: Picked, where: str, sources: Sequence[Source]) -> Picked:
    """Return ``picked`` with the filter ``where``, in place of another.

    Raises:
        FilterError: it cannot be used, or lets none of ``sources`` through.
    """
    others = tuple(one for one in picked if not one.startswith(WHERE))
    if not where.strip():
        return others
    matching(where, sources)
    return (*others, WHERE + " ".join(map(str, conditions_in(where))))


def scope_html(choices: Sequence[Choice], picked: Picked, gone: Sequence[str] = ()) -> str:
    """Return the buttons above the question box, those that are picked first; what was picked and is ``gone`` is said."""
    labels = {one.value: one.label for one in choices}
    offered = [one for one in labels if one.startswith(SOURCE) and one not in picked]
    shown = [*picked, *offered[: max(0, CHIPS - len(picked))]]
    chips = "".join(
        f'<button type="button" class="chip" data-act="pick" data-key="{quoted(value, safe="")}" '
        f'aria-pressed="{"true" if value in picked else "false"}">{escaped(_label(value, labels))}'
        "</button>"
        for value in shown
    )
    number = sum(one.value.startswith(SOURCE) for one in choices)
    said = "Only what is marked is used" if picked else f"Uses all {counted(number, 'document')}"
    if gone:
        names = ", ".join(f"“{escaped(shortened(one, 40))}”" for one in gone)
        said = f"{names} {'is' if len(gone) == 1 else 'are'} gone. {said}"
    clear = '<button type="button" class="chip plain" data-act="all">Use all</button>' if picked else ""
    return (
        f'<div class="scope" role="group" aria-label="Documents to use">'
        f'<span class="scope-said" role="status">{said if number else ""}</span>{chips}{clear}</div>'
    )
