"""A picture with a question, looked at by models: described, searched for things, or compared with the figures of the
documents by what it shows. Which of these depends on the question, and on which models are set.

    where is the valve?      a detector finds and outlines it        DETECT_MODEL, SEGMENT_MODEL
    what is this?            a chat model that sees says it          VISION_MODEL; without one, the labels that fit it
    when was it built?       asked of the documents that have it; where none has it, of the model that sees
"""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, Field

from chains.answering.synthesis import marked
from chains.picture import MAX_PICTURE_HITS, places, with_picture_hits, within_source
from chains.retrieval.base import Resources
from errors import ModelError, StoppedError
from models.chat.structured import structured
from models.detect import Detector, TransformersDetector
from models.prompts import PROMPTS, Prompts
from models.see import Seer, load_seer
from models.segment import Segmenter, TransformersSegmenter
from records import Citation, FoundObject, Hit, Statement, SubAnswer, Turn
from store.documents import Documents
from store.picture_search import PictureSearch
from text.english.picture_words import Intent, intent_of, things_in
from vision.drawing import draw_objects
from vision.image_index import MAX_PIXELS
from vision.pictures import open_picture

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from PIL.Image import Image

log = logging.getLogger(__name__)

SIDE = 1600  # pixels of the longer side of a picture that models look at, and that is drawn on
ABSENT = "This picture is not among your documents."
UNCHECKED = "Said by a model that looked at the picture; nothing was compared with your documents."


class PhotoIntent(BaseModel):
    """What a question about a picture wants."""

    intent: Literal["documents", "describe", "find"]
    things: list[str] = Field(default_factory=list, description="what is to be found in the picture")


@dataclass(frozen=True, kw_only=True)
class Eyes:
    """What looks at a picture that is asked about, as far as the settings name it."""

    pictures: PictureSearch | None = None
    seer: Seer | None = None
    detector: Detector | None = None
    segmenter: Segmenter | None = None
    model: BaseChatModel | None = None  # tells what a question wants; without one, rules do
    prompts: Prompts = PROMPTS


def eyes_of(resources: Resources, prompts: Prompts = PROMPTS) -> Eyes:
    """Return what looks at pictures by the settings; models are loaded when they are first asked.

    Raises:
        ModelError: a name cannot be one of such a model.
    """
    settings = resources.settings
    return Eyes(
        pictures=resources.pictures,
        seer=load_seer(settings, prompts.look),
        detector=TransformersDetector(settings.detect_model) if settings.detect_model else None,
        segmenter=TransformersSegmenter(settings.segment_model) if settings.segment_model else None,
        model=resources.model,
        prompts=prompts,
    )


def look(turn: Turn, eyes: Eyes, documents: Documents) -> Turn:
    """Answer what is asked of the picture itself. Where the documents are asked instead, the turn comes back without an
    answer, narrowed to the source that has the picture. A model that fails is said in the notices.

    Raises:
        ParseError: the picture cannot be decoded, or has too many pixels.
    """
    question = turn.question.strip()
    picture = open_picture(turn.picture, "The picture", MAX_PIXELS)
    picture.thumbnail((SIDE, SIDE))
    intent, things = wanted(question, eyes)
    ways = []
    if intent == "find" and things and eyes.detector is not None:
        ways.append(partial(_find, things=things, eyes=eyes, detector=eyes.detector))
    if eyes.seer is not None and (intent != "documents" or not turn.picture_hits):
        ways.append(partial(_ask, seer=eyes.seer))
    if intent == "describe" and eyes.pictures is not None:
        ways.append(partial(_describe, pictures=eyes.pictures))
    for way in ways:
        try:
            turn = way(turn, picture)
        except ModelError as error:
            turn = replace(turn, notices=(*turn.notices, str(error)))
        if turn.answer:
            break
    if turn.answer:
        turn = replace(turn, answer="\n\n".join((*turn.notices, turn.answer)))
        return with_picture_hits(turn, documents) if turn.picture_hits else _with_similar(turn, eyes, documents)
    if not turn.picture_hits:
        hint = " Ask without it to search them all." if question else ""
        absent = "\n\n".join((*turn.notices, f"{ABSENT}{hint}"))
        return _with_similar(replace(turn, answer=absent, outcome="nothing"), eyes, documents)
    if question:
        return within_source(turn)
    return with_picture_hits(replace(turn, hits=turn.picture_hits), documents)


def wanted(question: str, eyes: Eyes) -> tuple[Intent, tuple[str, ...]]:
    """Return what ``question`` wants of a picture, and which things it wants found: as the chat model says, else by rule."""
    if eyes.model is not None and question:
        asking = eyes.prompts.photo_intent.invoke({"question": question})
        try:
            if said := structured(eyes.model, PhotoIntent, asking):
                return said.intent, tuple(said.things)
        except StoppedError:
            raise
        except Exception as error:  # noqa: BLE001  every provider raises its own kinds, and the rules stand in
            log.info("The rules tell what is asked of a picture: %s", type(error).__name__)
    return intent_of(question), things_in(question)


def _find(turn: Turn, picture: Image, things: tuple[str, ...], eyes: Eyes, detector: Detector) -> Turn:
    """Outline ``things`` in the picture."""
    found = detector.find(picture, things)
    boxes = [one.bbox for one in found]
    notices: tuple[str, ...] = turn.notices
    masks = []
    try:
        masks = eyes.segmenter.masks(picture, boxes) if eyes.segmenter is not None and found else []
    except ModelError as error:  # the boxes are worth showing without outlines
        notices = (*notices, str(error))
    scale = _scale(turn.picture, picture)
    return replace(
        turn,
        answer=_said_found(found, things),
        outcome="answered" if found else "nothing",
        objects=tuple(replace(one, bbox=_scaled(one, scale)) for one in found),
        drawn=draw_objects(picture, found, masks) if found else b"",
        notices=notices,
        model=detector.name,
    )


def _said_found(found: list[FoundObject], things: tuple[str, ...]) -> str:
    counts = Counter(one.label for one in found)
    lines = [f"{thing}: {counts[thing]} found" if counts[thing] else f"{thing}: none found" for thing in things]
    return "In the picture: " + "; ".join(lines) + "."


def _scale(original: bytes, scaled: Image) -> float:
    """How many pixels of the file one of the picture that was looked at stands for."""
    return open_picture(original, "The picture", MAX_PIXELS).width / scaled.width


def _scaled(one: FoundObject, scale: float) -> tuple[float, float, float, float]:
    left, top, right, bottom = (round(value * scale, 1) for value in one.bbox)
    return left, top, right, bottom


def _ask(turn: Turn, picture: Image, seer: Seer) -> Turn:
    """Ask the model that sees."""
    said = seer.ask(turn.question.strip(), picture, turn.history)
    opening = [] if turn.picture_hits else [ABSENT]
    return replace(
        turn,
        answer="\n\n".join([*opening, said]),
        statements=(Statement(text=said),),
        outcome="answered",
        notices=(*turn.notices, UNCHECKED),
        model=seer.name,
    )


def _describe(turn: Turn, picture: Image, pictures: PictureSearch) -> Turn:
    """Describe the picture by the labels that fit it, after its caption where the documents have one."""
    caption = next((hit.chunk.text.splitlines()[0] for hit in turn.picture_hits if hit.chunk.text), "")
    phrases = pictures.describe(turn.picture)
    said = ". ".join(part for part in (caption.strip().rstrip("."), phrases) if part) + "."
    return replace(
        turn,
        answer=said,
        statements=(Statement(text=said),),
        outcome="answered",
        notices=(*turn.notices, UNCHECKED),
        model=pictures.name,
    )


def _with_similar(turn: Turn, eyes: Eyes, documents: Documents) -> Turn:
    """Add the figures that look most like a picture that no document has, cited as nearest passages: nothing is claimed of
    them."""
    if eyes.pictures is None:
        return turn
    try:
        found = eyes.pictures.similar(turn.picture, MAX_PICTURE_HITS, turn.scope)
    except ModelError as error:
        return replace(turn, notices=(*turn.notices, str(error)))
    if not found:
        return turn
    citations = tuple(
        Citation(n=n, chunk=chunk, quote=chunk.text, bbox=chunk.bbox) for n, (chunk, _) in enumerate(found, start=1)
    )
    where = places(documents, citations, turn.scope.principal)
    lines = [
        marked(Statement(text=f"A figure that looks like it {place}.", citations=(citation.n,)))
        for citation, place in zip(citations, where, strict=True)
    ]
    nearest = SubAnswer(question=turn.question, citations=citations, outcome="passages", done=True)
    return replace(
        turn,
        answer="\n\n".join([turn.answer, *lines]),
        outcome="passages" if turn.outcome == "nothing" else turn.outcome,
        citations=citations,
        hits=tuple(Hit(chunk=chunk, score=score) for chunk, score in found),
        parts=(*turn.parts, nearest),
    )
