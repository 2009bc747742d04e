"""Settings of a run: built once at an entry point, passed on, never read from the environment anywhere else."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path

from errors import SettingsError

# Names in the environment for the settings a user may want to change. Models are named as LangChain names them.
ENVIRONMENT = {
    "DATA_DIR": "data_dir",
    "CHROMA_URL": "chroma_url",
    "CHAT_MODEL": "chat_model",
    "VISION_MODEL": "vision_model",
    "EMBED_MODEL": "embed_model",
    "INGEST_WORKERS": "workers",
    "ALLOW_HOSTS": "allow_hosts",
    "INGEST_TIMEOUT": "task_seconds",
    "INGEST_MEMORY_MB": "task_memory_mb",
}

_HOST = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[^\s/:@\[\]?#]+)(?::\d{1,5})?|[0-9A-Fa-f]*:[0-9A-Fa-f:.]+")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that can be set; the defaults need no key, no GPU and no network."""

    data_dir: Path = Path("data/var")  # all that is generated
    chroma_url: str = ""  # a Chroma server elsewhere; "" starts or joins one on data_dir
    chat_model: str = ""  # "provider:name" for LangChain's init_chat_model; "" is the extractive reader
    vision_model: str = ""  # "provider:name" of a chat model that sees pictures; "" is none
    embed_model: str = ""  # a SentenceTransformer folder or hub name; "" is the packaged all-MiniLM-L6-v2
    workers: int = 0  # processes that parse; 0 is one a core, at most 4

    # hosts that may be read although they are no public addresses: "name" or "name:port", as links write them
    allow_hosts: tuple[str, ...] = ()

    # limits on what is taken in
    max_source_bytes: int = 200_000_000  # a file or a fetched page
    max_image_bytes: int = 20_000_000
    max_images_per_page: int = 40  # pictures fetched for one web page
    max_redirects: int = 5
    fetch_timeout: float = 20.0  # seconds, for a whole answer
    max_pages: int = 5_000  # of a PDF
    max_characters: int = 20_000_000  # of a source's text
    task_seconds: int = 300  # for reading one source that is no PDF, or eight pages of a PDF
    task_memory_mb: int = 4_000  # address space of a process that reads; 0 sets no limit
    max_uploads: int = 100  # files added at once on the page
    max_upload_bytes: int = 1_000_000_000  # of all these together
    max_waiting: int = 1_000  # sources added on the page and not taken in yet
    figure_dpi: int = 150  # resolution of crops and of shown pages
    ocr_dpi: int = 200  # resolution at which scanned pages are read

    # retrieval
    candidates: int = 40  # taken from each ranking before fusion
    rrf_k: int = 60  # Cormack et al. 2009
    top_k: int = 10  # hits kept for a sub-question
    max_subquestions: int = 4
    min_confidence: float = 0.42  # below it the extractive reader says that it found nothing; 0 to 1

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None, **overrides: object) -> Settings:
        """Settings from the environment; ``overrides`` that are not None win.

        Raises:
            SettingsError: a value cannot be read as what the setting needs.
        """
        environ = os.environ if environ is None else environ
        kinds = {f.name: f.type for f in fields(cls)}
        values: dict[str, object] = {}
        for name, setting in ENVIRONMENT.items():
            text = environ.get(name, "").strip()
            if not text:
                continue
            if kinds[setting] == "int":
                if not text.isdigit():
                    raise SettingsError(f"{name}={text!r} is not a whole number. Set it to e.g. {name}=2 or unset it.")
                values[setting] = int(text)
            elif setting == "allow_hosts":
                values[setting] = tuple(text.replace(",", " ").split())
            else:
                values[setting] = Path(text) if kinds[setting] == "Path" else text
        values.update({name: value for name, value in overrides.items() if value is not None})
        settings = replace(cls(), **values)  # type: ignore[arg-type]
        for host in settings.allow_hosts:
            if not _HOST.fullmatch(host):
                raise SettingsError(f"{host!r} is not a host to allow. Write its name alone, e.g. wiki.local:8080.")
        return replace(settings, data_dir=Path(settings.data_dir).expanduser().resolve())
