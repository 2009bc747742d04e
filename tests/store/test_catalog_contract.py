"""What every catalog keeps, and what lies beside it: in a SQLite file, and in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest
from fakes import chunk, fingerprint

from app.security.sessions import Sessions
from errors import SettingsError, StoreError
from records import OPERATOR, Access, Loss, Principal, Source, Turn
from store.auth.tokens import Tokens
from store.auth.users import Users
from store.catalog import SWITCHED, Catalog
from store.conversations import Conversations
from store.database.postgres import place_of, translated
from store.documents import Documents
from store.maintenance import catalog_copy
from store.maintenance.recount import counts, recount
from store.removed import set_aside
from store.said import Said
from store.signatures import Signatures
from store.syncs import Sync, SyncRun, Syncs
from store.untold_languages import set_languages, without_language
from store.waiting import cancel, expect, expected

SOURCE = Source(
    source="a.md", kind="markdown", title="A", pages=0, chunks=2, when="2026-01-01T00:00:00+00:00", content_hash="h",
    losses=(Loss("x", "y"),),
)  # fmt: skip


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> str:
    """The address that tells where the tables lie; "" is a file."""
    return "" if request.param == "sqlite" else str(request.getfixturevalue("catalog_url"))


@pytest.fixture
def catalog(tmp_path: Path, url: str) -> Iterator[Catalog]:
    catalog = Catalog(tmp_path / "catalog.sqlite", url)
    yield catalog
    catalog.close()


def put(catalog: Catalog, name: str, *texts: str, assets: tuple[str, ...] = (), **fields: object) -> None:
    chunks = [chunk(text, source=name, ordinal=n, **fields) for n, text in enumerate(texts)]
    catalog.replace_source(replace(SOURCE, source=name), chunks, fingerprint("h", "5/6", "p/m"), assets, {"text": "m"})


def test_a_source_is_replaced_whole_and_seen_by_others(catalog: Catalog, tmp_path: Path, url: str) -> None:
    later, earlier = chunk("later 100%?", ordinal=1), chunk("earlier", ordinal=0)
    catalog.replace_source(SOURCE, [later, earlier], fingerprint("h", "5/6", "p"), ["b.png", "a.png", "b.png"], {})
    other = Catalog(tmp_path / "catalog.sqlite", url)
    assert other.meta("index") == catalog.meta("index")
    assert other.sources() == [SOURCE]
    assert other.source("a.md") == SOURCE
    assert other.chunks_of("a.md") == [earlier, later]
    assert other.chunks([later.id, "unknown"]) == {later.id: later}
    assert other.assets() == other.assets_of("a.md") == {"a.png", "b.png"}
    catalog.touch("a.md", "7/8")
    assert other.fingerprint("a.md") == fingerprint("h", "7/8", "p")
    catalog.replace_source(SOURCE, [later], fingerprint(), [], {})
    assert other.chunk_ids("a.md") == [later.id]
    catalog.remove_source("a.md")
    assert (other.sources(), other.chunks([later.id]), other.knows("a.md")) == ([], {}, False)
    other.close()


def test_the_stamp_tells_of_every_change(catalog: Catalog, tmp_path: Path, url: str) -> None:
    other = Catalog(tmp_path / "catalog.sqlite", url)
    for change in (
        lambda: put(catalog, "a.md", "one"),
        lambda: catalog.set_access("a.md", Access(("finance",))),
        lambda: catalog.set_name("a.md", "An"),
        lambda: catalog.remove_source("a.md"),
    ):
        before = (catalog.stamp(), other.stamp())
        assert before == (catalog.stamp(), other.stamp())
        change()
        after = (catalog.stamp(), other.stamp())
        assert before[0] != after[0]
        assert before[1] != after[1]
    other.close()


def test_names_are_in_the_order_of_code_points(catalog: Catalog) -> None:
    for name in ("b.md", "a.md", "B.md", "Ä.md", "_.md", "a-1.md"):
        put(catalog, name, f"text of {name}")
    names = [source.source for source in catalog.sources()]
    assert names == sorted(names)
    assert [source for source, _ in Documents(catalog).titles(OPERATOR)] == names


def test_what_fails_changes_nothing(catalog: Catalog) -> None:
    put(catalog, "a.md", "kept")
    twice = [chunk("new"), chunk("also new", id="new")]
    with pytest.raises(StoreError, match="could not be written"):
        catalog.replace_source(replace(SOURCE, title="B"), twice, fingerprint(), [], {})
    assert [source.title for source in catalog.sources()] == ["A"]
    assert catalog.chunk_ids("a.md") == ["kept"]
    catalog.begin(["still", "writable"])
    catalog.begin(["still"])
    assert sorted(catalog.journal()) == ["still", "writable"]
    catalog.finish()
    assert catalog.journal() == []


def test_readers_are_asked_for_at_the_moment_of_reading(catalog: Catalog) -> None:
    put(catalog, "open.md", "open")
    put(catalog, "closed.md", "closed")
    documents = Documents(catalog)
    anna, bob = Principal(name="anna", groups=frozenset({"finance"})), Principal(name="bob")
    assert catalog.set_access("closed.md", Access(("finance", "user:eve"), "eve"))
    assert not catalog.set_access("unknown.md", Access(("finance",)))
    assert [one.source for one in documents.sources(anna)] == ["closed.md", "open.md"]
    assert [one.source for one in documents.sources(bob)] == ["open.md"]
    assert documents.hidden(bob) == {"closed.md"}
    assert documents.chunk("closed", bob) is None
    assert documents.source("closed.md", anna).access == Access(("finance", "user:eve"), "eve")  # type: ignore[union-attr]
    catalog.set_access("closed.md", Access())
    assert documents.hidden(bob) == frozenset()


def test_who_waits_waits_in_order_and_keeps_what_was_said(catalog: Catalog) -> None:
    expect(catalog, ["z.md", "a.md"], "job1", {"z.md": Access(("finance",), "eve")})
    expect(catalog, ["m.md", "z.md"], "job2", {})
    assert list(expected(catalog).items()) == [("z.md", "job2"), ("a.md", "job1"), ("m.md", "job2")]
    assert catalog.access("z.md") == Access(("finance",), "eve")
    put(catalog, "z.md", "text")
    assert catalog.source("z.md").access == Access(("finance",), "eve")  # type: ignore[union-attr]
    cancel(catalog, ["a.md"])
    assert list(expected(catalog)) == ["m.md"]


def test_keys_names_and_counts(catalog: Catalog) -> None:
    put(catalog, "a.md", "one", "two")
    put(catalog, "b.md", "three")
    catalog.set_keys("a.md", {"text": "m2", "pictures": "p"})
    assert catalog.keys() == {("a.md", "text"): "m2", ("a.md", "pictures"): "p", ("b.md", "text"): "m"}
    assert catalog.keys(["b.md"]) == {("b.md", "text"): "m"}
    assert catalog.keys_of("text") == {"m", "m2"}
    assert [catalog.has_key("text", key) for key in ("m", "m2", "m3")] == [True, True, False]
    catalog.switch_keys({"text": "m3"}, ["b.md"])
    assert catalog.keys_of("text") == {"m3"}
    assert (catalog.meta(SWITCHED), sorted(catalog.journal())) == ("1", ["one", "three", "two"])
    assert catalog.fingerprint("b.md") == fingerprint("h", "5/6", "p/m3")
    assert catalog.set_name("a.md", "Named")
    assert Documents(catalog).titles(OPERATOR) == [("a.md", "Named"), ("b.md", "A")]
    assert catalog.source("a.md").name == "Named"  # type: ignore[union-attr]
    assert sorted(counts(catalog)) == [("a.md", 2, 2), ("b.md", 1, 1)]
    assert sorted(catalog.kinds()) == [("one", "a.md", "text"), ("three", "b.md", "text"), ("two", "a.md", "text")]
    recount(catalog, ["b.md"])
    assert {name: should for name, should, _ in counts(catalog)}["b.md"] == 1
    catalog.invalidate(["a.md"])
    assert catalog.fingerprint("a.md").stamp == ""  # type: ignore[union-attr]
    assert set(expected(catalog)) == {"a.md", "b.md"}
    set_languages(catalog, {"one": "de"})
    assert catalog.chunks(["one"])["one"].language == "de"
    assert without_language(catalog, "", 10) == []
    assert catalog.faults() == []


def test_pictures_and_what_is_attached(catalog: Catalog) -> None:
    asset = "a" * 40 + ".png"
    put(catalog, "mail.eml", "a figure", assets=(asset,), picture=asset, kind="image")
    put(catalog, "attachment://mail.eml/b_%.txt", "attached")
    signatures = Signatures(catalog)
    signatures.put("r1", {asset: b"\x00\x01", "b" * 40: b"of nobody"})
    signatures.put("r1", {asset: b"\x02"})
    assert signatures.of("r1", [asset, "b" * 40]) == {asset: b"\x02"}
    assert signatures.assets() == signatures.assets("r1") == {asset}
    assert signatures.assets("r2") == set()
    assert signatures.pictures(None, OPERATOR) == {asset: ["a figure"]}
    assert catalog.attached_to("mail.eml") == ["attachment://mail.eml/b_%.txt"]
    catalog.set_access("mail.eml", Access(("finance",)))
    assert Documents(catalog).sources(Principal(name="bob")) == []
    signatures.remove([asset])
    assert signatures.assets() == set()


def test_what_is_removed_is_kept_aside(catalog: Catalog) -> None:
    put(catalog, "a.md", "one", assets=("x.png",))
    set_aside(catalog, "a.md", {"m": {"one": [0.5, 1.0]}}, 1000.5)
    assert (catalog.sources(), catalog.is_removed("a.md"), catalog.assets()) == ([], True, {"x.png"})
    ((when, vector),) = catalog.rows(
        "SELECT whenever, vector FROM removed JOIN removed_vectors ON removed.source = removed_vectors.source"
    )
    assert (when, vector) == (1000.5, b"\x00\x00\x00\x3f\x00\x00\x80\x3f")


def test_a_copy_is_a_file_and_comes_back(catalog: Catalog, tmp_path: Path) -> None:
    put(catalog, "a.md", "one", "two", assets=("x.png",))
    catalog.set_access("a.md", Access(("finance",), "eve"))
    catalog.set_name("a.md", "Named")
    catalog_copy.save(catalog, tmp_path / "copy.sqlite")
    copy = Catalog(tmp_path / "copy.sqlite")
    assert (copy.sources(), copy.chunks_of("a.md")) == (catalog.sources(), catalog.chunks_of("a.md"))
    catalog.remove_source("a.md")
    catalog_copy.adopt(catalog, copy)
    assert (copy.sources(), copy.keys()) == (catalog.sources(), catalog.keys())
    copy.close()


def test_writers_in_threads_lose_nothing(catalog: Catalog, tmp_path: Path, url: str) -> None:
    other = Catalog(tmp_path / "catalog.sqlite", url)
    put(catalog, "a.md", "one")

    def add(one: Catalog, start: int) -> None:
        for n in range(start, start + 10):
            one.add_asset("a.md", f"{n:02}.png")  # reads, adds, writes: lost where two do it at once

    threads = [Thread(target=add, args=(one, 10 * n)) for n, one in enumerate((catalog, other, catalog, other))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(catalog.assets_of("a.md")) == 40
    other.close()


def test_a_later_version_is_refused(catalog: Catalog, tmp_path: Path, url: str) -> None:
    catalog.set_meta("schema", "999")
    with pytest.raises(StoreError, match="schema 999"):
        Catalog(tmp_path / "catalog.sqlite", url)


def test_tokens_and_sessions_are_shared(tmp_path: Path, url: str) -> None:
    users = Users(tmp_path / "users.json")
    user = users.put("ada", "a long pass phrase", ["finance"])
    one, other = (Tokens(tmp_path, users, lambda: 1000.0, url) for _ in range(2))
    text, token = one.create("ada", "for a script")
    assert other.user(text) == user
    assert other.user(f"{text}x") is None
    assert [kept.used for kept in one.all()] == [1000.0]
    other.revoke(token.id)
    assert (one.user(text), one.all()) == (None, [])
    here, there = (Sessions(tmp_path, users, 60, lambda: 1000.0, url) for _ in range(2))
    session = here.begin(user)
    assert there.user(session) == user
    there.end(session)
    assert here.user(session) is None


def test_conversations_are_shared(catalog: Catalog, tmp_path: Path, url: str) -> None:
    one, other = Conversations(tmp_path, url), Conversations(tmp_path, url)
    id_ = one.begin("user:ada", "Weirs")
    assert other.keep("user:ada", id_, 0, Said(turn=Turn(question="How high is the weir?", answer="4 m")))
    assert not other.keep("user:bob", id_, 0, Said(turn=Turn(question="q", answer="a")))
    assert [(found.name, found.questions) for found in one.all("user:ada", "HIGH weir")] == [("Weirs", 1)]
    opened = one.open("user:ada", id_, Documents(catalog), OPERATOR)
    assert [said.turn.answer for said in opened.said] == ["4 m"]  # type: ignore[union-attr]
    assert one.delete("user:ada", id_)
    assert other.all("user:ada") == []


def test_syncs_are_shared(tmp_path: Path, url: str) -> None:
    one, other = Syncs(tmp_path, url), Syncs(tmp_path, url)
    one.define(Sync(name="s", location="/x", include=("*.md",)))
    one.define(Sync(name="s", location="/y", include=("*.md",)))
    other.add_items("s", ["a", "b", "a"])
    other.add_items("t", ["a"])
    one.drop_items("s", ["b"])
    assert (one.items("s"), one.shared("s"), [state.sync.location for state in other.all()]) == ({"a"}, {"a"}, ["/y"])
    for n in range(3):
        other.note(SyncRun(sync="s", began=f"2026-01-0{n + 1}"), failures=n, due=5.0)
    assert [run.began[-1] for run in one.history("s", 2)] == ["3", "2"]
    assert one.state("s").failures == 2  # type: ignore[union-attr]
    assert one.forget("s")
    assert other.all() == []


def test_queries_are_translated() -> None:
    assert translated("SELECT a FROM t WHERE b LIKE 'x%' AND c = ? LIMIT -1 OFFSET ?") == (
        "SELECT a FROM t WHERE b LIKE 'x%%' AND c = %s LIMIT ALL OFFSET %s"
    )
    assert translated("CREATE TABLE t (a TEXT PRIMARY KEY, b REAL, c BLOB, d INTEGER)") == (
        'CREATE TABLE t (a TEXT COLLATE "C" PRIMARY KEY, b DOUBLE PRECISION, c BYTEA, d BIGINT, '
        "rowid BIGINT GENERATED ALWAYS AS IDENTITY)"
    )


def test_a_server_that_is_not_there_is_named_without_the_password(tmp_path: Path) -> None:
    pytest.importorskip("psycopg", reason="PostgreSQL is spoken to by psycopg, which is optional")
    url = "postgresql://ada:opensesame@127.0.0.1:1/books"
    with pytest.raises(StoreError, match="CATALOG_URL cannot be reached") as raised:
        Catalog(tmp_path / "catalog.sqlite", url)
    assert "opensesame" not in str(raised.value)
    assert place_of(url) == "'books' at 127.0.0.1"
    with pytest.raises(SettingsError, match="CATALOG_URL is not the address"):
        Catalog(tmp_path / "catalog.sqlite", "nonsense://opensesame")


def test_a_connection_that_was_cut_is_made_anew(tmp_path: Path, catalog_url: str) -> None:
    import psycopg

    catalog = Catalog(tmp_path / "catalog.sqlite", catalog_url)
    put(catalog, "a.md", "one")
    with psycopg.connect(catalog_url, autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
                           "AND application_name = 'document-assistant'")  # fmt: skip
        for _ in range(100):
            left = connection.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'document-assistant'"
            )
            if left.fetchone() == (0,):
                break
    assert catalog.chunk_ids("a.md") == ["one"]
    catalog.close()
