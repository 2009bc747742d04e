"""The code in docs/extending.md, as modules that can be imported."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "extending.md"


def block(section: str) -> str:
    """Return the one fenced block of Python in the section of the guide with this heading."""
    text = GUIDE.read_text(encoding="utf-8").split(f"\n## {section}\n")[1].split("\n## ")[0]
    (code,) = (part.partition("\n```")[0] for part in text.split("```python\n")[1:])
    return code + "\n"


@contextmanager
def module(section: str, name: str, folder: Path) -> Iterator[ModuleType]:
    """Import the block of a section as the module ``name``, written to ``folder``, where worker processes find it too."""
    (folder / f"{name}.py").write_text(block(section), encoding="utf-8")
    sys.path.insert(0, str(folder))
    try:
        yield importlib.import_module(name)
    finally:
        sys.path.remove(str(folder))
        sys.modules.pop(name, None)
