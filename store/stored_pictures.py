"""Stored pictures as an image embedder sees them."""

from __future__ import annotations

from langchain_core.embeddings import Embeddings
from PIL import Image

from errors import ParseError, StoreError
from models.image_embed import BATCH, ImageEmbedder
from store.assets import Assets
from vision.image_index import MAX_PIXELS
from vision.pictures import open_scaled

SIDE = 1024  # pixels of the longer side of a picture in memory; models look at far fewer
_BLANK = Image.new("RGB", (64, 64), "white")


class StoredPictures(Embeddings):
    """Vectors of stored pictures by the names of their assets, of words, and of other pictures."""

    def __init__(self, model: ImageEmbedder, assets: Assets) -> None:
        self._model = model
        self._assets = assets

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return one vector an asset; one that is no readable picture counts as an empty one, for every chunk of a space has
        a vector in it."""
        names = list(dict.fromkeys(texts))
        found: dict[str, list[float]] = {}
        for start in range(0, len(names), BATCH):
            part = names[start : start + BATCH]
            found.update(zip(part, self._model.embed_pictures([self._picture(name) for name in part]), strict=True))
        return [found[name] for name in texts]

    def embed_query(self, text: str) -> list[float]:
        """Return the vector of a question."""
        return self._model.embed_texts([text])[0]

    def embed_picture(self, picture: bytes) -> list[float]:
        """Return the vector of the picture in a file.

        Raises:
            ParseError: it cannot be decoded, or has more than ``MAX_PIXELS`` pixels.
        """
        return self._model.embed_pictures([open_scaled(picture, "The picture", SIDE, MAX_PIXELS)])[0]

    def _picture(self, name: str) -> Image.Image:
        try:
            return open_scaled(self._assets.read(name), name, SIDE)
        except (StoreError, ParseError):
            return _BLANK
