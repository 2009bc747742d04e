"""What models say of pictures: assets beside the picture, of the one source whose text the model was told of.

A source names its descriptions among its assets, so that they are backed up, checked and removed with it; taken in anew, it
keeps those of pictures that it still has.
"""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from errors import StoreError
from records import Chunk, Description
from store.assets import Assets

SUFFIX = ".caption"


def drop_former_cache(folder: Path) -> None:
    """Remove the folder in which older versions kept what models said, of removed pictures too. Descriptions in use stand in
    their chunks as well."""
    shutil.rmtree(folder / "captions", ignore_errors=True)


def is_description(name: str) -> bool:
    """Tell whether the asset ``name`` is a description."""
    return name.endswith(SUFFIX)


def put_description(assets: Assets, description: Description) -> str:
    """Store ``description`` and return the name of its asset."""
    return assets.put(json.dumps(asdict(description), ensure_ascii=False).encode(), SUFFIX)


def read_descriptions(assets: Assets, names: Iterable[str], chunks: Sequence[Chunk]) -> dict[str, list[Description]]:
    """Return by picture what models said of it.

    Args:
        names: assets of one source; those that are no descriptions, are gone or damaged, are passed over.
        chunks: of that source. Older versions kept descriptions in these alone.
    """
    found: dict[str, list[Description]] = {}
    for name in sorted(filter(is_description, names)):
        with contextlib.suppress(StoreError, ValueError, TypeError):
            one = Description(**json.loads(assets.read(name)))
            found.setdefault(one.picture, []).append(one)
    for one in _written_out(chunks):
        if one.picture not in found:
            found[one.picture] = [one]
    return found


def _written_out(chunks: Sequence[Chunk]) -> list[Description]:
    """The descriptions that stand in ``chunks``, put together from their pieces; of each picture the first."""
    texts: dict[tuple[str, str, int, object], list[str]] = {}
    for chunk in chunks:
        if chunk.author and chunk.picture:
            texts.setdefault((chunk.picture, chunk.author, chunk.page, chunk.bbox), []).append(chunk.text)
    first: dict[str, Description] = {}
    for (picture, author, *_), pieces in texts.items():
        first.setdefault(picture, Description(picture=picture, author=author, text=" ".join(" ".join(pieces).split())))
    return list(first.values())
