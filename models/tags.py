"""Zero-shot tags of a picture: labels of lists that fit it best (Radford et al. 2021, https://arxiv.org/abs/2103.00020,
section 3.1), and a description in the manner of CLIP Interrogator: the phrase of each list that fits best."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from errors import SettingsError

LABELS = Path(__file__).parents[1] / "data" / "picture_labels.txt"
TAGS = "tags"  # how VISION_MODEL begins where labels describe pictures: "tags:clip-ViT-B-32"
PROMPT = "a picture: {}"
SCALE = 100.0  # by which cosines are multiplied before the softmax; what CLIP learned for itself
LEAST = 0.25  # probability in its list from which a label is a tag
MOST = 2  # tags of one list

Lists = Mapping[str, tuple[str, ...]]
EmbedTexts = Callable[[list[str]], list[list[float]]]


@dataclass(frozen=True)
class Tag:
    """A label that fits a picture."""

    label: str
    of: str  # the name of its list
    probability: float  # among the labels of its list, 0 to 1


def load_labels(path: str = "") -> Lists:
    """Return the lists of labels in a file, by name; "" is ours.

    Raises:
        SettingsError: the file cannot be read, or has no list of two labels.
    """
    file = Path(path).expanduser() if path else LABELS
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"PICTURE_LABELS={path!r} cannot be read ({error}). Name a text file, or unset it."
        ) from error
    lists: dict[str, list[str]] = {}
    name = "tags"
    for line in (line.strip() for line in lines):
        if line.startswith("[") and line.endswith("]"):
            name = line[1:-1].strip()
        elif line and not line.startswith("#"):
            lists.setdefault(name, []).append(line)
    if not any(len(labels) > 1 for labels in lists.values()):
        raise SettingsError(f"{file} has no list of labels. Write one label a line, below a name as [name].")
    return {name: tuple(dict.fromkeys(labels)) for name, labels in lists.items()}


class Tagger:
    """Tags pictures by their vectors.

    Args:
        embed: vectors of unit length of texts, in the space of the pictures' vectors.
        lists: labels by the name of their list; a picture gets the best of each.
    """

    def __init__(self, embed: EmbedTexts, lists: Lists) -> None:
        self._embed = embed
        self.lists = lists

    @cached_property
    def _vectors(self) -> dict[str, NDArray[np.float64]]:
        """(labels, dimensions) of each list."""
        return {
            name: np.array(self._embed([PROMPT.format(label) for label in labels]))
            for name, labels in self.lists.items()
        }

    def tags(self, vector: Sequence[float]) -> list[Tag]:
        """Return the tags of a picture with this vector, of unit length: of each list at most ``MOST``, the best first."""
        found = []
        for name in self.lists:
            best = self._ranked(name, vector)[:MOST]
            found += [tag for tag in best if tag.probability >= LEAST]
        return found

    def description(self, vector: Sequence[float]) -> str:
        """Return the label of each list that fits a picture best, however well, as one line."""
        return ", ".join(self._ranked(name, vector)[0].label for name in self.lists)

    def _ranked(self, name: str, vector: Sequence[float]) -> list[Tag]:
        """All labels of a list, the best first."""
        labels = self.lists[name]
        shares = _softmax(SCALE * (self._vectors[name] @ np.asarray(vector)))
        return [Tag(labels[at], name, float(shares[at])) for at in np.argsort(-shares, kind="stable")]


def _softmax(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shares that add up to 1."""
    powers = np.exp(values - values.max())
    shares: NDArray[np.float64] = powers / powers.sum()
    return shares
