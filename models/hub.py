"""Models of transformers by name: ``hf:`` and a name on the hub, or a folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from errors import ModelError
from models.quiet import quietly

SCHEME = "hf:"


def hub_name(name: str, setting: str, example: str) -> str:
    """Return the hub name or folder in ``name``.

    Raises:
        ModelError: it does not begin with ``hf:``.
    """
    found = name.removeprefix(SCHEME)
    if found == name or not found:
        raise ModelError(
            f"{setting}={name!r} names no model that is run here. Set it to e.g. {setting}={SCHEME}{example}."
        )
    return found


def load_pair(name: str, load_model: Callable[..., Any], setting: str, example: str) -> tuple[Any, Any]:
    """Return a model, ready to be asked, and its processor.

    Args:
        name: as ``hub_name`` returns it.
        load_model: ``from_pretrained`` of one of transformers' automatic classes.
        setting: the variable that named the model, for errors.
        example: a model that would do.

    Raises:
        ModelError: it cannot be loaded.
    """
    from transformers import AutoProcessor

    local = Path(name).is_dir()
    try:
        with quietly():
            model = load_model(name, local_files_only=local)
            processor = AutoProcessor.from_pretrained(name, local_files_only=local)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        raise ModelError(
            f"The model {name!r} cannot be loaded ({error}). Set {setting} to e.g. {SCHEME}{example}, or unset it."
        ) from error
    except ImportError as error:
        raise ModelError(
            f"The model {name!r} needs a package that is not installed ({error}): pip install torchvision -c constraints.txt"
        ) from error
    return model.eval(), processor
