"""Pictures with transparent parts."""

from __future__ import annotations

import pytest
from PIL import Image

from vision.paper import on_paper


@pytest.mark.parametrize(("ink", "ground"), [((0, 0, 0, 255), (255, 255, 255)), ((250, 250, 250, 255), (32, 32, 32))])
def test_what_is_transparent_is_a_ground_on_which_the_writing_shows(
    ink: tuple[int, int, int, int], ground: tuple[int, int, int]
) -> None:
    image = Image.new("RGBA", (4, 4), (0, 0, 0, 0))
    image.putpixel((1, 1), ink)
    laid = on_paper(image)
    assert (laid.mode, laid.getpixel((0, 0)), laid.getpixel((1, 1))) == ("RGB", ground, ink[:3])


def test_a_picture_without_transparency_stays_as_it_is() -> None:
    image = Image.new("L", (2, 2), 7)
    assert on_paper(image).getpixel((1, 1)) == (7, 7, 7)
