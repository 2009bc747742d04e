"""Pictures made small enough to be sent to a model."""

from __future__ import annotations

import io

from PIL import Image, UnidentifiedImageError

_SENT_AS_THEY_ARE = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}  # every provider reads these
_QUALITY = 90  # of a JPEG: lines of charts stay sharp


def scaled(picture: bytes, side: int) -> tuple[bytes, str]:
    """Return an encoded picture whose longer side is at most ``side`` pixels, and its media type.

    A smaller one is returned as it is where its format is one that providers read; photos stay JPEG, all else becomes PNG.

    Raises:
        ValueError: the bytes are no picture that can be read.
    """
    try:
        with Image.open(io.BytesIO(picture)) as image:
            known = _SENT_AS_THEY_ARE.get(image.format or "")
            if known and max(image.size) <= side:
                return picture, known
            photo = image.format in ("JPEG", "WEBP") and image.mode not in ("RGBA", "LA", "P")
            small = image.convert("RGB" if photo else "RGBA")
            small.thumbnail((side, side), Image.Resampling.LANCZOS)
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
        raise ValueError(f"not a readable picture ({error})") from error
    buffer = io.BytesIO()
    if photo:
        small.save(buffer, "JPEG", quality=_QUALITY)
        return buffer.getvalue(), "image/jpeg"
    small.save(buffer, "PNG")
    return buffer.getvalue(), "image/png"
