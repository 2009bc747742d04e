"""What a sidecar beside a file says of it: ``report.pdf.meta.json`` holds ``{"groups": ["finance"], "fields": {"author":
"Kim", "project": ["north", "south"]}}``: who may read it, and fields of the user's own by which questions are filtered."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

from errors import AccessError, SourceError
from ingest.connectors.address import is_path
from records import Access, Fields, Loss
from store.auth.access import EVERYONE, readers_of

SUFFIX = ".meta.json"
MAX_BYTES = 100_000
_NAME = re.compile(r"[^\W\d][\w-]*")
_FIELDS = 'Write names of letters with texts, numbers or lists of these: {"fields": {"author": "Kim", "year": 2024}}'


def accesses(sources: Sequence[str], groups: Sequence[str] | None) -> tuple[dict[str, Access], list[Loss]]:
    """Return who may read those of ``sources`` of which a sidecar says it, or else ``groups`` unless they are None; and the
    sources whose sidecar cannot be used: they are not to be taken in, for who may read them is not known.

    Raises:
        AccessError: ``groups`` cannot be used.
    """
    of_all = Access(readers_of(groups)) if groups is not None else None
    said: dict[str, Access] = {}
    problems: list[Loss] = []
    for source in sources:
        try:
            access = (_read(Path(source + SUFFIX)) if is_path(source) else None) or of_all
        except SourceError as error:
            problems.append(Loss(source, str(error)))
            continue
        if access is not None:
            said[source] = access
    return said, problems


def own_fields(source: str) -> Fields:
    """Return the fields that a sidecar gives ``source``, by names in small letters; () where there is none.

    Raises:
        SourceError: the sidecar cannot be read, or has fields that are no names with texts, numbers or lists of these.
    """
    path = Path(source + SUFFIX)
    stated = _stated(path) if is_path(source) else None
    fields = stated.get("fields", {}) if isinstance(stated, dict) else {}
    if not isinstance(fields, dict):
        raise SourceError(f"{path} has fields that are none. {_FIELDS}")
    found: list[tuple[str, str]] = []
    for name, value in fields.items():
        values = value if isinstance(value, list) else [value]
        if not _NAME.fullmatch(name) or not all(isinstance(one, str | int | float) for one in values):
            raise SourceError(f"{path}: {name!r} is no field with a value. {_FIELDS}")
        found += ((name.lower(), " ".join(str(one).split())) for one in values)
    return tuple((name, value) for name, value in found if value)


def _stated(path: Path) -> object:
    """What a sidecar holds; None where there is none."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise SourceError(f"{path} is too large to say who may read the file beside it.")
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise SourceError(
            f"{path} cannot be read ({error}), so who may read the file beside it is not known."
        ) from error


def _read(path: Path) -> Access | None:
    stated = _stated(path)
    if stated is None or (isinstance(stated, dict) and stated.keys() == {"fields"}):
        return None  # a key that is misspelt must open nothing
    groups = stated.get("groups") if isinstance(stated, dict) else None
    if not isinstance(groups, list) or not all(isinstance(group, str) for group in groups):
        example = '{"groups": ["finance", "user:alice"]}'
        raise SourceError(f'{path} does not say who may read. Write {example}, or ["{EVERYONE}"] as the groups.')
    try:
        return Access(readers_of(groups))
    except AccessError as error:
        raise SourceError(f"{path}: {error}") from error
