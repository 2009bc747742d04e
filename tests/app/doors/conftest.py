"""An application with two users and three sources, in this process and on a port."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import FakeEmbedder, chunk, document, fingerprint, settings_at, table

from app.assistant import Assistant
from app.security.identity import Identity
from records import Access
from store.index import Index
from tests.security.site import Site, served

HERON = "The heron budget of the harbour was 5 million in 2024, said the heron board."
OPEN, LAW, TABLE = "/srv/files/heron report.md", "/srv/files/lynx report.md", "/srv/files/berths.md"


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory, chroma_url: str) -> Iterator[Assistant]:
    """Anna may read everything, Olaf what is open: the heron report and a table of berths, not the lynx report."""
    folder = tmp_path_factory.mktemp("doors")
    settings = settings_at(folder / "data", chroma_url, workers=1, max_source_bytes=100_000)
    with Index(settings, FakeEmbedder()) as index:  # type: ignore[arg-type]
        for source, text in ((OPEN, HERON), (LAW, HERON.replace("heron", "lynx"))):
            doc = replace(document(source), title=Path(source).stem)
            part = chunk(text, source=source, id=f"id-{Path(source).name[:4]}", title=doc.title)
            index.put(doc, [part], fingerprint(), "2026-01-02T03:04:05+00:00")
        rows = table(("Berth", "Length"), ("North", "40 m"), ("South", "25 m"), caption="Berths")
        part = chunk(
            "North | 40 m\nSouth | 25 m", source=TABLE, id="berths", kind="table", title="Berths",
            table=index.assets.put_table(rows), last_row=3,
        )  # fmt: skip
        index.put(document(TABLE), [part], fingerprint(), "2026-01-02T03:04:06+00:00")
        index.catalog.set_access(LAW, Access(("law",), "anna"))
        identity = Identity(settings)
        identity.users.put("anna", "a long password", ["law", "admins"])
        identity.users.put("olaf", "another password", [])
        with Assistant(index, identity=identity) as one:
            yield one


@pytest.fixture(scope="module")
def tokens(assistant: Assistant) -> dict[str, str]:
    """A token of each user."""
    return {name: assistant.identity.tokens.create(name, "tests")[0] for name in ("anna", "olaf")}


@pytest.fixture(scope="module")
def site(assistant: Assistant) -> Iterator[Site]:
    """The application on a port of loopback."""
    with served(assistant) as one:
        yield one
