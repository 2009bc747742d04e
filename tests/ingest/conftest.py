"""pytest puts the folder of a conftest.py on the path: so the helpers beside this one are found from the folders below."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def desk(tmp_path: Path, chroma_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A ``describing.Desk`` whose vision model is a fake."""
    from describing import Desk
    from seeing import Seeing

    model = Seeing()
    monkeypatch.setattr("models.caption.load_chat_model", lambda name, settings: model)
    desk = Desk(tmp_path, chroma_url, model)
    yield desk
    desk.close()
