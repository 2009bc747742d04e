"""Settings of a run: built once at an entry point, passed on, never read from the environment anywhere else."""

from __future__ import annotations

import json
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
    "CATALOG_URL": "catalog_url",
    "SHARED_DIR": "shared_dir",
    "CHAT_MODEL": "chat_model",
    "DECOMPOSE_MODEL": "decompose_model",
    "CHAT_MODEL_OF_GROUP": "chat_model_of_group",
    "CHAT_MODELS": "chat_models",
    "CHAT_BASE_URL": "chat_base_url",
    "CHAT_TEMPERATURE": "chat_temperature",
    "CHAT_MAX_TOKENS": "chat_max_tokens",
    "CHAT_CONTEXT_WINDOW": "chat_context_window",
    "CHAT_TIMEOUT": "chat_timeout",
    "CHAT_TOKEN_TIMEOUT": "chat_token_timeout",  # nosec B105  no password
    "CHAT_RETRIES": "chat_retries",
    "CHAT_REQUESTS_PER_SECOND": "chat_requests_per_second",
    "CHAT_CALLS": "chat_calls",
    "CHAT_THREADS": "chat_threads",
    "CHAT_CACHE": "chat_cache",
    "CHAT_PRICES": "chat_prices",
    "VISION_MODEL": "vision_model",
    "VISION_WORKERS": "vision_workers",
    "VISION_SIDE": "vision_side",
    "ANSWER_WITH_PICTURES": "answer_with_pictures",
    "EMBED_MODEL": "embed_model",
    "EMBED_DIMENSIONS": "embed_dimensions",
    "EMBED_LANGUAGES": "embed_languages",
    "RERANK_MODEL": "rerank_model",
    "RERANK_URL": "rerank_url",
    "RERANK_SECONDS": "rerank_seconds",
    "READER_MODEL": "reader_model",
    "IMAGE_EMBED_MODEL": "image_embed_model",
    "IMAGE_EMBED_PAGES": "image_embed_pages",
    "PAGE_MODEL": "page_model",
    "PICTURE_LABELS": "picture_labels",
    "DETECT_MODEL": "detect_model",
    "SEGMENT_MODEL": "segment_model",
    "SPEECH_MODEL": "speech_model",
    "ANSWERER": "answerer",
    "AGENT_CALLS": "agent_calls",
    "ENTAILMENT": "entailment",
    "GLOSSARY": "glossary",
    "INGEST_WORKERS": "workers",
    "ALLOW_HOSTS": "allow_hosts",
    "SYNC_CREDENTIALS": "sync_credentials",
    "SMTP_URL": "smtp_url",
    "MAIL_FROM": "mail_from",
    "RETRIEVAL_STEPS": "steps",
    "CONTEXT_TOKENS": "context_tokens",
    "INGEST_TIMEOUT": "task_seconds",
    "INGEST_MEMORY_MB": "task_memory_mb",
    "USERS_FILE": "users_file",
    "TRUSTED_PROXIES": "proxies",
    "UNDO_HOURS": "undo_hours",
    "SESSION_HOURS": "session_hours",
    "LOG_FORMAT": "log_format",
    "OFFICE_PAGES": "office_pages",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "otlp_endpoint",
    "OPENINFERENCE_HIDE_INPUTS": "trace_hide_inputs",
    "OPENINFERENCE_HIDE_OUTPUTS": "trace_hide_outputs",
}

# Settings whose value may be a folder or a file; one that looks like it must be there.
PLACES = (
    *("EMBED_MODEL", "RERANK_MODEL", "READER_MODEL", "IMAGE_EMBED_MODEL", "PAGE_MODEL", "SPEECH_MODEL"),
    *("PICTURE_LABELS", "CHAT_PRICES"),
)

# Settings with a few values, the first of which is the default.
CHOSEN = {
    "ANSWER_WITH_PICTURES": ("no", "yes", "auto"),
    "IMAGE_EMBED_PAGES": ("no", "yes"),
    "OFFICE_PAGES": ("auto", "yes", "no"),
}

RETRIEVAL_STEPS = ("dense", "lexical", "sections", "locator", "entity_hop", "model", "learned", "pictures")
# What steps were called before: settings that name them go on working; "" is a step that there is no more.
FORMER_STEPS = {
    "glossary": "sections",
    "place": "locator",
    "bridge": "entity_hop",
    "years": "",
    "coverage": "learned",  # which knows what it knew
    "route": "learned",
}

# What may be chosen for the documents of a data folder (python -m evaluation --choose) and is kept there.
CHOICES = ("steps", "candidates", "rrf_k", "top_k", "max_subquestions", "min_confidence")
CHOICES_FILE = "settings.json"

_SECRET = re.compile(
    r"(?:^|_)(?:(?:API)?KEY|TOKEN|SECRET|PASSWORD|ACCESS_KEY_ID)$|^CATALOG_URL$"
)  # which may hold a password
_HOST = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[^\s/:@\[\]?#]+)(?::\d{1,5})?|[0-9A-Fa-f]*:[0-9A-Fa-f:.]+")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of a run; the defaults need no key, no GPU and no network."""

    data_dir: Path = Path("data/var")  # all that is generated
    chroma_url: str = ""  # a Chroma server elsewhere; "" starts or joins one on data_dir
    catalog_url: str = ""  # a PostgreSQL database that several machines share; "" is SQLite in data_dir
    shared_dir: str = ""  # shared by several machines: a folder, or s3://bucket/prefix of assets alone; "" is data_dir
    chat_model: str = ""  # "provider:name" for LangChain's init_chat_model; "" is the extractive reader
    decompose_model: str = ""  # the chat model that condenses and splits questions; "" is the chat model
    chat_model_of_group: tuple[str, ...] = ()  # "group=model": who is in the group is answered by another chat model
    chat_models: tuple[str, ...] = ()  # may be chosen, too; "group=model" by a group alone; "extractive" is the reader
    chat_base_url: str = ""  # of an OpenAI-compatible server, e.g. "http://127.0.0.1:8000/v1"; "" is the provider's own
    chat_temperature: float = 0.0  # left out where a model refuses it
    chat_max_tokens: int = 800  # of one reply
    chat_context_window: int = 0  # tokens of prompt and reply; 0 is what the model says
    chat_timeout: float = 180.0  # seconds for one call, waits and retries included
    chat_token_timeout: float = 90.0  # seconds to the first token, and between two
    chat_retries: int = 2  # after 429 and 5xx, each after a longer wait
    chat_requests_per_second: float = 0.0  # 0 sets no limit
    chat_calls: int = 40  # of chat models for one question
    chat_threads: int = 0  # of a GGUF model in this process; 0 leaves one core free
    chat_cache: str = ""  # a file that keeps replies by prompt and model; "" keeps none
    chat_prices: str = ""  # a JSON file: model -> price of a million tokens in and out; "" tells no cost
    vision_model: str = ""  # describes pictures: "provider:name" of a chat model, "hf:NAME" of transformers; "" is none
    vision_workers: int = 4  # pictures that it is asked about at once
    vision_side: int = 1_024  # pixels: the longer side of a picture that a model is shown
    answer_with_pictures: str = "no"  # whether the chat model is shown figures, tables and pages: "yes", "no", "auto"
    embed_model: str = (
        ""  # a SentenceTransformer folder or hub name, or "provider:name"; "" is the packaged all-MiniLM-L6-v2
    )
    embed_dimensions: int = 0  # of a vector, the first of a model trained to be cut (Matryoshka); 0 is all
    embed_languages: tuple[str, ...] = ()  # that the embedder was made for, ISO 639-1; () is what its model card says
    rerank_model: str = (
        ""  # a cross-encoder's folder or hub name, or "cohere:", "jina:" or "voyage:" and a name; "" is none
    )
    rerank_url: str = (
        ""  # of a server that reranks, in Cohere's or text-embeddings-inference's form; "" is the provider's
    )
    rerank_seconds: int = 10  # in which it reads what it can of the best 50 passages
    reader_model: str = ""  # a question-answering model of transformers, folder or hub name; "" is what was learned
    image_embed_model: str = ""  # a CLIP or SigLIP model's folder or hub name; "" finds pictures by their words alone
    image_embed_pages: str = "no"  # whether whole pages of PDFs are embedded as pictures, too: "yes", "no"
    page_model: str = ""  # a late-interaction model of pages (ColPali kind) that orders the nearest pages; "" is none
    picture_labels: str = ""  # a file with labels that pictures are tagged with; "" is data/picture_labels.txt
    detect_model: str = ""  # "hf:NAME" of a zero-shot detector of transformers: finds things in a picture; "" is none
    segment_model: str = ""  # "hf:NAME" of a model of masks by boxes, which outlines them; "" draws boxes alone
    speech_model: str = ""  # a faster-whisper model's folder, size or hub name; "" is the packaged tiny.en
    answerer: str = (
        ""  # of chains.answering.answerers; "" is the chat model where one is set, else the extractive reader
    )
    agent_calls: int = 8  # of tools, for one question, where the answerer is the agent
    entailment: str = (
        ""  # of chains.verification.entailment: what is asked whether a passage says a statement; "" is none
    )
    glossary: tuple[str, ...] = ()  # files with terms of a domain in addition to our own
    workers: int = 0  # processes that parse; 0 is one a core, at most 4

    # access to what is not open to everybody; without users, whoever reaches the page on this machine reads everything
    users_file: str = ""  # names, groups and password hashes; "" is users.json in the data folder
    proxies: tuple[str, ...] = ()  # addresses of proxies that log people in and say in headers who they are
    undo_hours: int = 24  # for which a source removed on the page can come back; 0 removes it for good at once
    session_hours: int = 12  # after which one has to log in again

    # what is told of the running server, and to whom
    log_format: str = "text"  # of the logs on stderr: "text" or "json", an object a line
    otlp_endpoint: str = (
        ""  # base address of an OpenTelemetry collector, e.g. "http://127.0.0.1:4318"; "" traces nothing
    )
    trace_hide_inputs: str = "true"  # "false" lets traces hold questions, prompts and what was searched for
    trace_hide_outputs: str = "true"  # "false" lets traces hold answers, replies and passages

    # hosts that may be read although they are no public addresses: "name" or "name:port", as links write them
    allow_hosts: tuple[str, ...] = ()

    # logins of places that are kept in step, and the server that sends notices: "host=VARIABLE", where the environment
    # variable of that name holds user:password
    sync_credentials: tuple[str, ...] = ()
    smtp_url: str = ""  # "smtps://host:465", or "smtp://host:587" with STARTTLS; "" sends no mail
    mail_from: str = ""  # the address that notices come from

    # limits of ingestion
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
    max_waiting: int = 1_000  # sources added on the page and not ingested yet
    # whether LibreOffice draws pages of Office files: "auto" where it is and can be confined, "yes" where it is, "no"
    office_pages: str = "auto"
    figure_dpi: int = 150  # resolution of crops and of shown pages

    # retrieval
    steps: tuple[str, ...] = RETRIEVAL_STEPS  # those that are taken, as chains.retrieval.search names them
    candidates: int = 100  # taken from each ranking before fusion
    rrf_k: int = 20  # Cormack et al. 2009 have 60; docs/measured.md says what it does here
    top_k: int = 10  # hits kept for a sub-question
    max_subquestions: int = 4
    context_tokens: int = 4_000  # of what a chat model reads to answer one sub-question, as the embedder counts them
    # below these the extractive reader calls nothing an answer, or shows nothing at all; 0 to 1, None is as learned
    min_confidence: float | None = None
    min_passage_confidence: float | None = None

    @property
    def embeds_pages(self) -> bool:
        """Whether whole pages are embedded as pictures.

        Raises:
            SettingsError: neither yes nor no was said.
        """
        if self.image_embed_pages not in ("yes", "no"):
            raise SettingsError(f"IMAGE_EMBED_PAGES={self.image_embed_pages!r} is neither yes nor no.")
        return self.image_embed_pages == "yes"

    @property
    def users_path(self) -> Path:
        """The users file."""
        return Path(self.users_file).expanduser() if self.users_file else self.shared_path / "users.json"

    @property
    def shared_path(self) -> Path:
        """The folder with the files that are not one machine's own; beside a bucket, which holds assets alone, it is."""
        own = self.is_bucket or not self.shared_dir
        return self.data_dir if own else Path(self.shared_dir).expanduser().resolve()

    @property
    def is_bucket(self) -> bool:
        """Whether assets lie in a bucket."""
        return self.shared_dir.startswith("s3://")

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None, **overrides: object) -> Settings:
        """Build settings from what was chosen for the data folder, then the environment; ``overrides`` that are not
        None win.

        Raises:
            SettingsError: a value cannot be read as what the setting needs.
        """
        environ = os.environ if environ is None else environ
        kinds = {f.name: f.type for f in fields(cls)}
        folder = overrides.get("data_dir") or environ.get("DATA_DIR", "").strip() or cls.data_dir
        values = read_choices(Path(str(folder)).expanduser())
        for name, setting in ENVIRONMENT.items():
            text = environ.get(name, "").strip()
            if not text:
                continue
            if name in PLACES and text[0] in "/.~" and not Path(text).expanduser().exists():
                raise SettingsError(
                    f"{name}={text!r}: there is no such folder or file. Name one that is there, or unset it."
                )
            if name in CHOSEN and text not in CHOSEN[name]:
                raise SettingsError(f"{name}={text!r} is unknown. Choose from: {', '.join(CHOSEN[name])}.")
            if kinds[setting] == "int":
                if not text.isdigit():
                    raise SettingsError(f"{name}={text!r} is not a whole number. Set it to e.g. {name}=2 or unset it.")
                values[setting] = int(text)
            elif kinds[setting] == "float":
                values[setting] = _number(name, text, getattr(cls, setting))
            elif kinds[setting] == "tuple[str, ...]":
                values[setting] = tuple(text.replace(",", " ").split())
            else:
                values[setting] = Path(text) if kinds[setting] == "Path" else text
        values.update({name: value for name, value in overrides.items() if value is not None})
        settings = replace(cls(), **values)  # type: ignore[arg-type]
        for host in settings.allow_hosts:
            if not _HOST.fullmatch(host):
                raise SettingsError(f"{host!r} is not a host to allow. Write its name alone, e.g. wiki.local:8080.")
        steps = tuple(dict.fromkeys(filter(None, (FORMER_STEPS.get(step, step) for step in settings.steps))))
        return replace(settings, steps=steps, data_dir=Path(settings.data_dir).expanduser().resolve())


def _number(name: str, text: str, default: float) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf") or (number == 0 and name.endswith("TIMEOUT")):
        kind = "of seconds" if name.endswith("TIMEOUT") else "from 0"
        raise SettingsError(
            f"{name}={text!r} is not a number {kind}. Set it to e.g. {name}={default or 0.5:g} or unset it."
        )
    return number


def secrets(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the variables of the environment that hold keys, tokens and passwords, with their values: what a provider's
    package reads by itself, and what must never be shown."""
    environ = os.environ if environ is None else environ
    return {name: value.strip() for name, value in environ.items() if _SECRET.search(name) and value.strip()}


def read_choices(data_dir: Path) -> dict[str, object]:
    """Read what was chosen for the documents in ``data_dir``; {} when nothing was.

    Raises:
        SettingsError: the file cannot be read, or a name or value in it cannot be used.
    """
    path = data_dir / CHOICES_FILE
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path} cannot be read ({error}). Repair or delete it.") from error
    if not isinstance(stored, dict):
        raise SettingsError(f'{path} holds no JSON object. Delete it, or write one like {{"top_k": 10}}.')
    return {name: _choice(name, value, path) for name, value in stored.items()}


def _choice(name: str, value: object, path: Path) -> object:
    if name not in CHOICES:
        raise SettingsError(f"{path}: {name!r} cannot be set there. Choose from: {', '.join(CHOICES)}.")
    default = 0.5 if getattr(Settings, name) is None else getattr(Settings, name)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if isinstance(default, tuple) and isinstance(value, list) and value and all(isinstance(one, str) for one in value):
        return tuple(value)
    if isinstance(default, int) and isinstance(value, int) and number and value > 0:
        return value
    if isinstance(default, float) and isinstance(value, int | float) and number and 0 <= value <= 1:
        return float(value)
    raise SettingsError(f"{path}: {name} cannot be {value!r}. It is {default!r} unless something else was chosen.")


def write_choices(data_dir: Path, choices: Mapping[str, object]) -> Path:
    """Keep ``choices`` for the documents in ``data_dir`` with what was chosen before; return the file.

    Raises:
        SettingsError: a name cannot be chosen, or the folder cannot be written to.
    """
    path = data_dir / CHOICES_FILE
    if unknown := sorted(choices.keys() - set(CHOICES)):
        raise SettingsError(f"{unknown[0]!r} cannot be set in {path}. Choose from: {', '.join(CHOICES)}.")
    text = json.dumps({**read_choices(data_dir), **choices}, indent=1) + "\n"
    draft = path.with_name(f".{CHOICES_FILE}.{os.getpid()}")
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        raise SettingsError(f"{path} cannot be written ({error.strerror}). Choose another --data-dir.") from error
    return path
