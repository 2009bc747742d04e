"""What is kept of a picture so that it is found again by a crop, a smaller or a recompressed copy of it.

Local features: ORB (Rublee et al. 2011, https://doi.org/10.1109/ICCV.2011.6126544), corners with 256 bits on the pixels
around each. A crop keeps those of its part; half the size or JPEG flips some bits of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

RECIPE = "orb-300-512"  # change it with anything below: signatures of another recipe are made again
SIDE = 512  # pixels of the longest side at which every picture is looked at
FEATURES = 300  # at most
_BORDER = 15  # pixels; OpenCV's own 31 loses a ring that a crop needs
_CONTRAST = 8  # of a corner; low, for blurred copies
_SUBPIXEL = 64  # a place is stored in these parts of a pixel
_ROW = 4 + 32  # bytes of a feature: x and y of 16 bits, and its 256 bits

Gray = NDArray[np.uint8]


@dataclass(frozen=True)
class Signature:
    """Features of a picture whose longest side is ``SIDE`` pixels."""

    places: NDArray[np.float32]  # (n, 2): x and y in pixels
    bits: NDArray[np.uint8]  # (n, 32)

    def dump(self) -> bytes:
        """Return it as it is stored: at most 10,800 bytes."""
        places = np.round(self.places * _SUBPIXEL).astype("<u2")
        return places.tobytes() + self.bits.tobytes()


def load_signature(data: bytes) -> Signature:
    """Return what ``dump`` gave."""
    count = len(data) // _ROW
    places = np.frombuffer(data, "<u2", 2 * count).reshape(count, 2).astype(np.float32) / np.float32(_SUBPIXEL)
    return Signature(places, np.frombuffer(data, np.uint8, 32 * count, 4 * count).reshape(count, 32))


def gray_of(image: Image.Image) -> Gray:
    """Return the picture in gray with its longest side of ``SIDE`` pixels."""
    scale = SIDE / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return np.asarray(image.convert("L").resize(size, Image.Resampling.LANCZOS))


def signature_of(gray: Gray) -> Signature:
    """Return the features of a picture; none when it has no corners."""
    finder = cv2.ORB_create(  # type: ignore[attr-defined]
        nfeatures=FEATURES, scaleFactor=1.2, nlevels=8, fastThreshold=_CONTRAST, edgeThreshold=_BORDER
    )
    points, bits = finder.detectAndCompute(gray, None)
    if bits is None:
        return Signature(np.zeros((0, 2), np.float32), np.zeros((0, 32), np.uint8))
    places = np.array([point.pt for point in points], dtype=np.float32)
    return Signature(places, np.asarray(bits, np.uint8))
