"""Embedding spaces: which chunks are embedded, by what. One more is one more entry of ``SPACES``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from config import Settings
from errors import SettingsError
from models.embed import Embedder, adapted, embedder_for
from models.image_embed import ImageEmbedder, SentenceTransformerImageEmbedder
from records import Chunk, Kind
from store.bucket_assets import open_assets
from store.stored_pictures import StoredPictures
from text.embedded import embedded_text

TEXT = "text"  # the space that every index has, and that ``Index.dense`` searches
PICTURES = "pictures"  # figures by what they show, where an image embedder is set
_NAME = re.compile(r"[a-z][a-z0-9_]{0,29}")
_FINGERPRINT = re.compile(r"\w{1,32}", re.ASCII)


@dataclass(frozen=True)
class EmbeddingSpace:
    """Vectors that can be compared with each other.

    Raises:
        SettingsError: the name or the embedder's fingerprint has characters that no collection may have.
    """

    name: str  # small letters, digits, _
    embedder: Embedder
    kinds: tuple[Kind, ...] = ("text", "table", "image")  # of the chunks that are in it
    content: Callable[[Chunk], str] = embedded_text  # what the embedder is given: words, or the asset of a picture
    of_picture: Callable[[bytes], list[float]] | None = (
        None  # the vector of a picture's file, where pictures are asked about
    )
    mended: str = (  # what to do when another embedder came
        "Embed it anew with python -m ingest --reembed, which keeps the old vectors until the new ones are whole; or set the "
        "model back."
    )

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise SettingsError(f"{self.name!r} is no name of an embedding space. Use small letters, digits and _.")
        if not _FINGERPRINT.fullmatch(self.embedder.fingerprint):
            raise SettingsError(
                f"The embedder {self.embedder.name!r} has the fingerprint {self.embedder.fingerprint!r}. Give it one of at "
                "most 32 letters, digits and _."
            )

    @property
    def key(self) -> str:
        """Return where an index of vectors keeps it; another embedder of the same space has another key."""
        fingerprint = self.embedder.fingerprint
        return fingerprint if self.name == TEXT else f"{self.name}.{fingerprint}"

    def of(self, chunks: Iterable[Chunk]) -> list[Chunk]:
        """Return those of ``chunks`` that are in it."""
        return [chunk for chunk in chunks if chunk.kind in self.kinds]

    def embed(self, chunks: Iterable[Chunk]) -> list[list[float]]:
        """Return one vector a chunk."""
        return self.embedder.embed_documents([self.content(chunk) for chunk in chunks])


def space_name(key: str) -> str:
    """Return the name of the space that is kept at ``key``, of whatever embedder."""
    name, dot, _ = key.rpartition(".")
    return name if dot else TEXT


def _text(settings: Settings) -> EmbeddingSpace:
    return EmbeddingSpace(TEXT, embedder_for(settings.embed_model, settings.embed_dimensions, settings.embed_languages))


def _pictures(settings: Settings) -> EmbeddingSpace | None:
    name = settings.image_embed_model
    return space_of_pictures(SentenceTransformerImageEmbedder(name), settings) if name else None


def space_of_pictures(model: ImageEmbedder, settings: Settings) -> EmbeddingSpace:
    """Return the space of the figures' pixels with this embedder."""
    stored = StoredPictures(model, open_assets(settings))
    return EmbeddingSpace(
        PICTURES,
        adapted(stored, name=f"{model.name} {model.fingerprint}"),
        kinds=("image",),
        content=lambda chunk: chunk.picture,
        of_picture=stored.embed_picture,
        mended="Run python -m ingest --embed-pictures, or set IMAGE_EMBED_MODEL back.",
    )


# The spaces of an index that is not given others, by name, in the order in which they are filled; None where the settings
# name no embedder for one.
SPACES: dict[str, Callable[[Settings], EmbeddingSpace | None]] = {TEXT: _text, PICTURES: _pictures}
