"""Image search by near-duplicates: are pictures found by a changed copy of them, and others not claimed to be there?

A seeded half of a pack's pictures is what is searched (by scope); the others are distractors: pictures of the same kind
that are not there. Some of each half, drawn by the same seed, are asked for in four forms.
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Mapping
from pathlib import Path

from PIL import Image

from evaluation.corpus import Corpus
from evaluation.packs import Pack
from evaluation.scoring import Figure
from evaluation.statistics import estimates
from records import Scope
from vision.pictures import open_picture

ASKED = 60  # pictures of each half that are asked for, at most
KEPT = 0.8  # of width and height that a crop keeps
QUALITY = 40  # of the JPEG
MIN_HALF = 2  # pictures in each half without which there is no figure

Change = Callable[[Image.Image, random.Random], Image.Image]


def cropped(image: Image.Image, draw: random.Random) -> Image.Image:
    """Return a window with ``KEPT`` of width and height, anywhere in the picture."""
    width, height = max(1, round(image.width * KEPT)), max(1, round(image.height * KEPT))
    left, top = draw.randint(0, image.width - width), draw.randint(0, image.height - height)
    return image.crop((left, top, left + width, top + height))


def halved(image: Image.Image, draw: random.Random) -> Image.Image:
    """Return the picture half as wide and half as high."""
    return image.resize((max(1, image.width // 2), max(1, image.height // 2)), Image.Resampling.BICUBIC)


def recompressed(image: Image.Image, draw: random.Random) -> Image.Image:
    """Return the picture after a JPEG file of ``QUALITY``."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=QUALITY)
    with Image.open(buffer) as again:
        return again.convert("RGB")


FORMS: dict[str, tuple[Change, ...]] = {
    "cropped": (cropped,),
    "half size": (halved,),
    "JPEG 40": (recompressed,),
    "all three": (cropped, halved, recompressed),
}


def changed(path: Path, form: str, draw: random.Random) -> bytes:
    """Return the picture in a file in one of the ``FORMS``, as PNG, so that nothing else is lost."""
    image = open_picture(path.read_bytes(), path.name)
    for change in FORMS[form]:
        image = change(image, draw)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def near_duplicate_figures(
    pack: Pack, corpus: Corpus, *, seed: int, on_begin: Callable[[int], None], on_picture: Callable[[], None]
) -> list[Figure]:
    """Return for each form the share of pictures found first, and of distractors refused; [] for a pack whose evidence
    is no pictures, or has too few."""
    names = {one.source for question in pack.questions for one in question.evidence if one.image}
    paths = {path.name: path for path in pack.documents if path.name in names}
    order = sorted(paths)
    random.Random(seed).shuffle(order)
    stored, distractors = order[: len(order) // 2], order[len(order) // 2 :]
    if min(len(stored), len(distractors)) < MIN_HALF:
        return []
    asked = {name: name in stored for name in (*stored[:ASKED], *distractors[:ASKED])}
    scope = corpus.scope(stored)
    scores: dict[str, dict[str, float]] = {}
    on_begin(len(asked))
    for name, known in asked.items():
        scores[name] = {}
        for form in FORMS:
            picture = changed(paths[name], form, random.Random(f"{seed} {name} {form}"))
            found = first_found(corpus, picture, scope)
            metric = f"{form}: hit@1" if known else f"{form}: distractors refused"
            scores[name][metric] = float(found == (name if known else ""))
        on_picture()
    return [
        *_figures({name: one for name, one in scores.items() if asked[name]}, seed),
        *_figures({name: one for name, one in scores.items() if not asked[name]}, seed),
    ]


def first_found(corpus: Corpus, picture: bytes, scope: Scope) -> str:
    """Return the document in which ``picture`` is found first, as the pack names it; "" when it is held to be in none."""
    found = corpus.index.images.search(picture, 1, scope)
    return corpus.name(found[0][0].source) if found else ""


def _figures(scores: Mapping[str, Mapping[str, float]], seed: int) -> list[Figure]:
    metrics = list(next(iter(scores.values())))
    columns = {metric: [one[metric] for one in scores.values()] for metric in metrics}
    found = estimates(columns, list(scores), seed=seed)
    return [
        Figure(part="near-duplicates", within="store", level="image", group="all", metric=metric, estimate=one)
        for metric, one in found.items()
    ]
