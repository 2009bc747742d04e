"""Files and folders of this machine."""

from __future__ import annotations

import mimetypes
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from config import Settings
from errors import FetchError
from ingest.connectors.base import EVERYTHING, Item, Selection
from records import Raw


@dataclass(frozen=True)
class Files:
    """Connector of absolute paths. The version of a file is its size and the time of its last change."""

    whole: bool = False  # whether a folder of which a part cannot be read is an error; else that part is left out

    def list(self, location: str, selection: Selection = EVERYTHING) -> Iterator[Item]:
        """Yield the file at ``location`` whatever its suffix, or of a folder those that ``selection`` takes.

        A folder is searched with those below it in sorted order, hidden files and folders left out; one that is
        excluded is left out whole.

        Raises:
            FetchError: there is nothing at this path, or it cannot be read.
        """
        path = Path(location)
        try:
            if not stat.S_ISDIR(path.stat().st_mode):
                yield Item(location, _version(path))
                return
            for file in _files_in(path, selection, self.whole):
                yield Item(str(file), _version(file))
        except FileNotFoundError as error:
            raise FetchError(
                "No such file or folder. Check the path, or write a link with http:// or https://."
            ) from error
        except (OSError, ValueError, RuntimeError) as error:
            raise FetchError(f"Cannot be read: {error}.") from error

    def read(self, source: str, *, settings: Settings) -> Raw:
        """Return the bytes of the file ``source`` and what its name says they are.

        Raises:
            FetchError: as ``read_file``.
        """
        data = read_file(Path(source), settings.max_source_bytes)
        return Raw(source=source, data=data, media_type=mimetypes.guess_type(source)[0] or "")


def read_file(path: Path, max_bytes: int) -> bytes:
    """Return the bytes of a regular file of at most ``max_bytes``.

    Raises:
        FetchError: it is missing, unreadable, too large, or no regular file (a pipe would block for ever).
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise FetchError(f"{path} is not a file.")
        if status.st_size > max_bytes:
            raise FetchError(f"{path} is too large: {status.st_size:,} bytes, the limit is {max_bytes:,}.")
        return path.read_bytes()
    except FileNotFoundError as error:
        raise FetchError(f"{path} does not exist.") from error
    except (OSError, ValueError) as error:
        raise FetchError(f"{path} cannot be read: {error}.") from error


def _version(path: Path) -> str:
    try:
        status = path.stat()
    except OSError:
        return ""  # a link to nothing, for one: reading it will say so
    return f"{status.st_size}/{status.st_mtime_ns}"


def _files_in(folder: Path, selection: Selection, whole: bool) -> Iterator[Path]:
    """Yield files below ``folder``, sorted by path; links to folders are not followed, so a ring of links ends."""

    def cannot(error: OSError) -> None:
        if whole:
            raise error

    for parent, folders, names in os.walk(folder, onerror=cannot):
        root = Path(parent)
        kept = (name for name in folders if not name.startswith("."))
        folders[:] = sorted(name for name in kept if not selection.excludes(_relative(root / name, folder)))
        for name in sorted(names):
            if not name.startswith(".") and selection.takes(_relative(root / name, folder)):
                yield (root / name).resolve()


def _relative(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()
