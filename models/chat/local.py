"""Chat models from GGUF files, run in this process by llama.cpp's server (xllamacpp).

The server listens on this machine alone, wants a key drawn at its start, and is spoken to as any OpenAI-compatible one is: it
streams, follows JSON schemas, and stops writing when the connection is closed.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from threading import Lock
from typing import Any

from errors import ModelError
from models.chat.providers import install_line

LOCAL = ("gguf", "hf")
CONTEXT = 8_192  # tokens of prompt and reply, unless the settings say otherwise
PROJECTOR = "mmproj*.gguf"  # the file beside a model with which it sees

ADAPTER = "+"  # between a model and its LoRA adapter

_servers: dict[tuple[Path, Path | None, int, int], tuple[Any, str]] = {}  # with their keys
_lock = Lock()


@dataclass(frozen=True)
class LocalModel:
    """A GGUF file, and what it is called where its folder is nobody's business."""

    label: str
    path: Path
    adapter: Path | None = None  # a LoRA adapter as GGUF, made for this model

    @classmethod
    def named(cls, label: str) -> LocalModel:
        """Find the file that "gguf:PATH" or "hf:REPO/FILE.gguf" means; the latter is fetched from the hub once. Behind it,
        after a plus, may stand a LoRA adapter, a file on this machine, beside the model where no folder is named:
        "gguf:base.gguf+legal.gguf".

        Raises:
            ModelError: there is none.
        """
        kind, _, place = label.partition(":")
        place, plus, name = place.partition(f".gguf{ADAPTER}")
        place += ".gguf" if plus else ""
        path = _fetched(label, place) if kind == "hf" else Path(place).expanduser()
        if not path.is_file():
            raise ModelError(
                f"The chat model {label!r}: there is no file {str(path)!r}. Name one: CHAT_MODEL=gguf:PATH."
            )
        shown = place if kind == "hf" else path.name
        if not plus:
            return cls(f"{kind}:{shown}", path)
        near = [Path(name).expanduser(), path.parent / name]
        adapter = next((one for one in near if one.is_file()), None)
        if adapter is None:
            raise ModelError(
                f"The chat model {label!r}: there is no adapter {name!r}, here or beside {path.name}. Name a LoRA adapter as "
                "GGUF (llama.cpp's convert_lora_to_gguf.py makes one): CHAT_MODEL=gguf:PATH+ADAPTER."
            )
        return cls(f"{kind}:{shown}{ADAPTER}{adapter.name}", path, adapter)


def _fetched(label: str, place: str) -> Path:
    from huggingface_hub import hf_hub_download

    repository, _, file = place.rpartition("/")
    if repository.count("/") < 1 or not file.endswith(".gguf"):
        raise ModelError(f"The chat model {label!r} is not of the form hf:OWNER/REPOSITORY/FILE.gguf.")
    owner, name, *folders = repository.split("/")
    try:
        return Path(hf_hub_download(f"{owner}/{name}", "/".join([*folders, file])))
    except Exception as error:
        raise ModelError(
            f"The chat model {label!r} cannot be fetched ({type(error).__name__}). Look whether the hub can be reached and "
            "has that file, or name one on this machine: CHAT_MODEL=gguf:PATH."
        ) from error


def serve(model: LocalModel, threads: int = 0, context: int = 0) -> tuple[str, str]:
    """Return address and key of a server for ``model``; the first call starts it, once a process.

    Args:
        model: the file.
        threads: that compute; 0 leaves one core free.
        context: tokens of prompt and reply; 0 is 8,192.

    Raises:
        ModelError: xllamacpp is missing, or cannot run the file.
    """
    threads = threads or max(1, (os.cpu_count() or 2) - 1)
    context = context or CONTEXT
    place = (model.path.resolve(), model.adapter.resolve() if model.adapter else None, threads, context)
    with _lock:
        if place not in _servers:
            _servers[place] = _started(model, threads, context)
        server, key = _servers[place]
    return f"{server.listening_address}/v1", key


def _started(model: LocalModel, threads: int, context: int) -> tuple[Any, str]:
    try:
        import xllamacpp
    except ImportError as error:
        raise ModelError(f"The chat model {model.label!r} needs a package: {install_line('xllamacpp')}") from error
    key = token_hex(16)
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(model.path)
    parameters.n_ctx = context
    parameters.n_parallel = 1
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = threads
    parameters.model_alias = {model.path.stem}
    parameters.api_keys = [key]
    parameters.verbosity = -1  # errors alone
    if projectors := sorted(model.path.parent.glob(PROJECTOR)):
        parameters.mmproj.path = str(projectors[0])
    if model.adapter is not None:
        adapter = xllamacpp.CommonAdapterLoraInfo()
        adapter.path, adapter.scale = str(model.adapter), 1.0
        parameters.lora_adapters = [adapter]
    try:
        return xllamacpp.Server(parameters), key
    except Exception as error:
        fits = f", and {str(model.adapter)!r} an adapter made for it" if model.adapter else ""
        raise ModelError(
            f"The chat model {model.label!r} cannot be run ({error}). Is {str(model.path)!r} a whole GGUF file{fits}?"
        ) from error
