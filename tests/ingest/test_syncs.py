"""Places that are kept in step: what is added, changed, moved and gone, and what a failing listing leaves alone."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import FakeEmbedder, settings_at
from http_server import Quiet, running
from syncing import Run, runner

from errors import FetchError, SettingsError
from ingest.__main__ import main
from ingest.connectors.listed import parse
from ingest.sync.schedule import next_due, seconds_of, wait_after
from ingest.sync.serve import due_now, seconds_to_next
from ingest.workers import Workers
from store.index import Index
from store.syncs import State, Sync, SyncRun, Syncs


class Site:
    """A site of pages by path, with ETags; remembers which it sent whole."""

    def __init__(self) -> None:
        self.pages: dict[str, bytes] = {}
        self.sent: list[str] = []
        self.down = False
        self.address = ""

    def sitemap(self, *names: str) -> None:
        entries = "".join(f"<url><loc>{self.address}/{name}</loc></url>" for name in names)
        text = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>'
        self.pages["/map.xml.gz"] = gzip.compress(text.encode())


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    site = Site()

    class Handler(Quiet):
        def do_GET(self) -> None:
            body = site.pages.get(self.path)
            tag = f'"{hash(body)}"'
            status = 503 if site.down else 404 if body is None else 200
            if status == 200 and self.headers.get("If-None-Match") == tag:
                status = 304
            if status == 200:
                site.sent.append(self.path)
            kind = "text/html" if self.path.endswith(".html") else "application/octet-stream"
            self.answer(status, body or b"" if status == 200 else b"", ETag=tag, Content_Type=kind)

    with running(Handler) as port:
        site.address = f"http://127.0.0.1:{port}"
        yield site


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, chroma_url: str) -> Iterator[tuple[Index, Workers]]:
    settings = settings_at(tmp_path_factory.mktemp("syncs"), chroma_url, workers=1, allow_hosts=("127.0.0.1",))
    with Index(settings, FakeEmbedder()) as index, Workers(settings) as workers:  # type: ignore[arg-type]
        yield index, workers


@pytest.fixture
def run(store: tuple[Index, Workers]) -> Run:
    return runner(*store)


def counts(run: SyncRun) -> tuple[int, ...]:
    return run.added, run.changed, run.unchanged, run.moved, run.removed, run.failed


def test_a_folder_is_kept_in_step(store: tuple[Index, Workers], run: Run, tmp_path: Path) -> None:
    index, _ = store
    folder = tmp_path / "folder"
    folder.mkdir()
    sync = Sync(name="folder", location=str(folder), exclude=("*.html",))
    (folder / "weir.md").write_text("# Weir\n\nThe weir stood still.")
    (folder / "roofs.md").write_text("# Roofs\n\nThe roofs gained a little.")
    (folder / "left.html").write_text("<p>Left out.</p>")
    assert counts(run(sync)) == (2, 0, 0, 0, 0, 0)
    index.rename(str(folder / "weir.md"), "Our weir")

    (folder / "roofs.md").write_text("# Roofs\n\nThe roofs lost a little.")
    (folder / "crane.md").write_text("# Crane\n\nThe crane was repaired.")
    assert counts(run(sync)) == (1, 1, 1, 0, 0, 0)

    (folder / "deep").mkdir()
    (folder / "weir.md").rename(folder / "deep" / "river.md")  # its title is its heading, so it may be called otherwise
    (folder / "crane.md").unlink()
    embedder = index.embedder
    embedded = len(embedder.embedded)  # type: ignore[attr-defined]
    assert counts(run(sync)) == (0, 0, 1, 1, 1, 0)
    assert len(embedder.embedded) == embedded  # type: ignore[attr-defined]
    moved = index.catalog.source(str(folder / "deep" / "river.md"))
    assert moved is not None and moved.name == "Our weir"
    known = {source.source for source in index.catalog.sources()}
    assert str(folder / "weir.md") not in known and str(folder / "crane.md") not in known
    # what the move wrote is what reading the file anew writes
    ids = index.catalog.chunk_ids(moved.source)
    (folder / "deep" / "river.md").touch()
    index.catalog.touch(moved.source, "")
    assert counts(run(sync)) == (0, 0, 2, 0, 0, 0)
    assert index.catalog.chunk_ids(moved.source) == ids

    for file in folder.rglob("*.md"):
        file.unlink()
    empty = run(sync)
    assert "lists nothing, where it listed 2" in empty.error and empty.removed == 0
    folder.rename(tmp_path / "away")
    assert "No such file or folder" in run(sync).error
    state = Syncs(index.folder).state("folder")
    assert state is not None and (state.failures, state.due) == (2, 1_000.0 + 120.0)
    assert index.catalog.knows(moved.source)
    assert [bool(one.error) for one in Syncs(index.folder).history("folder")] == [True, True, *[False] * 4]


def test_a_sitemap_is_kept_in_step_and_only_what_changed_is_sent(
    store: tuple[Index, Workers], run: Run, site: Site
) -> None:
    index, _ = store
    sync = Sync(name="site", location=f"{site.address}/map.xml.gz")
    site.pages |= {
        "/weir.html": b"<h1>Weir</h1><p>The weir of the site stood still.</p>",
        "/roofs.html": b"<h1>Roofs</h1><p>The roofs of the site gained a little.</p>",
    }
    site.sitemap("weir.html", "roofs.html")
    assert counts(run(sync)) == (2, 0, 0, 0, 0, 0)

    site.sent.clear()
    site.pages["/roofs.html"] = b"<h1>Roofs</h1><p>The roofs of the site lost a little.</p>"
    site.pages["/crane.html"] = b"<h1>Crane</h1><p>The crane of the site was repaired.</p>"
    site.sitemap("weir.html", "roofs.html", "crane.html")
    assert counts(run(sync)) == (1, 1, 1, 0, 0, 0)
    assert "/weir.html" not in site.sent and "/crane.html" in site.sent

    site.sitemap("roofs.html", "crane.html")
    assert counts(run(sync)) == (0, 0, 2, 0, 1, 0)
    assert not index.catalog.knows(f"{site.address}/weir.html")

    site.down = True
    failing = run(sync)
    site.down = False
    assert "503" in failing.error and failing.removed == 0
    site.pages["/map.xml.gz"] = site.pages["/map.xml.gz"][:-12]
    assert "cut off" in run(sync).error
    assert index.catalog.knows(f"{site.address}/crane.html")
    site.sitemap("roofs.html", "crane.html")
    assert run(sync).error == ""
    state = Syncs(index.folder).state("site")
    assert state is not None and state.failures == 0


def test_an_index_leads_to_its_own_site_alone_and_a_part_that_fails_removes_nothing(run: Run, site: Site) -> None:
    address = site.address
    site.pages["/one.html"] = b"<h1>One</h1><p>The first page.</p>"
    site.pages["/two.html"] = b"<h1>Two</h1><p>The second page.</p>"
    site.pages["/a.xml"] = f"<urlset><url><loc>{address}/one.html</loc></url></urlset>".encode()
    b = f"<urlset><url><loc>{address}/two.html</loc></url><url><loc>http://10.0.0.1/x</loc></url></urlset>".encode()
    site.pages["/b.xml"] = b
    site.pages["/index.xml"] = (
        f"<sitemapindex><sitemap><loc>{address}/a.xml</loc></sitemap><sitemap><loc>{address}/b.xml</loc></sitemap>"
        "</sitemapindex>"
    ).encode()
    sync = Sync(name="parts", location=f"{address}/index.xml")
    first = run(sync)
    assert counts(first) == (2, 0, 0, 0, 0, 0)
    assert ["http://10.0.0.1/x" in loss.why for loss in first.losses] == [True]
    del site.pages["/b.xml"]
    second = run(sync)
    assert second.removed == 0 and "nothing was removed" in second.error and "/b.xml" in second.error


def test_feeds_and_lists_are_told_by_what_they_hold() -> None:
    rss = b"<rss><channel><link>http://a.org/</link><item><link>http://a.org/1</link><pubDate>x</pubDate></item></channel></rss>"
    atom = (
        b"<feed xmlns='http://www.w3.org/2005/Atom'><link href='/'/><entry><link rel='self' href='/s'/>"
        b"<link href='/1'/><updated>2026-01-02</updated></entry></feed>"
    )
    read = {kind: parse(data, "http://a.org/feed", 1_000) for kind, data in {"rss": rss, "atom": atom}.items()}
    assert {kind: one and [(item.source, item.version) for item in one.items] for kind, one in read.items()} == {
        "rss": [("http://a.org/1", "")],
        "atom": [("http://a.org/1", "2026-01-02")],
    }
    assert all(one is not None and one.window for one in read.values())
    links = parse(b"# ours\nhttp://a.org/1\n\nhttps://b.org/2\n", "http://a.org/l.txt", 1_000)
    assert links is not None and [item.source for item in links.items] == ["http://a.org/1", "https://b.org/2"]
    assert parse(b"Just words.\nhttp://a.org/1", "http://a.org/l.txt", 1_000) is None
    assert parse(b"<html><p>A page", "http://a.org/", 1_000) is None
    with pytest.raises(FetchError, match="no whole list"):
        parse(b"<urlset><url><loc>http://a.org/1</loc>", "http://a.org/map.xml", 1_000)
    with pytest.raises(FetchError, match="limit of 1,000 bytes"):
        parse(gzip.compress(b"<urlset>" + b" " * 5_000), "http://a.org/map.xml.gz", 1_000)
    swelling = b"<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/hostname'>]><urlset><url><loc>&e;</loc></url></urlset>"
    hostile = parse(swelling, "http://a.org/map.xml", 1_000)
    assert hostile is not None and hostile.items == ()


def test_waits_double_up_to_a_day() -> None:
    assert [wait_after(failures) for failures in (1, 2, 3, 11, 12, 99)] == [60, 120, 240, 61_440, 86_400, 86_400]
    assert (next_due(100.0, 3_600.0, 0), next_due(100.0, 3_600.0, 2)) == (3_700.0, 220.0)
    assert [seconds_of(text) for text in ("90s", "15m", "6h", "1d")] == [90.0, 900.0, 21_600.0, 86_400.0]
    with pytest.raises(SettingsError, match="6 hours"):
        seconds_of("6 hours")
    states = [State(Sync(name=str(due), location="x", every=60.0), due=due) for due in (50.0, 10.0, 30.0)]
    states.append(State(Sync(name="by hand", location="x"), due=0.0))
    assert [state.sync.name for state in due_now(states, 40.0)] == ["10.0", "30.0"]
    assert [seconds_to_next(states[:1], now) for now in (0.0, 45.0, 60.0)] == [30.0, 5.0, 0.0]


def test_the_command_defines_lists_and_forgets(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def command(*arguments: str) -> str:
        assert main([*arguments, "--data-dir", str(tmp_path / "data")]) == 0
        return capsys.readouterr().out

    command("--sync", "docs", "--from", str(tmp_path), "--every", "6h", "--exclude", "old/*")
    (listed,) = json.loads(command("--syncs", "--json"))["syncs"]
    assert (listed["location"], listed["every"], listed["exclude"]) == (str(tmp_path), 21_600.0, ["old/*"])
    assert json.loads(command("--history", "docs", "--json")) == {"runs": []}
    command("--sync", "docs", "--forget")
    assert json.loads(command("--syncs", "--json")) == {"syncs": []}
    assert main(["--sync", "docs", "--data-dir", str(tmp_path / "data")]) == 1
    assert "No sync 'docs'" in capsys.readouterr().err
