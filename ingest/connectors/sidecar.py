"""Who may read a file, as a sidecar beside it says: ``report.pdf.meta.json`` holds ``{"groups": ["finance"]}``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from errors import AccessError, SourceError
from ingest.connectors.address import is_path
from records import Access, Loss
from store.auth.access import EVERYONE, readers_of

SUFFIX = ".meta.json"
MAX_BYTES = 100_000


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


def _read(path: Path) -> Access | None:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise SourceError(f"{path} is too large to say who may read the file beside it.")
        stated = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise SourceError(
            f"{path} cannot be read ({error}), so who may read the file beside it is not known."
        ) from error
    groups = stated.get("groups") if isinstance(stated, dict) else None
    if not isinstance(groups, list) or not all(isinstance(group, str) for group in groups):
        example = '{"groups": ["finance", "user:alice"]}'
        raise SourceError(f'{path} does not say who may read. Write {example}, or ["{EVERYONE}"] as the groups.')
    try:
        return Access(readers_of(groups))
    except AccessError as error:
        raise SourceError(f"{path}: {error}") from error
