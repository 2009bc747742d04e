"""python -m models fetch [NAME...] : fetch recommended models from the hub into the data folder.

They are listed in data/models.json. Nothing is fetched unless this is asked for, and nothing else needs it.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from config import Settings
from errors import ModelError, SettingsError

TABLE = Path(__file__).parents[1] / "data" / "models.json"
FOLDER = "models"  # in the data folder
_SMALL = (".json", ".txt", ".model", ".jinja")  # configuration and tokenizers
_OTHER_FORMS = ("onnx/", "openvino/", "coreml/")  # of the same weights


@dataclass(frozen=True, kw_only=True)
class Recommended:
    """A model that is known to do what a setting asks for."""

    name: str
    what: str
    repo: str  # on the hub
    about_mb: int
    licence: str
    verified: tuple[str, ...] = ()  # of "size" and "licence": read of this model elsewhere, and not only remembered
    variable: str  # the setting in the environment
    value: str  # of it, with {folder}
    file: str = ""  # the one that is needed; "" is the weights with what belongs to them
    then: str = ""  # what to run after it is set

    def sentence(self) -> str:
        """Describe it in a line."""
        open_ = [what for what in ("size", "licence") if what not in self.verified]
        hint = f" ({' and '.join(open_)} not verified: see https://huggingface.co/{self.repo})" if open_ else ""
        return f"{self.name}: {self.what}; {self.repo}, about {self.about_mb:,} MB, {self.licence}{hint}"


class Hub(Protocol):
    """Where models are."""

    def files(self, repo: str) -> list[str]:
        """Return the files of ``repo``."""
        ...

    def fetch(self, repo: str, file: str, folder: Path) -> None:
        """Fetch one into ``folder``, unless it is there."""
        ...


def recommended() -> dict[str, Recommended]:
    """Return the recommended models by name."""
    rows = json.loads(TABLE.read_text(encoding="utf-8"))
    return {row["name"]: Recommended(**{**row, "verified": tuple(row["verified"])}) for row in rows}


def chosen(names: Sequence[str]) -> list[Recommended]:
    """Return the models ``names``, all when there are none.

    Raises:
        SettingsError: there is no model of a name.
    """
    known = recommended()
    for name in names:
        if name not in known:
            raise SettingsError(f"{name!r} is none of the recommended models. Choose from: {', '.join(known)}.")
    return [known[name] for name in names or known]


def fetch(model: Recommended, data_dir: Path, hub: Hub) -> str:
    """Fetch ``model`` into ``data_dir`` and return the lines that use it; what is there already is not fetched again.

    Raises:
        ModelError: the hub cannot be reached, does not have it, or the folder cannot be written to.
    """
    folder = data_dir / FOLDER / model.name
    try:
        for file in [model.file] if model.file else needed(hub.files(model.repo)):
            hub.fetch(model.repo, file, folder)
    except (OSError, ValueError, RuntimeError) as error:  # of the hub's client and of the disk
        why = getattr(error, "strerror", None) or type(error).__name__
        raise ModelError(
            f"{model.repo} could not be fetched ({why}). It takes a network that reaches huggingface.co, or a mirror that "
            f"HF_ENDPOINT names, and {model.about_mb:,} MB in {folder}. Or copy the folder from a machine that has it."
        ) from error
    line = f"{model.variable}={model.value.format(folder=folder)}"
    return f"{line}    # then: {model.then}" if model.then else line


def needed(files: Iterable[str]) -> list[str]:
    """Return those of ``files`` that loading needs: the weights in one form, configuration and tokenizer."""
    own = sorted(file for file in files if not file.startswith(_OTHER_FORMS))
    weights = [file for file in own if file.endswith(".safetensors")]
    weights = weights or [file for file in own if file.endswith("pytorch_model.bin")]
    return [*(file for file in own if file.endswith(_SMALL)), *weights]


class HuggingFaceHub:
    """The hub of Hugging Face, or the mirror that HF_ENDPOINT names."""

    def files(self, repo: str) -> list[str]:
        """Return the files of ``repo``."""
        from huggingface_hub import HfApi

        return list(HfApi().list_repo_files(repo))

    def fetch(self, repo: str, file: str, folder: Path) -> None:
        """Fetch one into ``folder``, unless it is there."""
        from huggingface_hub import hf_hub_download

        hf_hub_download(repo, file, local_dir=folder)


def add_arguments(cli: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    cli.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(recommended())}; default: all")
    cli.add_argument("--list", action="store_true", help="say what there is, and fetch nothing")
    cli.add_argument("--data-dir", metavar="DIR", help="where to put them (default: data/var)")


def run(arguments: argparse.Namespace, say: Callable[[str], None], hub: Hub | None = None) -> int:
    """Fetch what is asked for, saying each model's size and licence first, and the lines to set at the end."""
    models = chosen(arguments.names)
    data_dir = Settings.from_env(data_dir=arguments.data_dir).data_dir
    lines = []
    for model in models:
        say(model.sentence())
        if not arguments.list:
            lines.append(fetch(model, data_dir, hub or HuggingFaceHub()))
    for line in lines:
        say(line)
    return 0
