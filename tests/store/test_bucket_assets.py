"""Assets in a bucket, on a small server: two machines, each with copies of its own."""

from __future__ import annotations

import hashlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest
from fakes import FakeEmbedder, chunk, document, fingerprint, settings_at
from http_server import Quiet, running

from config import Settings
from errors import SettingsError, StoreError
from records import Cell, Table
from store import bucket_assets
from store.assets import Assets
from store.bucket_assets import BucketAssets, open_assets
from store.index import Index
from store.maintenance import doctor
from store.uploads import DRAFT_SECONDS

Machine = Callable[[str], Settings]
SECRET = "s3cret-of-bucket"


class Bucket(Quiet):
    """What S3 does with objects by key, of the bucket "papers" and for requests that are signed."""

    objects: ClassVar[dict[str, bytes]] = {}

    def do_PUT(self) -> None:
        if key := self._key():
            self.objects[key] = self.rfile.read(int(self.headers["Content-Length"]))
            self.answer(200)

    def do_HEAD(self) -> None:
        self.answer(200 if self._key() in self.objects else 404)

    def do_DELETE(self) -> None:
        self.objects.pop(self._key(), None)
        self.answer(204)

    def do_GET(self) -> None:
        key, asked = self._key(), parse_qs(urlsplit(self.path).query)
        if "list-type" not in asked:
            missing = b"<Error><Code>NoSuchKey</Code></Error>"
            self.answer(200 if key in self.objects else 404, self.objects.get(key, missing))
            return
        keys = sorted(key for key in self.objects if key.startswith(asked["prefix"][0]))
        first = int(asked.get("continuation-token", ["0"])[0])
        entries = "".join(f"<Contents><Key>{key}</Key></Contents>" for key in keys[first : first + 2])
        more = f"<NextContinuationToken>{first + 2}</NextContinuationToken>" if len(keys) > first + 2 else ""
        entries += f"<IsTruncated>{'true' if more else 'false'}</IsTruncated>{more}"
        space = "http://s3.amazonaws.com/doc/2006-03-01/"
        self.answer(200, f'<ListBucketResult xmlns="{space}">{entries}</ListBucketResult>'.encode())

    def _key(self) -> str:
        """The key; "" where it answers that there is no such bucket."""
        assert "Credential=testing/" in self.headers["Authorization"]
        bucket, _, key = urlsplit(self.path).path[1:].partition("/")
        if bucket == "papers":
            return key
        self.answer(404, b"<Error><Code>NoSuchBucket</Code></Error>")
        return ""


@pytest.fixture(scope="module")
def s3() -> Iterator[dict[str, bytes]]:
    """The objects of a server that the environment names."""
    pytest.importorskip("boto3", reason="pip install boto3==1.40.0")
    with running(Bucket) as port, pytest.MonkeyPatch.context() as patch:
        for name, value in {"ACCESS_KEY_ID": "testing", "SECRET_ACCESS_KEY": SECRET, "REGION": "us-east-1"}.items():
            patch.setenv(f"AWS_{name}", value)
        patch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{port}")
        bucket_assets._client.cache_clear()
        yield Bucket.objects
        bucket_assets._client().close()
    bucket_assets._client.cache_clear()


@pytest.fixture
def machine(tmp_path: Path, chroma_url: str, s3: dict[str, bytes]) -> Machine:
    """The settings of the machine of a name; all share one prefix."""
    shared = f"s3://papers/{tmp_path.name}"
    return lambda name: replace(settings_at(tmp_path / name, chroma_url), shared_dir=shared)


def test_what_one_machine_puts_another_reads(machine: Machine, s3: dict[str, bytes], tmp_path: Path) -> None:
    one, other = open_assets(machine("one")), open_assets(machine("other"))
    name = one.put(b"pixels", ".PNG")
    assert name == one.put(b"pixels", ".png") == hashlib.sha256(b"pixels").hexdigest()[:40] + ".png"
    key = f"{tmp_path.name}/assets/{name[:2]}/{name}"
    assert s3[key] == b"pixels"
    assert other.missing([name, "0" * 40]) == {"0" * 40}
    assert (other.read(name), other.path(name).read_bytes(), list(other.names())) == (b"pixels", b"pixels", [name])
    table = Table(cells=(Cell(row=0, col=0, text="a"),), n_rows=1, n_cols=1, header_rows=0)
    assert other.read_table(one.put_table(table)) == table
    assert one.damaged(list(one.names())) == set()
    s3[key] = b"rot"
    assert one.damaged(list(one.names())) == {name}


def test_a_removed_asset_is_gone_and_a_path_leads_nowhere(machine: Machine) -> None:
    one, other = open_assets(machine("one")), open_assets(machine("other"))
    name = one.put(b"pixels", ".png")
    other.remove(name)
    other.remove(name)
    assert (list(one.names()), one.missing([name])) == ([], {name})
    assert not other.path(name).exists()
    with pytest.raises(StoreError, match=f"{name} is missing from s3://papers/"):
        other.read(name)
    for action in (other.path, other.read, other.remove):
        with pytest.raises(StoreError, match="not the name of an asset"):
            action("../../etc/passwd")


def test_more_names_than_a_list_holds_are_all_found(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    assets = open_assets(machine("one"))
    names = {assets.put(b"%d" % n) for n in range(3)}
    monkeypatch.setattr(bucket_assets, "KEYS", 2)  # as if these were too many to ask for each
    assert assets.missing({*names, "0" * 40}) == {"0" * 40}


def test_copies_are_bounded_and_those_in_use_are_spared(machine: Machine) -> None:
    assets = open_assets(machine("one"))
    assert isinstance(assets, BucketAssets)
    names = [assets.put(bytes([n]) * 100) for n in range(4)]
    for age, name in zip((50, 40, 30, 0), names, strict=True):
        os.utime(assets.path(name), (time.time() - age, time.time() - age))
    there = [Assets(assets.folder).path(name) for name in names]
    assets.sweep_copies(limit=250, spared=20)
    assert [path.exists() for path in there] == [False, False, True, True]  # 200 bytes
    assets.sweep_copies(limit=0, spared=20)
    assert [path.exists() for path in there] == [False, False, False, True]
    assert assets.read(names[0]) == bytes([0]) * 100 and there[0].exists()
    draft = there[0].with_name(".draft-x")
    draft.write_bytes(b"")
    assert assets.drafts() == []  # a reader's
    os.utime(draft, (0, 0))
    assert assets.drafts() == [draft]


def test_an_index_keeps_its_assets_there(machine: Machine, s3: dict[str, bytes]) -> None:
    with Index(machine("one"), FakeEmbedder()) as index:
        name = index.assets.put(b"%PDF-1.4", ".pdf")
        chunks = [chunk("the weir")]
        index.put(document("a.md", original=name), chunks, fingerprint(), "2026-01-01T00:00:00+00:00")
        assert doctor.check(index).faults == ()
        assert (index.settings.data_dir / "assets").exists() is False
        del s3[next(key for key in s3 if key.endswith(name))]
        assert [fault.kind for fault in doctor.check(index).faults] == ["missing assets"]
        assert index.remove("a.md") and list(index.assets.names()) == []


def test_an_upload_whose_source_was_removed_elsewhere_does_not_come_back(machine: Machine) -> None:
    with Index(machine("one"), FakeEmbedder()) as index:
        files = [index.uploads / "0123" / name for name in ("known.md", "gone.md", "new.md")]
        for file in files:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("the weir")
        index.put(document(str(files[0])), [chunk("w", source=str(files[0]))], fingerprint(), "2026-01-01T00:00:00")
        assert index.jobs.left() == []
        index.recovery.repair_if_idle()
        assert [file.exists() for file in files] == [True, True, True]  # a job may be about to begin
        with pytest.MonkeyPatch.context() as patch:
            now = time.time()
            patch.setattr("store.uploads.time.time", lambda: now + 2 * DRAFT_SECONDS)
            index.jobs.begin([str(files[2])])
            index.recovery._parts.job_files.forget([])
            assert [path.name for path in index.recovery._stray_uploads()] == ["gone.md"]


def test_what_is_wrong_is_said_without_the_keys(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = replace(machine("one"), shared_dir="s3://nowhere/at/all")
    with pytest.raises(
        StoreError, match=r"cannot be written to s3://nowhere/at/all/assets/ \(NoSuchBucket\)"
    ) as raised:
        open_assets(nowhere).put(b"x")
    assert SECRET not in str(raised.value) and raised.value.__cause__ is None
    for address in ("s3://", "s3://arn:aws:s3", "s3://papers/../x y"):
        with pytest.raises(SettingsError, match="names no bucket"):
            open_assets(replace(nowhere, shared_dir=address))
    bucket_assets._client.cache_clear()
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(StoreError, match=r"pip install boto3==1.40.0 -c constraints.txt"):
        open_assets(nowhere)
    bucket_assets._client.cache_clear()
