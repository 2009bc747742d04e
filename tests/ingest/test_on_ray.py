"""Two workers on a local Ray, one killed on the way: nothing is lost, and nothing doubled."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import FakeEmbedder, agree, settings_at

from config import Settings
from errors import SettingsError
from ingest.on_ray import ingest_on_ray
from records import Access
from store.index import Index

SOURCES = 12


def open_with_fake(settings: Settings) -> Index:
    return Index(settings, FakeEmbedder("fakeray"))


def test_a_store_of_one_machine_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="CATALOG_URL"):
        list(ingest_on_ray(settings_at(tmp_path), ["a.md"], address="local", access={}))


@pytest.mark.long
@pytest.mark.filterwarnings("ignore")  # Ray's own
def test_a_worker_killed_on_the_way_loses_and_doubles_nothing(
    tmp_path: Path, chroma_url: str, catalog_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("ray", reason="Ray is optional")
    import psutil

    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    monkeypatch.setenv("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    settings = replace(
        settings_at(tmp_path / "data", chroma_url),
        catalog_url=catalog_url,
        shared_dir=str(tmp_path / "shared"),
        workers=2,
    )
    names = []
    for n in range(SOURCES):
        path = tmp_path / f"{n}.md"
        path.write_text(f"# Part {n}\n\nThe weir number {n} is {n + 3} metres high.\n")
        names.append(str(path))
    access = {names[0]: Access(("finance",))}
    found, killed = [], 0
    for outcome in ingest_on_ray(settings, names, address="local", access=access, open_index=open_with_fake):
        found.append(outcome)
        if len(found) == 2:
            own = psutil.Process().children(recursive=True)
            workers = [one for one in own if "IngestWorker" in " ".join(one.cmdline())]
            os.kill(workers[0].pid, signal.SIGKILL)
            killed = workers[0].pid
    assert killed
    assert sorted({outcome.source for outcome in found}) == sorted(names)
    assert [outcome.error for outcome in found if outcome.status == "failed"] == []
    with open_with_fake(settings) as index:
        assert [source.source for source in index.catalog.sources()] == sorted(names)
        assert index.catalog.source(names[0]).access.readers == ("finance",)  # type: ignore[union-attr]
        assert len(index.catalog.kinds()) == SOURCES
        assert agree(index)
        assert index.jobs.left() == []
