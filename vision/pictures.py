"""Pictures from bytes that nobody vouches for: used where sources are taken in and where a picture is asked about."""

from __future__ import annotations

import io
import warnings

from PIL import Image, ImageOps, UnidentifiedImageError

from errors import ParseError
from vision.paper import on_paper

_HEIF = (b"ftypheic", b"ftypheix", b"ftyphevc", b"ftypmif1", b"ftypmsf1", b"ftypheim")  # of phones' photographs


def is_heif(data: bytes) -> bool:
    """Tell whether the bytes are those of a HEIC or HEIF picture."""
    return data[4:12] in _HEIF


def _open_heif(name: str) -> None:
    """Let Pillow open HEIC, which needs a package of its own.

    Raises:
        ParseError: it is not installed.
    """
    try:
        from pillow_heif import register_heif_opener
    except ImportError as error:
        way = "pip install pillow-heif -c constraints.txt"
        raise ParseError(f"{name} is a HEIC picture. Save it as JPEG, or: {way}") from error
    register_heif_opener()


def open_picture(data: bytes, name: str, max_pixels: int = 0) -> Image.Image:
    """Return the picture in ``data``, turned as its camera says, as RGB; what is transparent is paper.

    Args:
        data: the bytes of a picture file.
        name: what an error calls it.
        max_pixels: refused above it before anything is unpacked; 0 leaves it at Pillow's own limit.

    Raises:
        ParseError: it cannot be decoded, or has more pixels than are safe to unpack.
    """
    if is_heif(data):
        _open_heif(name)
    try:
        with warnings.catch_warnings():
            if max_pixels:
                warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own limit is lower
            with Image.open(io.BytesIO(data)) as opened:
                if max_pixels and opened.width * opened.height > max_pixels:
                    size = f"{opened.width} x {opened.height}, the limit is {max_pixels:,}"
                    raise ParseError(f"{name} has more pixels than can safely be opened ({size}). Scale it down.")
                return on_paper(ImageOps.exif_transpose(opened))
    except Image.DecompressionBombError as error:
        raise ParseError(f"{name} has more pixels than can safely be opened ({error}). Scale it down.") from error
    except UnidentifiedImageError as error:
        raise ParseError(f"{name} is not a readable picture. Save it as PNG, JPEG or WebP.") from error
    except (OSError, ValueError, SyntaxError) as error:
        raise ParseError(f"{name} is not a readable picture ({error}). Open it and save it again.") from error


def open_scaled(data: bytes, name: str, side: int, max_pixels: int = 0) -> Image.Image:
    """Return what ``open_picture`` does, made smaller where it is longer or wider than ``side`` pixels."""
    image = open_picture(data, name, max_pixels)
    image.thumbnail((side, side))
    return image
