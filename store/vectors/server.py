"""The Chroma server of a data folder: whoever needs it first starts it, the last to leave stops it.

Two processes that open one Chroma folder break each other, so only the server opens it and everybody else talks HTTP to
it. Each client holds a shared lease (``store.locks``); a client that leaves and finds itself the last stops the server.
A client that is killed leaves the server running; the next client joins it. The server's process holds a lock on the
folder for as long as it lives and writes down its own number and port, so that even one whose starter was killed a moment
after is found, and no second one is ever started beside it.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from errors import SettingsError, StoreError
from store.locks import Lease, exclusive, open_lock

START_SECONDS = 60.0
STOP_SECONDS = 10.0
# What the server's process runs: says who and where it is, and becomes the server. The command line names the folder.
_SERVE = """
import json, os, sys
draft = sys.argv[1] + ".draft"
with open(draft, "w") as note:
    note.write(json.dumps({"pid": os.getpid(), "port": int(sys.argv[2])}))
os.replace(draft, sys.argv[1])
sys.argv[1:] = ["run", "--path", sys.argv[3], "--host", "127.0.0.1", "--port", sys.argv[2]]
from chromadb.cli.cli import app
app()
"""
# Servers that this process started, by process id. Whoever stops one reaps it here, so that no zombie is left.
_children: dict[int, subprocess.Popen[bytes]] = {}


class ServerGone(StoreError):
    """The server does not answer; one that this program starts may be started again."""


@dataclass(frozen=True)
class Address:
    """Where a Chroma server listens."""

    host: str
    port: int
    ssl: bool = False


def parse_url(url: str) -> Address:
    """Return the address in a ``CHROMA_URL``.

    Raises:
        SettingsError: it is not an http(s) URL.
    """
    parts = urlsplit(url)
    try:
        port = parts.port or (443 if parts.scheme == "https" else 8000)
    except ValueError:
        port = 0
    if parts.scheme not in ("http", "https") or not parts.hostname or not port:
        raise SettingsError(f"CHROMA_URL={url!r} is not a server's address. Set it to e.g. http://localhost:8000.")
    return Address(parts.hostname, port, parts.scheme == "https")


def connect(address: Address) -> Any:
    """Return a Chroma client.

    Raises:
        ServerGone: nobody answers there.
    """
    import chromadb
    from chromadb.config import Settings as ChromaSettings

    try:
        return chromadb.HttpClient(
            host=address.host,
            port=address.port,
            ssl=address.ssl,
            settings=ChromaSettings(anonymized_telemetry=False, chroma_query_request_timeout_seconds=120),
        )
    except Exception as error:  # chromadb raises bare ValueError or httpx errors, by version
        raise ServerGone(f"No Chroma server answers at {address.host}:{address.port} ({error}).") from error


class LocalServer:
    """The server on ``folder``, started or joined. Call ``close`` when done."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._state = folder / "server.json"
        self._pid = 0
        self._killed = folder / "server.killed"  # stays until somebody has repaired what the kill did
        self._lease = Lease(folder / "clients.lock")
        try:
            with exclusive(folder / "server.lock"):
                self.address = self._running() or self._start()
        except BaseException:
            self._lease.release()
            raise

    def lives(self) -> bool:
        """Tell whether the server's process is there."""
        return self._is_ours(self._pid)

    def unrepaired(self) -> str:
        """Return the name of the kill of a server whose damage nobody has repaired yet; "" when there is none. Whoever is to
        repair it may be killed over it, so it outlives them."""
        try:
            return self._killed.read_text()
        except FileNotFoundError:
            return ""

    def repaired(self, kill: str) -> None:
        """Note that the damage of ``kill`` is repaired; that of a later one stays."""
        with exclusive(self.folder / "server.lock"):
            if self.unrepaired() == kill:
                self._killed.unlink(missing_ok=True)

    def revive(self) -> None:
        """Start the server again, or join one that another client has started meanwhile."""
        with exclusive(self.folder / "server.lock"):
            self.address = self._running() or self._start()

    def _noted(self) -> tuple[int, int] | None:
        """Process id and port as the server wrote them down."""
        try:
            state = json.loads(self._state.read_text())
            return int(state["pid"]), int(state["port"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _running(self) -> Address | None:
        noted = self._noted()
        if noted is None or not self._is_ours(noted[0]):
            return None
        self._pid = noted[0]
        address = Address("127.0.0.1", noted[1])
        return address if _answers_soon(address, STOP_SECONDS, self.lives) else None

    def _start(self) -> Address:
        if self._state.exists():  # one that ends in order takes its note with it
            self._killed.write_text(secrets.token_hex(8))
        self._stop()  # one that runs but does not answer
        lock = self._lock_folder()
        try:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = int(probe.getsockname()[1])
            log = self.folder / "server.log"
            command = [sys.executable, "-c", _SERVE, str(self._state), str(port), str(self.folder / "chroma")]
            with log.open("wb") as output:
                process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,  # Ctrl-C in a client's terminal must not stop it under the others
                    env={**os.environ, "ANONYMIZED_TELEMETRY": "False"},
                    cwd=self.folder,
                    pass_fds=(lock,),
                )
        except OSError as error:
            raise StoreError(f"Cannot start the Chroma server in {self.folder} ({error.strerror}).") from error
        finally:
            os.close(lock)  # the server's own handle keeps the folder locked
        _children[process.pid] = process
        self._pid = process.pid
        address = Address("127.0.0.1", port)
        # its command line cannot be read the moment after the start, its exit code can
        if not _answers_soon(address, START_SECONDS, lambda: process.poll() is None):
            if (process.poll() or 0) < 0:
                raise ServerGone(
                    f"The Chroma server on {self.folder} was killed at its start. Start this program again."
                )
            process.kill()
            process.wait()
            tail = log.read_text(errors="replace").strip()[-500:]
            raise StoreError(f"The Chroma server on {self.folder} did not start. It said: {tail or 'nothing'}")
        return address

    def _lock_folder(self) -> int:
        """A handle that holds the folder for the server to come; one that holds it already, and cannot be reached, is
        ended first."""
        handle = open_lock(self.folder / "chroma.lock")
        deadline = time.monotonic() + STOP_SECONDS
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return handle
            except BlockingIOError:
                for pid in self._unknown():
                    self._end(pid)
                if time.monotonic() > deadline:
                    os.close(handle)
                    raise StoreError(
                        f"Another program holds {self.folder / 'chroma'}. End it and start this program again."
                    ) from None
                time.sleep(0.02)

    def _unknown(self) -> list[int]:
        """Servers on this folder, whoever started them."""
        import psutil

        return [pid for pid in psutil.pids() if self._is_ours(pid)]

    def _stop(self) -> None:
        noted = self._noted()
        self._state.unlink(missing_ok=True)
        if noted is not None:
            self._end(noted[0])

    def _end(self, pid: int) -> None:
        if self._is_ours(pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
            deadline = time.monotonic() + STOP_SECONDS
            while self._is_ours(pid):
                if time.monotonic() > deadline:
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                    break
                time.sleep(0.02)
        child = _children.pop(pid, None)
        if child is not None:
            child.wait()

    def _is_ours(self, pid: int) -> bool:
        """Whether ``pid`` is a living Chroma server on this folder: numbers of dead processes are given out again."""
        import psutil

        try:
            process = psutil.Process(pid)
            if pid <= 0 or process.status() == psutil.STATUS_ZOMBIE:
                return False
            command = process.cmdline()
        except psutil.Error:
            return False
        return str(self.folder / "chroma") in command and any("chromadb.cli.cli" in part for part in command)

    def close(self) -> None:
        """Give up the server; stop it when nobody else uses it."""
        if self._lease.try_last():
            self._stop()
        self._lease.release()


def _answers_soon(address: Address, seconds: float, lives: Callable[[], bool]) -> bool:
    """Whether a server answers, once it has had time to start."""
    deadline = time.monotonic() + seconds
    while not _answers(address):
        if not lives() or time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _answers(address: Address) -> bool:
    connection = HTTPConnection(address.host, address.port, timeout=2.0)  # knows no proxy and no certificates
    try:
        connection.request("GET", "/api/v2/heartbeat")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
