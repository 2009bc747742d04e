"""Pictures that a fake model describes."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from fakes import FakeEmbedder, agree, settings_at
from seeing import Lines, Seeing

from ingest.outcome import Outcome
from ingest.pipeline import ingest
from store.index import Index

RED, GREEN, BLUE = "#ff0000", "#00ff00", "#0000ff"


class Desk:
    """An index with or without a vision model, the files beside it, and the fake model."""

    def __init__(self, folder: Path, chroma_url: str, model: Seeing) -> None:
        self.folder = folder
        self.model = model
        self._chroma_url = chroma_url
        self._embedder = FakeEmbedder()
        self._opened: list[Index] = []
        self.workers = Lines(self.settings(""))

    def settings(self, vision: str, **fields: Any) -> Any:
        fields = {"vision_workers": 2, **fields}
        return settings_at(self.folder / "data", self._chroma_url, vision_model=vision, **fields)

    def open(self, vision: str = "some:model", **fields: Any) -> Index:
        self._opened.append(Index(self.settings(vision, **fields), self._embedder))  # type: ignore[arg-type]
        return self._opened[-1]

    def file(self, name: str, *lines: str) -> str:
        path = self.folder / name
        path.write_text("\n".join(lines))
        os.utime(path, ns=(0, hash(lines) % 10**15))  # another content has another time stamp, however fast the test
        return str(path)

    def take_in(self, index: Index, *sources: str, **options: Any) -> Outcome:
        *_, outcome = list(ingest(index, sources, workers=self.workers, **options))
        assert agree(index)
        return outcome

    def close(self) -> None:
        for index in self._opened:
            index.close()


def shown(index: Index, source: str) -> list[tuple[str, str]]:
    """The chunks of pictures with their authors."""
    return [(chunk.text, chunk.author) for chunk in index.catalog.chunks_of(source) if chunk.kind == "image"]


def said(index: Index) -> list[str]:
    """What is kept of pictures, on disk beside them."""
    assets = sorted(name for name in index.assets.names() if name.endswith(".caption"))
    return sorted(json.loads(index.assets.read(name))["text"] for name in assets)
