"""Stored pictures by their pixels: signatures, kept wherever a store keeps them, and the search over them.

A signature follows from an asset, whose name is the hash of its content; so a stored one can be missing, and is made then,
but never out of date.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import Protocol

import numpy as np

from errors import ParseError, StoreError
from vision.alignment import agreement
from vision.pictures import open_picture
from vision.postings import Postings
from vision.signature import RECIPE, Gray, Signature, gray_of, load_signature, signature_of

SAME = 0.65  # agreement from which two pictures are held to be the same
CANDIDATES = 20  # pictures with most votes whose pixels are compared
MAX_PIXELS = 50_000_000  # of a picture that is asked about
_AT_ONCE = 50  # signatures written in one transaction
_READ_AT_ONCE = 500  # signatures read together, 11 kB each


class SignatureStorage(Protocol):
    """Where signatures are kept, by picture and by the recipe they were made with."""

    def assets(self, recipe: str) -> set[str]:
        """Return the pictures that have a signature of this recipe."""
        ...

    def of(self, recipe: str, assets: Sequence[str]) -> dict[str, bytes]:
        """Return the signatures of ``assets``, as far as there are any of this recipe."""
        ...

    def put(self, recipe: str, signatures: Mapping[str, bytes]) -> None:
        """Store signatures; of pictures that are gone meanwhile, none."""
        ...


class PictureFiles(Protocol):
    """Where pictures are read."""

    def read(self, name: str) -> bytes:
        """Return the file of a picture.

        Raises:
            StoreError: it is not there.
        """
        ...


class ImageIndex:
    """Search for stored pictures. Safe to use from several threads."""

    def __init__(self, signatures: SignatureStorage, pictures: PictureFiles, folder: Path | None = None) -> None:
        """``folder``: where a file lies with the words of all signatures; by default where temporary files do."""
        self._signatures = signatures
        self._pictures = pictures
        self._folder = folder
        self._lock = Lock()
        self._postings: Postings | None = None

    def fill(self, names: Iterable[str]) -> None:
        """Make the signatures that are missing of the pictures ``names``; those whose source went meanwhile have none."""
        asked = set(names)
        wanted = sorted(asked - self._signatures.assets(RECIPE)) if asked else []
        for start in range(0, len(wanted), _AT_ONCE):
            made = {}
            for name in wanted[start : start + _AT_ONCE]:
                gray = self._gray(name)
                made[name] = signature_of(gray).dump() if gray is not None else b""
            self._signatures.put(RECIPE, made)

    def search(self, picture: bytes, names: Collection[str]) -> list[tuple[str, float]]:
        """Return those of the pictures ``names`` that ``picture`` is a copy or a part of, or the other way round, with the
        agreement of their pixels (``SAME`` to 1), best first.

        Raises:
            ParseError: ``picture`` cannot be decoded, or has more than ``MAX_PIXELS`` pixels.
        """
        gray = gray_of(open_picture(picture, "The picture", MAX_PIXELS))
        asked = signature_of(gray)
        found = []
        for name, signature in self._candidates(asked, names).items():
            stored = self._gray(name)
            if stored is not None and (sure := agreement(gray, asked, stored, signature)) >= SAME:
                found.append((name, sure))
        return sorted(found, key=lambda item: (-item[1], item[0]))

    def _candidates(self, asked: Signature, names: Collection[str]) -> dict[str, Signature]:
        """Return the signatures of the pictures among ``names`` with most votes."""
        self.fill(names)
        with self._lock:
            signed = sorted(self._signatures.assets(RECIPE))
            if self._postings is None or signed != self._postings.names:
                try:
                    self._postings = Postings(signed, self._all(signed), self._folder)
                except OSError as error:
                    raise StoreError(
                        f"The words of pictures cannot be written ({error}). Free space on the disk."
                    ) from error
            postings = self._postings
        votes = postings.votes(asked)
        allowed = set(names)
        order = [i for i in np.argsort(-votes, kind="stable") if votes[i] > 0 and postings.names[i] in allowed]
        best = [postings.names[i] for i in order[:CANDIDATES]]
        stored = self._signatures.of(RECIPE, best)
        return {name: load_signature(stored[name]) for name in best if name in stored}

    def _all(self, names: Sequence[str]) -> Iterator[Signature]:
        """Yield the signatures of ``names``, of which few are in memory at once."""
        for start in range(0, len(names), _READ_AT_ONCE):
            part = names[start : start + _READ_AT_ONCE]
            stored = self._signatures.of(RECIPE, part)
            yield from (load_signature(stored.get(name, b"")) for name in part)

    def _gray(self, name: str) -> Gray | None:
        """Return the pixels of a stored picture; None when they cannot be read."""
        try:
            return gray_of(open_picture(self._pictures.read(name), name))
        except (StoreError, ParseError):
            return None
