"""Pictures with transparent parts laid on a ground on which what is drawn can be seen."""

from __future__ import annotations

from PIL import Image, ImageStat

BRIGHT = 160  # of 255, from which on what is drawn needs a dark ground


def on_paper(image: Image.Image) -> Image.Image:
    """Return ``image`` as RGB; what is transparent is white paper, or dark where what is drawn is bright."""
    if image.mode not in ("RGBA", "LA", "PA", "RGBa", "La") and "transparency" not in image.info:
        return image.convert("RGB")
    drawn = image.convert("RGBA")
    opacity = drawn.getchannel("A")
    if opacity.getextrema()[0] == 255:
        return drawn.convert("RGB")
    mask = opacity.point(lambda value: 255 if value > 127 else 0)
    bright = bool(mask.getbbox()) and ImageStat.Stat(drawn.convert("L"), mask).mean[0] >= BRIGHT
    ground = Image.new("RGBA", drawn.size, (32, 32, 32, 255) if bright else (255, 255, 255, 255))
    ground.alpha_composite(drawn)
    return ground.convert("RGB")
