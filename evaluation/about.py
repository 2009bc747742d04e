"""What a figure depends on besides the code: versions, models, settings, seed, machine."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import psutil

from evaluation.evaluate import Options
from evaluation.systems import answer_settings

PACKAGES = (
    "pymupdf",
    "pymupdf4llm",
    "chromadb",
    "tantivy",
    "langchain-core",
    "sentence-transformers",
    "torch",
    "rapidocr",
    "ir-measures",
    "bm25s",
)


def about(options: Options) -> dict[str, Any]:
    """Return everything a reader needs to run it again."""
    return {
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "seed": options.seed,
        "settings": answer_settings(options.settings),
        "answers by": options.settings.chat_model or "extractive reader",
        "embeddings": options.settings.embed_model or "all-MiniLM-L6-v2",
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, {psutil.virtual_memory().total / 2**30:.0f} GiB",
        "versions": {name: found for name in PACKAGES if (found := _version(name))},
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
