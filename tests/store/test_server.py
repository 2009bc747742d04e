"""The Chroma server of a data folder: started, joined, stopped and started again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil
import pytest
from fakes import FakeEmbedder, agree, chunk, put, settings_at

from errors import SettingsError, StoreError
from records import Scope
from store.index import Index
from store.locks import Lease, exclusive
from store.vectors.server import Address, LocalServer, connect, parse_url

ROOT = Path(__file__).resolve().parents[2]


def answers(server: LocalServer) -> bool:
    try:
        url = f"http://{server.address.host}:{server.address.port}/api/v2/heartbeat"
        return httpx.get(url, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def pid_of(folder: Path) -> int:
    return int(json.loads((folder / "server.json").read_text())["pid"])


def alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def gone(pid: int) -> bool:
    deadline = time.monotonic() + 10
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not alive(pid)


def test_the_first_client_starts_it_the_second_joins_the_last_stops_it(tmp_path: Path) -> None:
    first = LocalServer(tmp_path)
    pid = pid_of(tmp_path)
    second = LocalServer(tmp_path)
    assert first.address == second.address
    assert first.address.host == "127.0.0.1"
    first.close()
    assert answers(second)
    second.close()
    assert not answers(second)
    assert gone(pid)
    assert not (tmp_path / "server.json").exists()


def test_one_that_was_killed_is_started_again_with_its_data(tmp_path: Path) -> None:
    with Index(settings_at(tmp_path), FakeEmbedder("space")) as index:  # type: ignore[arg-type]
        put(index, [chunk("the weir")])
        dead = pid_of(tmp_path)
        os.kill(dead, signal.SIGKILL)
        assert gone(dead)
        with Index(settings_at(tmp_path), FakeEmbedder("space")) as other:  # type: ignore[arg-type]
            assert [one.text for one, _ in other.dense.search("weir", 1, Scope())] == ["the weir"]
            assert agree(other)
        # and the client that was there when it died
        assert [one.text for one, _ in index.dense.search("weir", 1, Scope())] == ["the weir"]


def test_a_kill_is_known_until_its_damage_is_repaired(tmp_path: Path) -> None:
    """Whoever starts the server anew may be killed over the mending; who joins it then has to know."""
    first = LocalServer(tmp_path)
    assert first.unrepaired() == ""
    os.kill(pid_of(tmp_path), signal.SIGKILL)
    first.revive()
    joined = LocalServer(tmp_path)
    kill = joined.unrepaired()
    assert kill
    os.kill(pid_of(tmp_path), signal.SIGKILL)
    joined.revive()
    joined.repaired(kill)  # an earlier one: that of the later is still to be repaired
    later = first.unrepaired()
    assert later not in ("", kill)
    first.repaired(later)
    assert joined.unrepaired() == ""
    first.close()
    joined.close()
    again = LocalServer(tmp_path)
    assert again.unrepaired() == ""  # that one ended in order
    again.close()


def test_an_index_repairs_what_a_kill_did_and_says_so(tmp_path: Path) -> None:
    with Index(settings_at(tmp_path), FakeEmbedder("space")) as index:  # type: ignore[arg-type]
        put(index, [chunk("the weir")])
        os.kill(pid_of(tmp_path), signal.SIGKILL)
        index.dense.search("weir", 1, Scope())
        assert not (tmp_path / "server.killed").exists()


def test_a_server_that_a_killed_client_left_is_joined(tmp_path: Path) -> None:
    script = "import os, sys; from pathlib import Path; from store.vectors.server import LocalServer; "
    script += "LocalServer(Path(sys.argv[1])); os._exit(9)"
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], cwd=ROOT, check=False)
    left = pid_of(tmp_path)
    assert alive(left)
    server = LocalServer(tmp_path)
    assert pid_of(tmp_path) == left
    assert answers(server)
    server.close()
    assert gone(left)


@pytest.mark.parametrize("state", ["", "{}", '{"pid": "x"}', "[1]", '{"pid": 999999999, "port": 1}'])
def test_a_damaged_note_of_the_server_is_no_hindrance(tmp_path: Path, state: str) -> None:
    (tmp_path / "server.json").write_text(state)
    server = LocalServer(tmp_path)
    assert answers(server)
    server.close()


def test_a_process_that_took_over_the_number_is_not_stopped(tmp_path: Path) -> None:
    """The note names this very process, with a port where nobody answers."""
    (tmp_path / "server.json").write_text(json.dumps({"pid": os.getpid(), "port": 9}))
    server = LocalServer(tmp_path)
    assert pid_of(tmp_path) != os.getpid()
    server.close()


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    (tmp_path / "chroma").write_text("not a folder")
    with pytest.raises(StoreError, match="did not start") as raised:
        LocalServer(tmp_path)
    assert str(tmp_path) in str(raised.value)
    assert Lease(tmp_path / "clients.lock").try_last()


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://localhost:8001", Address("localhost", 8001)),
        ("http://chroma.example.org", Address("chroma.example.org", 8000)),
        ("https://chroma.example.org/", Address("chroma.example.org", 443, ssl=True)),
        ("http://[::1]:9000", Address("::1", 9000)),
    ],
)
def test_addresses(url: str, address: Address) -> None:
    assert parse_url(url) == address


@pytest.mark.parametrize("url", ["localhost:8000", "ftp://x:1", "http://", "http://x:99999", "http://x:port", "x"])
def test_what_is_no_address_is_named(url: str) -> None:
    with pytest.raises(SettingsError, match="CHROMA_URL") as raised:
        parse_url(url)
    assert repr(url) in str(raised.value)


def test_nobody_answering_is_named() -> None:
    with pytest.raises(StoreError, match=r"127\.0\.0\.1:9 "):
        connect(Address("127.0.0.1", 9))


def test_only_the_last_lease_is_the_last(tmp_path: Path) -> None:
    one, other = Lease(tmp_path / "lock"), Lease(tmp_path / "lock")
    assert not one.try_last()
    other.release()
    other.release()
    assert one.try_last()
    one.release()


def test_an_exclusive_lock_keeps_others_out(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "lock"
    script = "import sys; from pathlib import Path; from store.locks import exclusive\n"
    script += "with exclusive(Path(sys.argv[1])): print('in', flush=True)"
    with exclusive(path):
        other = subprocess.Popen([sys.executable, "-c", script, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        with pytest.raises(subprocess.TimeoutExpired):
            other.wait(timeout=0.5)
    assert other.communicate(timeout=20)[0] == "in\n"


WRITER = """
import sys
sys.path[:0] = [{root!r}, {tests!r}]
from fakes import FakeEmbedder, chunk, put, settings_at
from store.index import Index
with Index(settings_at({folder!r}), FakeEmbedder("space")) as index:
    for n in range(8):
        put(index, [chunk(f"document {{n}} about turbines", source=f"{{n}}.md")])
        print(n, flush=True)
"""


def test_one_process_asks_while_another_takes_in(tmp_path: Path) -> None:
    script = WRITER.format(root=str(ROOT), tests=str(ROOT / "tests"), folder=str(tmp_path))
    with Index(settings_at(tmp_path), FakeEmbedder("space")) as index:  # type: ignore[arg-type]
        put(index, [chunk("turbines of the first hour", source="first.md")])
        writer = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
        counts = []
        while writer.poll() is None:
            dense, lexical = (one.search("turbines", 40, Scope()) for one in (index.dense, index.lexical))
            assert "turbines of the first hour" in {one.text for one, _ in dense}
            assert "turbines of the first hour" in {one.text for one, _ in lexical}
            counts.append(len(lexical))
            put(index, [chunk(f"turbines, note {len(counts)}", source="notes.md")])
        assert writer.communicate()[0].split() == [str(n) for n in range(8)]
        assert writer.returncode == 0
        assert counts[0] == 1
        assert len(index.lexical.search("turbines", 40, Scope())) == 10
        assert agree(index)
