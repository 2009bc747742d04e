"""Descriptions of figures by the labels that fit them, for who has an image embedder and no model that writes."""

from __future__ import annotations

import hashlib
import json
from functools import cached_property

from config import Settings
from errors import ModelError, ParseError
from models.image_embed import ImageEmbedder, SentenceTransformerImageEmbedder
from models.said import CannotDescribe, NotDescribed, Said
from models.tags import PROMPT, TAGS, Tagger, load_labels
from vision.pictures import open_scaled

SIDE = 1024  # pixels of the longer side of a picture in memory; models look at far fewer


class TagCaptioner:
    """A ``models.caption.Captioner`` that says which labels of PICTURE_LABELS fit a picture by the image embedder ``name``,
    so that words find it.

    Raises:
        SettingsError: the file of labels cannot be used.
    """

    def __init__(self, name: str, settings: Settings, model: ImageEmbedder | None = None) -> None:
        self._model = model or SentenceTransformerImageEmbedder(name or settings.image_embed_model)
        self._lists = load_labels(settings.picture_labels)
        self.name = f"{TAGS}:{self._model.name}"
        # other labels, or another model, describe anew
        described = json.dumps(
            [PROMPT, {name: list(labels) for name, labels in self._lists.items()}, self._model.fingerprint]
        )
        self.prompt = hashlib.sha256(described.encode()).hexdigest()[:12]

    def describe(self, picture: bytes, about: str) -> Said:
        """Return the labels that fit an encoded picture. Its caption stands in the source, and is not repeated.

        Raises:
            ModelError: the image embedder cannot be loaded, or the picture cannot be read.
        """
        try:
            image = open_scaled(picture, "A picture", SIDE)
        except ParseError as error:
            raise NotDescribed(str(error)) from error
        try:
            tagger = self._tagger
        except ModelError as error:
            raise CannotDescribe(str(error)) from error
        return Said(text=tagger.description(self._model.embed_pictures([image])[0]))

    @cached_property
    def _tagger(self) -> Tagger:
        return Tagger(self._model.embed_texts, self._lists)
