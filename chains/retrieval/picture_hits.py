"""Figures among the hits, looked at by an image embedder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chains.retrieval.base import Query, Resources
from chains.retrieval.fusion import reciprocal_rank_fusion
from errors import SettingsError
from records import Hit, Scope
from text.english.picture_words import speaks_of_picture

PICTURES = "pictures"
UNASKED = (
    0.5  # what its ranking counts for where the question does not speak of a picture: every figure is near to something
)
LOOKED_AT = 50  # hits among which figures are looked at again


def picture_weight(question: str) -> float:
    """Return what the ranking of pictures counts for in a fusion."""
    return 1.0 if speaks_of_picture(question) else UNASKED


def look_again(query: Query, hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
    """Order the figures among the first hits anew, by their order fused with how near their pixels are to the question. They
    share the places that they have; where the question speaks of a picture, they compete with the texts for all places.
    Hits are as they are where no image embedder is set."""
    search = query.resources.pictures
    first, rest = hits[:LOOKED_AT], hits[LOOKED_AT:]
    figures = [hit for hit in first if hit.chunk.picture]
    if search is None or not figures:
        return hits
    near = search.scores(query.text, [hit.chunk for hit in figures])
    by_look = sorted(near, key=lambda id_: (-near[id_], id_))
    moving = first if speaks_of_picture(query.text) else figures
    ids = [hit.chunk.id for hit in moving]
    fused = reciprocal_rank_fusion({"hits": ids, PICTURES: by_look}, query.resources.settings.rrf_k)
    by_id = {hit.chunk.id: hit for hit in moving}
    ordered = iter([by_id[id_] for id_, _ in fused])
    order = [next(ordered) if hit.chunk.id in by_id else hit for hit in first]
    return (*_spread(order, first), *rest)


def pictures_with(scope: Scope, resources: Resources) -> frozenset[str] | None:
    """Return the pictures (assets) that have one of the tags of ``scope``; None where it asks for none.

    Raises:
        SettingsError: there is no such tag, or no image embedder to tell.
    """
    if not scope.tags:
        return None
    if resources.pictures is None:
        raise SettingsError(f"The tag {scope.tags[0]!r} needs an image embedder. Set IMAGE_EMBED_MODEL=clip-ViT-B-32.")
    return resources.pictures.tagged(scope.tags, scope)


def _spread(order: Sequence[Hit], before: Sequence[Hit]) -> list[Hit]:
    """``order`` with the scores that stood at these places before, so that the rest compares with them."""
    return [replace(hit, score=was.score) for hit, was in zip(order, before, strict=True)]
