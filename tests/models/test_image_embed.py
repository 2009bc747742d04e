"""Image embedders by the real path: a random tiny CLIP and SigLIP, saved and loaded through sentence-transformers."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from PIL import Image
from tiny_models import tiny_clip, tiny_siglip

from errors import ModelError
from models.image_embed import SentenceTransformerImageEmbedder

RED, BLUE = Image.new("RGB", (64, 48), "red"), Image.new("RGB", (20, 90), "blue")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> SentenceTransformerImageEmbedder:
    return SentenceTransformerImageEmbedder(str(tiny_clip(tmp_path_factory.mktemp("models") / "tiny-clip")))


@pytest.fixture(scope="module")
def siglip(tmp_path_factory: pytest.TempPathFactory) -> SentenceTransformerImageEmbedder:
    return SentenceTransformerImageEmbedder(str(tiny_siglip(tmp_path_factory.mktemp("models") / "tiny-siglip")))


@pytest.mark.parametrize(("which", "dimensions"), [("clip", 8), ("siglip", 16)])
def test_pictures_and_words_lie_in_one_space(which: str, dimensions: int, request: pytest.FixtureRequest) -> None:
    model = request.getfixturevalue(which)
    vectors = [*model.embed_pictures([RED, BLUE]), *model.embed_texts(["a red picture", "blue"])]
    assert [len(vector) for vector in vectors] == [dimensions] * 4
    assert all(math.isclose(sum(value * value for value in vector), 1.0, abs_tol=1e-5) for vector in vectors)
    assert len({tuple(round(value, 4) for value in vector) for vector in vectors}) == 4
    assert model.embed_pictures([]) == model.embed_texts([]) == []
    (longer,) = model.embed_texts(["red picture of the valve " * 200])  # cut, not refused
    assert len(longer) == dimensions


def test_siglip_fills_every_text_up_as_it_was_trained(siglip: SentenceTransformerImageEmbedder) -> None:
    assert siglip._model[0].preprocess(["red"])["input_ids"].shape == (1, 64)


def test_the_fingerprint_tells_models_apart(
    clip: SentenceTransformerImageEmbedder, siglip: SentenceTransformerImageEmbedder
) -> None:
    assert clip.name == "tiny-clip"
    assert clip.fingerprint != siglip.fingerprint
    assert SentenceTransformerImageEmbedder("clip-ViT-B-32").fingerprint != clip.fingerprint


def test_what_cannot_be_loaded_says_what_to_set(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="IMAGE_EMBED_MODEL"):
        SentenceTransformerImageEmbedder(str(tmp_path)).embed_texts(["red"])


def test_a_model_of_words_alone_is_refused() -> None:
    from models.embed import model_path

    with pytest.raises(ModelError, match="does not encode both"):
        SentenceTransformerImageEmbedder(model_path("")).embed_texts(["red"])
