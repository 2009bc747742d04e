"""python -m ingest --embed-pictures: what is in the index gets vectors of its pictures, by the real path."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from fakes import FakeEmbedder, chunk, put, settings_at, vector_ids
from pictures_drawn import drawn, encoded
from tiny_models import tiny_clip

from ingest.__main__ import main
from records import OPERATOR, Scope
from store.index import Index
from store.maintenance.doctor import check
from store.spaces import PICTURES


@pytest.fixture
def folder(tmp_path: Path, make_index: Callable[..., Index], chroma_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with two figures, taken in before an image embedder was set."""
    embedder = FakeEmbedder("embedpictures")
    monkeypatch.setattr("store.spaces.embedder_for", lambda *_: embedder)
    monkeypatch.setenv("CHROMA_URL", chroma_url)
    monkeypatch.delenv("IMAGE_EMBED_MODEL", raising=False)
    with make_index(embedder=embedder) as index:
        for seed in (1, 2):
            asset = index.assets.put(encoded(drawn(seed)), ".png")
            put(index, [chunk("A figure.", id=f"figure {seed}", source=f"{seed}.md", kind="image", picture=asset)])
    return tmp_path / "data"


def test_it_embeds_what_is_there_and_says_how_much(
    folder: Path,
    tmp_path: Path,
    chroma_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--embed-pictures", "--data-dir", str(folder)]) == 1
    assert "Set IMAGE_EMBED_MODEL first" in capsys.readouterr().err
    model = tiny_clip(tmp_path / "tiny-clip")
    monkeypatch.setenv("IMAGE_EMBED_MODEL", str(model))
    for made in (2, 0):
        assert main(["--embed-pictures", "--data-dir", str(folder), "--json"]) == 0
        assert json.loads(capsys.readouterr().out) == {"embedded": made, "pages": 0}
    with Index(settings_at(folder, chroma_url, image_embed_model=str(model))) as index:
        assert vector_ids(index, PICTURES) == {"figure 1", "figure 2"}
        assert index.pictures is not None
        ranking = index.pictures.similar(encoded(drawn(2)), 2, Scope(principal=OPERATOR))
        assert (ranking[0][0].id, round(ranking[0][1], 3)) == ("figure 2", 1.0)
        assert len(index.pictures.search("a red picture", 2, Scope(principal=OPERATOR))) == 2
        assert check(index).faults == ()
