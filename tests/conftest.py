"""What several tests need."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKS = ROOT.parent / "shared" / "packs"


@pytest.fixture(scope="session")
def packs() -> Path:
    """The folder of evaluation packs; tests that need it are skipped where it is absent."""
    if not PACKS.is_dir():
        pytest.skip(f"evaluation packs are not at {PACKS}")
    return PACKS


@pytest.fixture(scope="session")
def chroma_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One Chroma server for all tests that do not test the server; each index has a collection of its own in it."""
    from store.vectors.server import LocalServer

    server = LocalServer(tmp_path_factory.mktemp("chroma"))
    yield f"http://{server.address.host}:{server.address.port}"
    server.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server for all tests that need one, each in a schema of its own (``catalog_url``)."""
    from postgres_server import running

    yield from running()


@pytest.fixture
def catalog_url(postgres: str) -> Iterator[str]:
    """The address of an empty schema, as CATALOG_URL has it."""
    from postgres_server import schema

    yield from schema(postgres)


@pytest.fixture
def make_index(tmp_path: Path, chroma_url: str) -> Iterator[Callable[..., Any]]:
    """Opens indexes: by default on ``tmp_path/data`` with a fake embedder. All are closed at the end."""
    from fakes import FakeEmbedder, settings_at

    from store.index import Index

    embedder = FakeEmbedder()
    opened = []

    def make(folder: Path = tmp_path / "data", **fields: Any) -> Index:
        fields.setdefault("embedder", embedder)
        opened.append(Index(settings_at(folder, chroma_url), **fields))
        return opened[-1]

    yield make
    for index in opened:
        index.close()


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The sample corpus, parsed once: the documents by file name, and the assets they use."""
    from fakes import Samples, settings_at

    from data.make_samples import SAMPLES
    from ingest.connectors.registry import read_source
    from ingest.parsers.registry import PARSERS, kind_of
    from store.assets import Assets

    settings = settings_at(tmp_path_factory.mktemp("samples"))
    assets = Assets(settings.data_dir / "assets")
    documents = {}
    for name in ("annual-report-2025.pdf", "visitor-guide.html", "maintenance-handbook.md"):
        raw = read_source(str(SAMPLES / name), settings)
        documents[name] = PARSERS[kind_of(raw)].parse(raw, assets=assets, settings=settings)
    return Samples(documents, assets)
