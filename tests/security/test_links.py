"""Links lead to the public internet and to hosts that were allowed by name; nothing else gets as much as a packet.

The resolver is the test's own. Connections are made to a server on loopback alone: what would leave this machine is
noted and, where it is allowed, answered by that server.
"""

from __future__ import annotations

import gzip
import socket
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from http_server import Quiet, running

from config import Settings
from errors import FetchError, SettingsError
from ingest.connectors.download import HttpHop
from ingest.connectors.guard import Guard, is_public
from ingest.connectors.registry import read_source
from ingest.connectors.robots import RobotsHop
from ingest.connectors.web import Web
from ingest.parsers.markdown import parse_markdown
from records import Document, Raw
from store.assets import Assets

SETTINGS = Settings(max_source_bytes=10_000, fetch_timeout=5.0, max_redirects=3)
PUBLIC = "93.184.216.34"

# host as written in a link -> what a name server or the system's own reading makes of it
REFUSED = {
    # this machine
    "127.0.0.1": "127.0.0.1",
    "127.8.9.10": "127.8.9.10",
    "127.1": "127.0.0.1",
    "2130706433": "127.0.0.1",
    "0x7f000001": "127.0.0.1",
    "0x7f.0.0.1": "127.0.0.1",
    "0177.0.0.1": "127.0.0.1",
    "017700000001": "127.0.0.1",
    "0": "0.0.0.0",
    "0.0.0.0": "0.0.0.0",
    "[::1]": "::1",
    "[::]": "::",
    "[::ffff:127.0.0.1]": "::ffff:127.0.0.1",
    "[::ffff:7f00:1]": "::ffff:127.0.0.1",
    "[::127.0.0.1]": "::127.0.0.1",
    "[64:ff9b::7f00:1]": "64:ff9b::7f00:1",
    "[2002:7f00:1::]": "2002:7f00:1::",
    "localhost": "127.0.0.1",
    "localhost.": "127.0.0.1",
    "LOCALHOST": "127.0.0.1",
    "127.0.0.1.nip.example": "127.0.0.1",
    "public.example@127.0.0.1": "127.0.0.1",
    "public.example%40127.0.0.1": "127.0.0.1",
    # private networks
    "10.0.0.7": "10.0.0.7",
    "172.16.3.4": "172.16.3.4",
    "192.168.1.1": "192.168.1.1",
    "3232235777": "192.168.1.1",
    "100.64.0.9": "100.64.0.9",
    "[fd12:3456::1]": "fd12:3456::1",
    "[fec0::1]": "fec0::1",
    "[::ffff:10.0.0.7]": "::ffff:10.0.0.7",
    "intranet.example": "10.20.30.40",
    # link-local, and where clouds keep a machine's keys
    "169.254.169.254": "169.254.169.254",
    "2852039166": "169.254.169.254",
    "0xa9fea9fe": "169.254.169.254",
    "[::ffff:a9fe:a9fe]": "::ffff:169.254.169.254",
    "[fe80::1]": "fe80::1",
    "[fd00:ec2::254]": "fd00:ec2::254",
    "100.100.100.200": "100.100.100.200",
    "192.0.0.192": "192.0.0.192",
    "168.63.129.16": "168.63.129.16",
    "metadata.google.internal": "169.254.169.254",
    # multicast, broadcast, reserved, documentation
    "224.0.0.1": "224.0.0.1",
    "239.255.255.250": "239.255.255.250",
    "[ff02::1]": "ff02::1",
    "255.255.255.255": "255.255.255.255",
    "240.0.0.1": "240.0.0.1",
    "[2001:db8::1]": "2001:db8::1",
}


@dataclass
class Network:
    """A name server with the test's own entries, and the cable: notes who is connected to."""

    server: int  # the port on which the test's server stands for the whole internet
    names: dict[str, list[list[str]]] = field(default_factory=dict)  # name: answers, one after the other
    asked: list[str] = field(default_factory=list)
    connected: list[str] = field(default_factory=list)

    def resolve(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        if host not in self.names:
            raise socket.gaierror(f"{host} is not known")
        answers = self.names[host]
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def connect(self, address: tuple[str, int], timeout: float | None = None, **_: object) -> socket.socket:
        self.connected.append(address[0])
        wire = socket.socket()
        wire.settimeout(timeout)
        wire.connect(("127.0.0.1", self.server))
        return wire

    def hop(self, *allowed: str) -> RobotsHop:
        return RobotsHop(HttpHop(Guard.of(allowed, self.resolve)))


class Handler(Quiet):
    seen: list[str]  # every path that was asked for, but robots.txt

    def do_GET(self) -> None:
        if self.path == "/robots.txt":
            host = self.headers["Host"].partition(":")[0]
            rules = {"closed.example": b"User-agent: *\nDisallow: /private\nAllow: /private/but\n"}.get(host)
            if host == "broken.example":
                self.answer(503, b"")
            else:
                self.answer(200 if rules else 404, rules or b"")
            return
        type(self).seen.append(self.path)
        if self.path.startswith("/to/"):
            self.answer(302, b"", Location=self.path.removeprefix("/to/"))
        elif self.path == "/loop":
            self.answer(302, b"", Location="/loop")
        elif self.path == "/bomb":
            self.answer(200, gzip.compress(bytes(5_000_000)), Content_Encoding="gzip")
        elif self.path == "/layers":
            self.answer(200, gzip.compress(gzip.compress(bytes(5_000_000))), Content_Encoding="gzip, gzip")
        elif self.path == "/drip":
            self.wfile.write(b"HTTP/1.1 200 OK\r\n")
            for n in range(40):  # a head that never ends
                self.wfile.write(b"X-%d: y\r\n" % n)
                time.sleep(0.05)
        else:
            self.answer(200, zlib.compress(b"words"), Content_Type="text/plain", Content_Encoding="deflate")


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with running(Handler) as port:
        yield port


@pytest.fixture
def network(port: int, monkeypatch: pytest.MonkeyPatch) -> Network:
    network = Network(port, {"public.example": [[PUBLIC]]})
    Handler.seen = []
    monkeypatch.setattr(socket, "create_connection", network.connect)
    return network


def host_of(written: str) -> str:
    return written.rpartition("@")[2].replace("%40", "@").strip("[]").lower()


def test_there_are_vectors_enough() -> None:
    assert len(REFUSED) >= 30


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("written", REFUSED)
def test_no_packet_to_an_address_that_is_not_public(network: Network, written: str, scheme: str) -> None:
    network.names[host_of(written)] = [[REFUSED[written]]]
    with pytest.raises(FetchError, match=r"not on the public internet|cannot be reached") as caught:
        Web(network.hop()).read(f"{scheme}://{written}/secret", settings=SETTINGS)
    assert str(caught.value).startswith(f"{scheme}://{written}/")
    assert network.connected == []


@pytest.mark.parametrize("written", REFUSED)
def test_nor_by_a_redirect(network: Network, written: str) -> None:
    network.names[host_of(written)] = [[REFUSED[written]]]
    with pytest.raises(FetchError):
        Web(network.hop()).read(f"http://public.example/to/http://{written}/secret", settings=SETTINGS)
    assert set(network.connected) == {PUBLIC}
    assert "/secret" not in Handler.seen


@pytest.mark.parametrize("written", [host for host in REFUSED if "%" not in host and "@" not in host])
def test_the_system_reads_these_spellings_so(written: str) -> None:
    """What the table says of numbers is what connecting to them would mean here."""
    try:
        found = socket.getaddrinfo(written.strip("[]"), 80, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except socket.gaierror:
        assert any(letter.isalpha() for letter in written)  # a name
        return
    assert {entry[4][0] for entry in found} == {REFUSED[written]}


def test_a_public_address_is_read(network: Network) -> None:
    raw = Web(network.hop()).read("http://public.example/page", settings=SETTINGS)
    assert (raw.data, raw.media_type) == (b"words", "text/plain")
    assert set(network.connected) == {PUBLIC}
    for address in (PUBLIC, "8.8.8.8", "2606:4700::1111", "2001:4860:4860::8888", "::ffff:8.8.8.8", "64:ff9b::808:808"):
        assert is_public(address)


def test_the_address_that_was_checked_is_the_one_connected_to(network: Network) -> None:
    """A name that means something else every time it is asked for: asked once for each connection."""
    network.names["rebinding.example"] = [[PUBLIC], ["127.0.0.1"]]
    with pytest.raises(FetchError, match="not on the public internet"):
        Web(network.hop()).read("http://rebinding.example/secret", settings=SETTINGS)
    assert network.connected == [PUBLIC]  # robots.txt; the next time the name is asked, it is refused
    assert Handler.seen == []


def test_one_bad_address_among_good_ones_is_refused(network: Network) -> None:
    network.names["mixed.example"] = [[PUBLIC, "10.0.0.1"]]
    with pytest.raises(FetchError, match="not on the public internet"):
        Web(network.hop()).read("http://mixed.example/secret", settings=SETTINGS)
    assert network.connected == []


@pytest.mark.parametrize(
    ("allowed", "url"),
    [
        ("wiki.local", "http://wiki.local/x"),
        ("wiki.local", "http://WIKI.local:8080/x"),
        ("Wiki.Local:8080", "http://wiki.local:8080/x"),
        ("10.0.0.7", "http://10.0.0.7/x"),
        ("[::1]:8080", "http://[::1]:8080/x"),
        ("::1", "http://[::1]/x"),
    ],
)
def test_a_host_is_allowed_by_name(network: Network, allowed: str, url: str) -> None:
    network.names |= {"wiki.local": [["10.0.0.8"]], "10.0.0.7": [["10.0.0.7"]], "::1": [["::1"]]}
    Settings.from_env({}, allow_hosts=(allowed,))
    assert Web(network.hop(allowed)).read(url, settings=SETTINGS).data == b"words"


@pytest.mark.parametrize(
    "url",
    [
        "http://wiki.local:81/x",
        "http://other.local:8080/x",
        "http://wiki.local.example:8080/x",
        "http://10.0.0.8:8080/",
    ],
)
def test_and_no_other_one(network: Network, url: str) -> None:
    for name in ("wiki.local", "other.local", "wiki.local.example", "10.0.0.8"):
        network.names[name] = [["10.0.0.8"]]
    with pytest.raises(FetchError, match="not on the public internet"):
        Web(network.hop("wiki.local:8080")).read(url, settings=SETTINGS)
    assert network.connected == []


def test_the_refusal_names_the_way_out(network: Network) -> None:
    network.names["wiki.local"] = [["10.0.0.8"]]
    with pytest.raises(FetchError, match=r"--allow-host wiki\.local:8080"):
        Web(network.hop()).read("http://wiki.local:8080/x", settings=SETTINGS)


@pytest.mark.parametrize("text", ["http://wiki.local", "wiki.local/path", "a b", "user@wiki.local", "wiki:port", ""])
def test_what_cannot_be_a_host_is_no_setting(text: str) -> None:
    with pytest.raises(SettingsError, match="is not a host to allow"):
        Settings.from_env({}, allow_hosts=(text,))


def test_hosts_come_from_the_environment() -> None:
    assert Settings.from_env({"ALLOW_HOSTS": "wiki.local:8080, 10.0.0.7 [::1]:80"}).allow_hosts == (
        "wiki.local:8080",
        "10.0.0.7",
        "[::1]:80",
    )


@pytest.mark.parametrize(
    "location",
    ["file:///etc/passwd", "ftp://public.example/x", "gopher://public.example/", "data:text/plain,x", "javascript:1"],
)
def test_http_and_https_only(network: Network, location: str) -> None:
    with pytest.raises(FetchError):
        read_source(location, SETTINGS)
    with pytest.raises(FetchError):
        Web(network.hop()).read(location, settings=SETTINGS)
    assert network.connected == []
    with pytest.raises(FetchError, match=r"Only http and https|cannot be reached"):
        Web(network.hop()).read(f"http://public.example/to/{location}", settings=SETTINGS)


@pytest.mark.parametrize(
    ("path", "word"),
    [("loop", "redirects more than 3 times"), ("bomb", "too large"), ("layers", "compressed in a way")],
)
def test_limits_on_size_and_redirects(network: Network, path: str, word: str) -> None:
    with pytest.raises(FetchError, match=word):
        Web(network.hop()).read(f"http://public.example/{path}", settings=SETTINGS)


def test_a_head_that_drips_ends_with_the_time_allowed(network: Network) -> None:
    start = time.monotonic()
    with pytest.raises(FetchError, match="took too long"):
        Web(network.hop()).read("http://public.example/drip", settings=replace(SETTINGS, fetch_timeout=0.4))
    assert time.monotonic() - start < 1.5  # the server would take 2 s


def test_robots_txt_is_respected(network: Network) -> None:
    network.names |= {"closed.example": [[PUBLIC]], "broken.example": [[PUBLIC]]}
    hop = network.hop()
    assert Web(hop).read("http://closed.example/open", settings=SETTINGS).data == b"words"
    assert Web(hop).read("http://closed.example/private/but/this", settings=SETTINGS).data == b"words"
    for url in ("http://closed.example/private/x", "http://public.example/to/http://closed.example/private/y"):
        with pytest.raises(FetchError, match=r"robots\.txt says so"):
            Web(hop).read(url, settings=SETTINGS)
    with pytest.raises(FetchError, match="answered 503"):
        Web(hop).read("http://broken.example/x", settings=SETTINGS)
    assert "/private/x" not in Handler.seen
    assert "/private/y" not in Handler.seen
    assert network.asked.count("closed.example") == 1 + 2  # robots.txt once, and the two pages that were read


def test_pictures_go_through_the_same_gate(network: Network, tmp_path: Path) -> None:
    network.names |= {"inside.example": [["192.168.0.9"]], "169.254.169.254": [["169.254.169.254"]]}
    document = _markdown(
        "words ![a](http://inside.example/a.png) ![b](http://169.254.169.254/latest)"
        " ![c](http://public.example/to/http://inside.example/c.png)",
        tmp_path,
        network,
    )
    assert [loss.what for loss in document.losses] == [
        "image http://inside.example/a.png",
        "image http://169.254.169.254/latest",
        "image http://public.example/to/http://inside.example/c.png",
    ]
    assert all("not on the public internet" in loss.why for loss in document.losses)
    assert set(network.connected) == {PUBLIC}


def _markdown(text: str, folder: Path, network: Network) -> Document:
    raw = Raw(source=str(folder / "page.md"), data=text.encode())
    return parse_markdown(raw, assets=Assets(folder / "assets"), settings=SETTINGS, hop=network.hop())
