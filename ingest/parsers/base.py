"""What the parsers need from the rest of the system."""

from __future__ import annotations

from typing import Protocol


class AssetSink(Protocol):
    """A place that keeps files by content; the asset store is one."""

    def put(self, data: bytes, suffix: str) -> str:
        """Keep ``data`` and return its name; the same bytes give the same name. ``suffix`` is e.g. ``.png``."""
        ...
