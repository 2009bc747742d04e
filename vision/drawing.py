"""Things found in a picture, drawn on it."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from records import FoundObject

# Colours that people with any colour vision tell apart: Wong 2011, https://doi.org/10.1038/nmeth.1618
COLOURS = ((213, 94, 0), (0, 114, 178), (0, 158, 115), (204, 121, 167), (230, 159, 0), (86, 180, 233))
_FILL = 96  # alpha of a mask
_TEXT = 14  # pixels


def draw_objects(
    picture: Image.Image, objects: Sequence[FoundObject], masks: Sequence[NDArray[np.bool_]] = ()
) -> bytes:
    """Return ``picture`` as PNG with each of ``objects`` boxed and named, in one colour a name.

    Args:
        picture: in whose pixels the boxes are.
        objects: what was found in it.
        masks: which pixels each of them is, (height, width); none draws boxes alone.
    """
    names = list(dict.fromkeys(one.label for one in objects))
    colours = {name: COLOURS[place % len(COLOURS)] for place, name in enumerate(names)}
    image = picture.convert("RGBA")
    for one, mask in zip(objects, masks, strict=False):
        layer = Image.new("RGBA", image.size, (*colours[one.label], _FILL))
        image.paste(Image.alpha_composite(image, layer), mask=Image.fromarray(mask.astype(np.uint8) * 255))
    pen = ImageDraw.Draw(image)
    width = max(2, round(max(image.size) / 300))
    font = ImageFont.load_default(max(_TEXT, max(image.size) // 60))
    for one in objects:
        colour = colours[one.label]
        pen.rectangle(one.bbox, outline=colour, width=width)
        text = f"{one.label} {one.score:.0%}"
        left, top, right, bottom = pen.textbbox((one.bbox[0], one.bbox[1]), text, font=font)
        up = min(bottom - top + 2 * width, one.bbox[1])  # above the box where there is room
        pen.rectangle((left, top - up, right + width, bottom - up + width), fill=colour)
        pen.text((one.bbox[0], one.bbox[1] - up), text, fill="white", font=font)
    buffer = io.BytesIO()
    image.convert("RGB").save(buffer, "PNG")
    return buffer.getvalue()
