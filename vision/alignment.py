"""Does one picture show a part or the whole of another? By laying one over the other and comparing the pixels.

Features that look alike only propose where it lies; the pixels decide. Charts of one template share title, axes and
legend, so it is not enough that most of the picture agrees: nearly every place must.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.signature import Gray, Signature

PROPOSALS = 2  # ways of laying one picture over the other that are compared
_BITS = 70  # of 256, in which features may differ
_NEAREST = 2  # features that each is held against: letters and grid lines look alike
_APART = 30.0  # pixels between two features that propose a scale
_TURN = np.cos(np.radians(2))  # copies are not turned
_SCALE = 4.0  # one may show things that many times larger than the other
_PAIRS = 20_000  # of matches that are looked at
_TRIED = 500  # proposals that are counted out
_NEAR = 4.0  # pixels: a match that a proposal explains
_MATCHES = 4  # that it must explain
_BLOCK = 16  # pixels: side of the places that are compared
_STRUCTURE = 6.0  # standard deviation of gray below which a place is empty
_PLACES = 8  # with structure that are needed
_COVER = 0.5  # of the smaller of both pictures that must lie in the other
_SHARE = 10  # percentile of the places that tells: so many may disagree
_PROMISING = 0.4  # median agreement of places from which a proposal is worth refining
_GOOD = 0.8  # agreement from which it need not be

Pixels = NDArray[np.generic]
Affine = NDArray[np.float32]  # (2, 3): maps places of the stored picture into the asked one


def agreement(asked: Gray, asked_signature: Signature, stored: Gray, stored_signature: Signature) -> float:
    """Return how well the two agree where they overlap: 1.0 the same pixels, about 0 different pictures.

    It is the tenth percentile of the correlation of places of 16 x 16 pixels that have any structure.
    """
    best = 0.0
    for proposal in _proposals(*_matches(asked_signature, stored_signature)):
        places = _compared(asked, stored, proposal)
        found = _told(places)
        if found < _GOOD and len(places) and float(np.median(places)) > _PROMISING:
            found = max(found, _told(_compared(asked, stored, _refined(asked, stored, proposal))))
        best = max(best, found)
    return best


def _told(places: NDArray[np.float32]) -> float:
    return float(np.percentile(places, _SHARE)) if len(places) >= _PLACES else 0.0


def _matches(asked: Signature, stored: Signature) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Places of features that look alike, (n, 2) in each picture."""
    none = np.zeros((0, 2), np.float32)
    if min(len(asked.bits), len(stored.bits)) < _NEAREST:
        return none, none
    found = cv2.BFMatcher(cv2.NORM_HAMMING).knnMatch(asked.bits, stored.bits, k=_NEAREST)
    alike = [(one.queryIdx, one.trainIdx) for nearest in found for one in nearest if one.distance < _BITS]
    if not alike:
        return none, none
    left, right = np.array(alike).T
    return asked.places[left], stored.places[right]


def _proposals(asked: NDArray[np.float32], stored: NDArray[np.float32]) -> Iterator[Affine]:
    """Scale and shift that explain most matches; then those that explain most of the others.

    Two matches make a scale and a shift; the same ones are drawn each time.
    """
    draw = np.random.default_rng(0)
    i, j = np.triu_indices(len(asked), 1)
    if len(i) > _PAIRS:
        chosen = draw.choice(len(i), _PAIRS, replace=False)
        i, j = i[chosen], j[chosen]
    across, along = asked[j] - asked[i], stored[j] - stored[i]
    far, wide = np.hypot(*across.T), np.hypot(*along.T)
    fit = (far > _APART) & (wide > _APART) & (far < _SCALE * wide) & (wide < _SCALE * far)
    fit &= (across * along).sum(1) > far * wide * _TURN
    kept = np.flatnonzero(fit)
    if len(kept) > _TRIED:
        kept = draw.choice(kept, _TRIED, replace=False)
    if not len(kept):
        return
    scale = far[kept] / wide[kept]
    i, j = i[kept], j[kept]
    shift = (asked[i] + asked[j] - scale[:, None] * (stored[i] + stored[j])) / 2
    explained = np.abs(scale[:, None, None] * stored + shift[:, None] - asked).max(2) < _NEAR
    left = np.ones(len(asked), bool)
    for _ in range(PROPOSALS):
        best = explained[int((explained & left).sum(1).argmax())] & left
        if best.sum() < _MATCHES:
            return
        yield _fitted(asked[best], stored[best])
        left &= ~best


def _fitted(asked: NDArray[np.float32], stored: NDArray[np.float32]) -> Affine:
    """Scale and shift by least squares."""
    there, here = stored - stored.mean(0), asked - asked.mean(0)
    scale = max(float((there * here).sum() / max(float((there**2).sum()), 1e-6)), 1 / _SCALE)
    shift = asked.mean(0) - scale * stored.mean(0)
    return np.array([[scale, 0, shift[0]], [0, scale, shift[1]]], np.float32)


def _refined(asked: Gray, stored: Gray, proposal: Affine) -> Affine:
    """The proposal moved until the pixels agree best, at half the size: Evangelidis and Psarakis 2008,
    https://doi.org/10.1109/TPAMI.2008.113."""
    half = [cv2.resize(one, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA) for one in (asked, stored)]
    back = cv2.invertAffineTransform(proposal).astype(np.float32)
    back[:, 2] /= 2
    stop = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 20, 1e-3)
    try:
        mask = np.full(half[1].shape, 255, np.uint8)
        _, moved = cv2.findTransformECC(half[0], half[1], back, cv2.MOTION_AFFINE, stop, mask, 5)
        moved = np.array(moved, np.float32)
        moved[:, 2] *= 2
        refined: Affine = cv2.invertAffineTransform(moved).astype(np.float32)
        return refined
    except cv2.error:  # it does not converge
        return proposal


def _compared(asked: Gray, stored: Gray, proposal: Affine) -> NDArray[np.float32]:
    """The correlation, 0 to 1, of each place with structure; none when the two hardly overlap."""
    height, width = asked.shape
    laid = cv2.warpAffine(stored, proposal, (width, height), flags=cv2.INTER_AREA)
    inside = cv2.warpAffine(np.full(stored.shape, 255, np.uint8), proposal, (width, height)) > 250
    size = abs(float(np.linalg.det(proposal[:, :2]))) * stored.size
    if inside.sum() < _COVER * min(size, asked.size):
        return np.zeros(0, np.float32)
    whole = _blocks(inside).all(1)
    ours, theirs = (_centred(_blocks(cv2.GaussianBlur(one, (0, 0), 1))[whole]) for one in (asked, laid))
    spread, other = ours.std(1), theirs.std(1)
    told = np.maximum(spread, other) > _STRUCTURE
    product = (ours * theirs).mean(1) / np.maximum(spread * other, 1.0)  # a place that is empty in one does not agree
    places: NDArray[np.float32] = np.clip(product[told], 0, 1)
    return places


def _blocks(pixels: Pixels) -> Pixels:
    """(blocks, 256), what is left over at the right and below left out."""
    rows, columns = pixels.shape[0] // _BLOCK, pixels.shape[1] // _BLOCK
    cut = pixels[: rows * _BLOCK, : columns * _BLOCK].reshape(rows, _BLOCK, columns, _BLOCK)
    blocks: Pixels = cut.transpose(0, 2, 1, 3).reshape(-1, _BLOCK * _BLOCK)
    return blocks


def _centred(blocks: Pixels) -> NDArray[np.float32]:
    values: NDArray[np.float32] = blocks.astype(np.float32)
    values -= values.mean(1, keepdims=True)
    return values
