"""What a chat model that sees is shown beside the passages: figures, tables as they stand on the page, the best pages.

Pictures are numbered like the passages they belong to, so that the answer cites these, and the page shows what the model saw.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator, Sequence
from math import ceil
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage, HumanMessage
from langchain_core.prompt_values import PromptValue
from langchain_core.runnables import Runnable, RunnableLambda, RunnablePassthrough
from PIL import Image

from chains.retrieval.base import Resources
from config import CHOSEN, Settings
from errors import SettingsError, StoreError
from records import BBox, Chunk, Hit, Principal
from store.originals import Originals
from vision.scaled import scaled

MAX_PICTURES = 4  # shown for one question
MAX_PAGES = 2  # of these, whole pages
PIXELS_A_TOKEN = 750  # as Anthropic's guide to vision has it; others take as much or less
SHARE = 2  # of what a model may read pictures take at most this part

Passages = Sequence[Sequence[Chunk]]  # the first is number 1
Block = dict[str, Any]


def with_pictures(blocks: Sequence[Block], head: str) -> Runnable[Any, Any]:
    """Return a step between a prompt and a model: it puts ``blocks``, if there are any, before the words of the last message,
    after ``head``."""
    if not blocks:
        return RunnablePassthrough()
    shown = [{"type": "text", "text": head}, *blocks]
    return RunnableLambda(lambda prompt: _shown(prompt, shown))


def check_choice(settings: Settings) -> None:
    """Return when ``answer_with_pictures`` is one of its choices.

    Raises:
        SettingsError: it is not.
    """
    choices = CHOSEN["ANSWER_WITH_PICTURES"]
    if settings.answer_with_pictures not in choices:
        chosen = settings.answer_with_pictures
        raise SettingsError(f"ANSWER_WITH_PICTURES={chosen!r} is unknown. Choose from: {', '.join(choices)}.")


def is_shown_pictures(settings: Settings, model: BaseChatModel | None) -> bool:
    """Tell whether ``model`` is shown pictures by the settings."""
    if settings.answer_with_pictures == "auto":
        return bool((getattr(model, "profile", None) or {}).get("image_inputs"))
    return settings.answer_with_pictures == "yes"


def tokens_of(blocks: Sequence[Block]) -> int:
    """Return about how many tokens the pictures among ``blocks`` take."""
    sizes = (Image.open(io.BytesIO(base64.b64decode(one["base64"]))).size for one in blocks if "base64" in one)
    return sum(ceil(width * height / PIXELS_A_TOKEN) for width, height in sizes)


def _shown(prompt: PromptValue, blocks: Sequence[Block]) -> list[BaseMessage]:
    *before, last = prompt.to_messages()
    return [*before, HumanMessage(content=[*blocks, {"type": "text", "text": str(last.text)}])]


def picture_blocks(
    passages: Passages, hits: Sequence[Hit], resources: Resources, principal: Principal, room: int
) -> list[Block]:
    """Return content blocks with at most ``MAX_PICTURES`` pictures: figures and tables of the passages by the rank of their
    hits, then the pages on which the best passages stand. What cannot be drawn, or has no room, is left out.

    Args:
        passages: as they are numbered in the prompt.
        hits: best first.
        principal: who asks; originals that are not for them to read are not drawn.
        room: tokens that they may take.
    """
    side = resources.settings.vision_side
    pictures = _Pictures(resources, principal)
    blocks: list[Block] = []
    for label, picture in _labelled(_ranked(passages, hits), pictures):
        try:
            data, media_type = scaled(picture, side)
        except ValueError:
            continue
        block = {"type": "image", "base64": base64.b64encode(data).decode(), "mime_type": media_type}
        room -= tokens_of([block])
        if room < 0:
            break
        blocks += [{"type": "text", "text": label}, block]
        if len(blocks) == 2 * MAX_PICTURES:
            break
    return blocks


Numbered = tuple[int, Chunk]


def _ranked(passages: Passages, hits: Sequence[Hit]) -> list[Numbered]:
    """The passages that were hit, best first, each by its first chunk."""
    numbers: dict[str, int] = {}
    for number, chunks in enumerate(passages, start=1):
        for chunk in chunks:
            for key in (chunk.id, chunk.table, chunk.picture):
                numbers.setdefault(key, number)
    found = (numbers.get(hit.chunk.table or hit.chunk.picture or hit.chunk.id) for hit in hits)
    return [(number, passages[number - 1][0]) for number in dict.fromkeys(found) if number is not None]


def _labelled(ranked: Sequence[Numbered], pictures: _Pictures) -> Iterator[tuple[str, bytes]]:
    """Pictures with the words before each."""
    for number, chunk in ranked:
        if (picture := pictures.of(chunk)) is not None:
            yield f"The {'figure' if chunk.picture else 'table'} of passage [{number}]:", picture
    pages: dict[tuple[str, int], list[Numbered]] = {}
    for number, chunk in ranked:
        pages.setdefault((chunk.source, chunk.page), []).append((number, chunk))
    for own in list(pages.values())[:MAX_PAGES]:
        if (page := pictures.page(own[0][1])) is not None:
            yield f"The page with {', '.join(f'passage [{number}]' for number, _ in own)}:", page


class _Pictures:
    """Pictures of chunks, as far as ``principal`` may see them."""

    def __init__(self, resources: Resources, principal: Principal) -> None:
        self._resources = resources
        self._originals = Originals(resources.assets)
        self._principal = principal

    def of(self, chunk: Chunk) -> bytes | None:
        """The figure itself, or a table cut out of its page; None for text, and where neither can be had."""
        if chunk.picture:
            try:
                return self._resources.assets.read(chunk.picture)
            except StoreError:
                return None
        return self.page(chunk, chunk.bbox) if chunk.table and chunk.bbox else None

    def page(self, chunk: Chunk, clip: BBox | None = None) -> bytes | None:
        """The page of ``chunk``, or ``clip`` of it; None where its source has no pages."""
        source = self._resources.documents.source(chunk.source, self._principal)
        if source is None or source.kind != "pdf":
            return None
        try:
            return self._originals.drawn(source.original, chunk.page, self._resources.settings.figure_dpi, clip)
        except StoreError:
            return None
