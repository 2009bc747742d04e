"""Files by the hash of their content: originals, page images, crops of figures, whole tables as JSON.

    assets/ab/abcdef....png

The same bytes are stored once, however many sources hold them.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from errors import StoreError
from records import Cell, Table

_NAME = re.compile(r"[0-9a-f]{40}(?:\.[a-z0-9]{1,8})?")


@dataclass(frozen=True)
class Assets:
    """The asset folder. Any number of processes may write to it at once."""

    folder: Path

    def put(self, data: bytes, suffix: str = "") -> str:
        """Store ``data`` and return its name. ``suffix`` such as ".png" tells programs what it is.

        Raises:
            StoreError: the folder cannot be written to.
        """
        name = self.name_of(data, suffix)
        path = self._local(name)
        if not path.exists():
            self._write(path, data)
        return name

    @staticmethod
    def name_of(data: bytes, suffix: str = "") -> str:
        """Return the name of the asset that holds ``data``."""
        return hashlib.sha256(data).hexdigest()[:40] + suffix.lower()

    def _write(self, path: Path, data: bytes) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # written beside and renamed: a reader never sees half a file
            handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".draft-")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())  # a name must never stand for less than its content
                Path(draft).chmod(0o644)
                Path(draft).replace(path)
            except OSError:
                Path(draft).unlink(missing_ok=True)
                raise
        except OSError as error:
            raise StoreError(
                f"Cannot write to {self.folder} ({error.strerror}). Free space or choose another --data-dir."
            ) from error

    @staticmethod
    def is_name(name: str) -> bool:
        """Tell whether ``name`` has the form of an asset's name; ids of chunks, for one, have not."""
        return bool(_NAME.fullmatch(name))

    def path(self, name: str) -> Path:
        """Return where the asset ``name`` lies.

        Raises:
            StoreError: ``name`` is not the name of an asset; so no path can lead out of the folder.
        """
        return self._local(name)

    def _local(self, name: str) -> Path:
        if not self.is_name(name):
            raise StoreError(f"{name!r} is not the name of an asset.")
        return self.folder / name[:2] / name

    def drawn_path(self, name: str) -> Path:
        """Return where the pages of the asset ``name`` lie, an Office file, when they have been drawn as PDF.

        Raises:
            StoreError: as ``path``.
        """
        path = self._local(name)
        return path.with_name(f"{path.name}.pdf")  # this is no name of an asset, so that none is what it seems

    def put_drawn(self, name: str, pdf: bytes) -> None:
        """Keep the pages of the asset ``name`` for as long as it is there.

        Raises:
            StoreError: the folder cannot be written to.
        """
        self._write(self.drawn_path(name), pdf)
        if not self.path(name).is_file():  # removed meanwhile
            self.drawn_path(name).unlink(missing_ok=True)

    def read(self, name: str) -> bytes:
        """Return the bytes of the asset ``name``.

        Raises:
            StoreError: it is not there.
        """
        try:
            return self.path(name).read_bytes()
        except OSError as error:
            raise StoreError(f"The asset {name} is missing from {self.folder}. Take its source in again.") from error

    def put_table(self, table: Table) -> str:
        """Store ``table`` whole, as JSON, and return its name."""
        return self.put(json.dumps(asdict(table), ensure_ascii=False, separators=(",", ":")).encode(), ".json")

    def read_table(self, name: str) -> Table:
        """Return the table stored as ``name``."""
        fields = json.loads(self.read(name))
        cells = tuple(
            Cell(**{**cell, "bbox": tuple(cell["bbox"]) if cell["bbox"] else None}) for cell in fields.pop("cells")
        )
        return Table(cells=cells, **fields)

    def names(self) -> Iterator[str]:
        """Return the names of all assets."""
        for path in self.folder.glob("??/*"):
            if self.is_name(path.name):
                yield path.name

    def missing(self, names: Iterable[str]) -> set[str]:
        """Return those of ``names`` that are not there."""
        return {name for name in names if not self.path(name).is_file()}

    def damaged(self, names: Iterable[str]) -> set[str]:
        """Return those of ``names`` whose content is not what they are named by."""
        return {name for name in names if self.path(name).is_file() and self.name_of(self.read(name))[:40] != name[:40]}

    def remove(self, name: str) -> None:
        """Delete the asset ``name`` if it is there, and what was drawn of it.

        Raises:
            StoreError: the folder cannot be written to.
        """
        try:
            self._local(name).unlink(missing_ok=True)
            self.drawn_path(name).unlink(missing_ok=True)
        except OSError as error:
            raise StoreError(
                f"Cannot remove {name} from {self.folder} ({error.strerror}). Check its rights."
            ) from error

    def drafts(self) -> list[Path]:
        """Return files that a writer who was killed left half done; or that one who lives is about to finish."""
        return list(self.folder.glob("??/.draft-*"))
