"""What is said of a picture, by whatever describes it."""

from __future__ import annotations

from dataclasses import dataclass

from errors import ModelError


class NotDescribed(ModelError):
    """This picture could not be described; another one may be."""


class CannotDescribe(ModelError):
    """No picture can be described: the model cannot be loaded."""


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a model says of one picture, and the tokens as far as it counts them."""

    text: str
    tokens_in: int = 0
    tokens_out: int = 0
