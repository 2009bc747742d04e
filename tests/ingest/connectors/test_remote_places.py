"""A bucket, a WebDAV folder and a mailbox are kept in step; their logins go nowhere else, and no link leads elsewhere."""

from __future__ import annotations

import base64
import socketserver
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote, urlsplit

import pytest
from fakes import FakeEmbedder, agree, settings_at
from http_server import Quiet, running
from syncing import Run, runner

from errors import FetchError, SettingsError
from ingest.connectors import bucket
from ingest.connectors.base import EVERYTHING, Selection
from ingest.connectors.credentials import login_for
from ingest.connectors.listing import listing_of
from ingest.connectors.registry import read_source
from ingest.workers import Workers
from store.index import Index
from store.syncs import Sync, SyncRun

LOGIN = "ada:s3cret-of-ada"
MAIL = (
    b"From: ada@example.org\r\nTo: bo@example.org\r\nSubject: %s\r\nDate: Mon, 5 Jan 2026 10:00:00 +0000\r\n\r\n%s\r\n"
)


class Dav:
    """A WebDAV server of files by path."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.read: list[str] = []
        self.extra = ""  # further entries in each listing
        self.address = ""

    def listing(self, folder: str) -> str:
        def entry(path: str, fields: str) -> str:
            found = f"<d:propstat><d:prop>{fields}</d:prop></d:propstat>"
            return f"<d:response><d:href>{quote(path)}</d:href>{found}</d:response>"

        below = [path for path in self.files if path.startswith(folder)]
        folders = {
            folder + path.removeprefix(folder).split("/")[0] + "/" for path in below if "/" in path[len(folder) :]
        }
        said = [entry(path, "<d:resourcetype><d:collection/></d:resourcetype>") for path in sorted({folder, *folders})]
        said += [
            entry(path, f'<d:getetag>"{hash(self.files[path])}"</d:getetag>')
            for path in below
            if "/" not in path[len(folder) :]
        ]
        return f'<?xml version="1.0"?><d:multistatus xmlns:d="DAV:">{"".join(said)}{self.extra}</d:multistatus>'


@pytest.fixture(scope="module")
def dav() -> Iterator[Dav]:
    dav = Dav()

    class Handler(Quiet):
        def _send(self, status: int, body: bytes) -> None:
            allowed = self.headers.get("Authorization") == "Basic " + base64.b64encode(LOGIN.encode()).decode()
            self.answer(status if allowed else 401, body if allowed else b"")

        def do_PROPFIND(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self._send(207, dav.listing(unquote(self.path)).encode())

        def do_GET(self) -> None:
            path = unquote(self.path)
            dav.read.append(path)
            self._send(200 if path in dav.files else 404, dav.files.get(path, b""))

    with running(Handler) as port:
        dav.address = f"127.0.0.1:{port}"
        yield dav


class Post:
    """An IMAP server of one mailbox: the commands that a reader needs, and no others."""

    def __init__(self) -> None:
        self.mails: dict[int, bytes] = {}
        self.address = ""

    def answer(self, command: str) -> tuple[list[bytes], str]:
        words = command.split(" ")
        if words[0] == "CAPABILITY":
            return [b"* CAPABILITY IMAP4rev1\r\n"], "OK"
        if words[0] == "LOGIN":
            said = [word.strip('"') for word in words[1:]]
            return [], "OK" if said == LOGIN.split(":") else f"NO no such login {said[1]}"
        if words[0] == "EXAMINE":
            return [b"* OK [UIDVALIDITY 7] ok\r\n"], "OK" if words[1] == '"INBOX"' else "NO no such mailbox"
        if words[:2] == ["UID", "SEARCH"]:
            return [b"* SEARCH " + b" ".join(b"%d" % uid for uid in self.mails) + b"\r\n"], "OK"
        if words[:2] == ["UID", "FETCH"]:
            return [self.fetched(int(uid), command) for uid in words[2].split(",") if int(uid) in self.mails], "OK"
        return [b"* BYE\r\n"] if words[0] == "LOGOUT" else [], "OK" if words[0] == "LOGOUT" else "BAD"

    def fetched(self, uid: int, command: str) -> bytes:
        mail = self.mails[uid]
        if "RFC822.SIZE" in command:
            return b"* 1 FETCH (UID %d RFC822.SIZE %d)\r\n" % (uid, len(mail))
        what, data = b"BODY[]", mail
        if "SUBJECT" in command:
            what = b"BODY[HEADER.FIELDS (SUBJECT)]"
            data = next(line for line in mail.split(b"\r\n") if line.startswith(b"Subject")) + b"\r\n\r\n"
        return b"* 1 FETCH (UID %d %s {%d}\r\n%s)\r\n" % (uid, what, len(data), data)


@pytest.fixture(scope="module")
def post() -> Iterator[Post]:
    post = Post()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"* OK ready\r\n")
            while line := self.rfile.readline():
                tag, _, command = line.decode().strip().partition(" ")
                untagged, status = post.answer(command)
                self.wfile.write(b"".join(untagged) + f"{tag} {status} done\r\n".encode())
                if command == "LOGOUT":
                    return

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with running(Handler, Server) as port:
        post.address = f"127.0.0.1:{port}"
        yield post


@pytest.fixture(scope="module", autouse=True)
def environment() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLACE_PASSWORD", LOGIN)
        for name, value in {"ACCESS_KEY_ID": "testing", "SECRET_ACCESS_KEY": "s3cret-of-bucket"}.items():
            patch.setenv(f"AWS_{name}", value)
        yield


@pytest.fixture(scope="module")
def papers() -> Iterator[dict[str, bytes]]:
    """The objects by key of a bucket on a small server, which lists two at a time to those whose request is signed."""
    objects: dict[str, bytes] = {}

    def listing(asked: dict[str, list[str]]) -> bytes:
        keys = sorted(key for key in objects if key.startswith(asked["prefix"][0]))
        first = int(asked.get("continuation-token", ["0"])[0])
        entries = "".join(
            f"<Contents><Key>{quote(key)}</Key><ETag>&quot;{hash(objects[key])}&quot;</ETag>"
            f"<Size>{len(objects[key])}</Size></Contents>"
            for key in keys[first : first + 2]
        )
        more = f"<NextContinuationToken>{first + 2}</NextContinuationToken>" if len(keys) > first + 2 else ""
        truncated = f"<IsTruncated>{'true' if more else 'false'}</IsTruncated>"
        space = "http://s3.amazonaws.com/doc/2006-03-01/"
        return f'<ListBucketResult xmlns="{space}">{truncated}{entries}{more}</ListBucketResult>'.encode()

    class Handler(Quiet):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            asked = parse_qs(parts.query)
            key = unquote(parts.path).removeprefix("/papers").lstrip("/")
            body = listing(asked) if "list-type" in asked else objects.get(key)
            signed = asked.get("X-Amz-Credential", [""])[0].startswith("testing/") and "X-Amz-Signature" in asked
            self.answer(403 if not signed else 404 if body is None else 200, body or b"")

    with running(Handler) as port, pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{port}")
        bucket._client.cache_clear()
        yield objects
    bucket._client.cache_clear()


@pytest.fixture(scope="module")
def store(
    tmp_path_factory: pytest.TempPathFactory, chroma_url: str, papers: dict[str, bytes]
) -> Iterator[tuple[Index, Workers]]:  # after the servers, for the workers see the environment as it was at their start
    settings = settings_at(
        tmp_path_factory.mktemp("places"),
        chroma_url,
        workers=1,
        allow_hosts=("127.0.0.1",),
        sync_credentials=("127.0.0.1=PLACE_PASSWORD",),
    )
    with Index(settings, FakeEmbedder()) as index, Workers(settings) as workers:  # type: ignore[arg-type]
        yield index, workers


@pytest.fixture
def run(store: tuple[Index, Workers]) -> Run:
    return runner(*store)


def counts(run: SyncRun) -> dict[str, int]:
    names = ("added", "changed", "unchanged", "moved", "removed", "failed")
    return {name: getattr(run, name) for name in names if getattr(run, name)}


def test_a_webdav_folder_is_kept_in_step(run: Run, dav: Dav, store: tuple[Index, Workers]) -> None:
    dav.files = {
        "/files/a.md": b"# Weir\n\nThe weir is old.",
        "/files/hr/pay & co.md": b"# Pay\n\nPay rises.",
        "/files/hr/.hidden.md": b"no",
        "/other/c.md": b"no",
    }
    place = f"webdav+http://{dav.address}/files"
    sync = Sync(name="dav", location=place, groups=("everyone",), readers=(("hr/*", ("hr",)),))
    first = run(sync)
    assert (counts(first), first.error) == ({"added": 2}, "")
    catalog = store[0].catalog
    assert [source.source for source in catalog.sources()] == [f"{place}/a.md", f"{place}/hr/pay & co.md"]
    access = {name: catalog.access(f"{place}/{name}") for name in ("a.md", "hr/pay & co.md")}
    assert [one.readers for one in access.values() if one] == [(), ("hr",)]
    dav.read.clear()
    assert counts(run(sync)) == {"unchanged": 2}
    assert dav.read == []
    dav.files["/files/a.md"] = b"# Weir\n\nThe weir is new."
    dav.files["/files/moved.md"] = dav.files.pop("/files/hr/pay & co.md")
    assert counts(run(sync)) == {"changed": 1, "moved": 1}
    del dav.files["/files/a.md"]
    assert counts(run(sync)) == {"removed": 1, "unchanged": 1}
    assert agree(store[0])


def test_what_a_webdav_server_names_elsewhere_is_not_read(dav: Dav, store: tuple[Index, Workers]) -> None:
    dav.files = {"/files/a.md": b"a"}
    for href in ("http://169.254.169.254/latest/x.md", "/etc/b.md", "/files/../b.md", "/files/deep/er/b.md"):
        dav.extra += f"<d:response><d:href>{href}</d:href></d:response>"
    listed = listing_of(f"webdav+http://{dav.address}/files", EVERYTHING, store[0].settings)
    dav.extra = ""
    assert [item.source for item in listed.items] == [f"webdav+http://{dav.address}/files/a.md"]


def test_a_mailbox_is_kept_in_step(run: Run, post: Post, store: tuple[Index, Workers]) -> None:
    post.mails = {3: MAIL % (b"Weir", b"The weir leaks."), 9: MAIL % (b"Lunch", b"Soup at noon.")}
    place = f"imap://{post.address}/INBOX"
    sync = Sync(name="post", location=place, exclude=("Lunch*",))
    first = run(sync)
    assert (counts(first), first.error) == ({"added": 1}, "")
    mail = store[0].catalog.source(f"{place};UIDVALIDITY=7/;UID=3")
    assert mail is not None and (mail.kind, mail.title) == ("mail", "Weir")
    post.mails[12] = MAIL % (b"Gate", b"The gate is shut.")
    assert counts(run(sync)) == {"added": 1, "unchanged": 1}
    del post.mails[3]
    assert counts(run(sync)) == {"removed": 1, "unchanged": 1}


def test_a_wrong_login_is_not_shown(post: Post, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTHER_PASSWORD", "ada:wr0ng-word")
    settings = settings_at(tmp_path, allow_hosts=("127.0.0.1",), sync_credentials=("127.0.0.1=OTHER_PASSWORD",))
    with pytest.raises(FetchError, match="no such login") as raised:
        listing_of(f"imap://{post.address}/INBOX", EVERYTHING, settings)
    assert "wr0ng" not in str(raised.value)


@pytest.mark.parametrize("place", ["webdav+http://{}/files", "imap://{}/INBOX"])
def test_a_private_host_is_not_reached_unless_it_is_allowed(place: str, post: Post, tmp_path: Path) -> None:
    settings = settings_at(tmp_path, sync_credentials=("elsewhere=PLACE_PASSWORD",))
    with pytest.raises(FetchError, match=r"not on the public internet|needs a login"):
        listing_of(place.format(post.address), EVERYTHING, settings)
    there = settings_at(tmp_path, sync_credentials=("127.0.0.1=PLACE_PASSWORD",))
    with pytest.raises(FetchError, match="sent encrypted alone"):
        listing_of(place.format(post.address), EVERYTHING, there)
    encrypted = place.replace("webdav+http", "webdav").replace("imap:", "imaps:")
    with pytest.raises(FetchError, match="not on the public internet"):
        listing_of(encrypted.format(post.address), EVERYTHING, there)


def test_a_login_goes_to_its_own_host_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_at(tmp_path, sync_credentials=("cloud.example=PLACE_PASSWORD", "bad.example=PLACE"))
    assert login_for("cloud.example", settings, encrypted=True) == ("ada", "s3cret-of-ada")
    assert login_for("cloud.example:8443", settings, encrypted=True) == ("ada", "s3cret-of-ada")
    assert login_for("cloud.example.evil", settings, encrypted=True) is None
    monkeypatch.setenv("PLACE", LOGIN)  # a name that would not be kept out of logs
    with pytest.raises(SettingsError, match=r"'PLACE' for bad\.example"):
        login_for("bad.example", settings, encrypted=True)


@pytest.mark.filterwarnings("ignore")  # boto3 meets deprecations of its own libraries
def test_a_bucket_is_kept_in_step(
    run: Run, papers: dict[str, bytes], store: tuple[Index, Workers], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("boto3", reason="pip install boto3==1.40.0")
    papers["docs/a & b.md"] = b"# Weir\n\nThe weir is old."
    papers["docs/hr/pay.md"] = b"# Pay\n\nPay rises."
    papers["docs/drafts/x.md"] = b"no"
    papers["elsewhere.md"] = b"no"
    sync = Sync(name="s3", location="s3://papers/docs/", exclude=("drafts/*",), readers=(("hr/*", ("hr",)),))
    first = run(sync)
    assert (counts(first), first.error, first.failures) == ({"added": 2}, "", ())
    access = store[0].catalog.access("s3://papers/docs/hr/pay.md")
    assert access is not None and access.readers == ("hr",)
    assert counts(run(sync)) == {"unchanged": 2}
    papers["docs/a & b.md"] = b"# Weir\n\nThe weir is new."
    papers["docs/pay.md"] = b"# Pay\n\nPay rises."
    del papers["docs/hr/pay.md"]
    assert counts(run(sync)) == {"changed": 1, "moved": 1}
    del papers["docs/pay.md"]
    assert counts(run(sync)) == {"removed": 1, "unchanged": 1}
    with pytest.raises(FetchError, match="404 Not Found") as raised:
        read_source("s3://papers/none.md", store[0].settings)
    assert "Signature" not in str(raised.value) and raised.value.__cause__ is None
    with pytest.raises(FetchError, match="names no bucket"):
        read_source("s3://arn:aws:s3:us-east-1:1:accesspoint/x", store[0].settings)
    monkeypatch.setattr(bucket, "MAX_ITEMS", 0)
    with pytest.raises(FetchError, match="more than 0 objects"):
        listing_of("s3://papers/docs/", Selection(), store[0].settings)


@pytest.mark.filterwarnings("ignore")
def test_a_bucket_on_a_private_host_needs_to_be_allowed(papers: dict[str, bytes], tmp_path: Path) -> None:
    pytest.importorskip("boto3", reason="pip install boto3==1.40.0")
    with pytest.raises(FetchError, match="not on the public internet"):
        listing_of("s3://papers/docs/", EVERYTHING, settings_at(tmp_path))
