"""What a connector is: it lists the sources of one place and reads them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import PurePosixPath
from typing import Protocol, runtime_checkable

from config import Settings
from records import Raw


@dataclass(frozen=True)
class Item:
    """One source of a place."""

    source: str  # what it is called in the catalog and in citations: an absolute path, or scheme://...
    version: str = ""  # another one after every change; "" where only reading the source tells whether it changed


@dataclass(frozen=True)
class Selection:
    """Which of the many sources of a place are meant: those of a suffix and a name that can be used."""

    suffixes: frozenset[str] | None = None  # in small letters, with the dot; None means all
    include: tuple[str, ...] = ()  # globs; only sources that match one; none means all
    exclude: tuple[str, ...] = ()  # globs; not these

    def takes(self, relative: str) -> bool:
        """Return whether the source at the path ``relative`` to its place is one of them."""
        path = PurePosixPath(relative)
        if self.suffixes is not None and path.suffix.lower() not in self.suffixes:
            return False
        return not self.excludes(relative) and (not self.include or _matches(path, self.include))

    def excludes(self, relative: str) -> bool:
        """Return whether the source or folder at the path ``relative`` is left out by name."""
        return _matches(PurePosixPath(relative), self.exclude)


EVERYTHING = Selection()


class Connector(Protocol):
    """A kind of place that sources come from. It is sent to worker processes, so that it must be picklable."""

    def list(self, location: str, selection: Selection = EVERYTHING) -> Iterable[Item]:
        """Return the sources at ``location``.

        A location that is itself a source gives this source with its present version, whatever the selection: so
        the pipeline asks whether a known source has changed.

        Raises:
            FetchError: nothing is there, or it cannot be read.
        """
        ...

    def read(self, source: str, *, settings: Settings) -> Raw:
        """Return the bytes of a source; runs in a worker process.

        Raises:
            FetchError: it is gone, may not be read, is larger than ``settings.max_source_bytes``, or takes too long.
        """
        ...


@runtime_checkable
class Place(Protocol):
    """A connector whose places are listed by a request of their own, within the limits and hosts of the settings."""

    def list_place(self, location: str, selection: Selection, settings: Settings) -> Iterable[Item]:
        """Return the sources at ``location`` that ``selection`` takes.

        Raises:
            FetchError: they cannot be listed whole.
        """
        ...


def _matches(path: PurePosixPath, globs: tuple[str, ...]) -> bool:
    return any(fnmatch(str(path), glob) or fnmatch(path.name, glob) for glob in globs)
