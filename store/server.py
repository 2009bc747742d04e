"""The Chroma server of a data folder: whoever needs it first starts it, the last to leave stops it.

Two processes that open one Chroma folder break each other, so only the server opens it and everybody else talks HTTP to
it. Each client holds a shared lease (``store.locks``); a client that leaves and finds itself the last stops the server.
A client that is killed leaves the server running; the next client joins it.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from errors import SettingsError, StoreError
from store.locks import Lease, exclusive

START_SECONDS = 30.0
STOP_SECONDS = 10.0
# Servers that this process started, by process id. Whoever stops one reaps it here, so that no zombie is left.
_children: dict[int, subprocess.Popen[bytes]] = {}


@dataclass(frozen=True)
class Address:
    """Where a Chroma server listens."""

    host: str
    port: int
    ssl: bool = False


def parse_url(url: str) -> Address:
    """The address in a ``CHROMA_URL``.

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
    """A Chroma client.

    Raises:
        StoreError: nobody answers there.
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
        raise StoreError(f"No Chroma server answers at {address.host}:{address.port} ({error}).") from error


class LocalServer:
    """The server on ``folder``, started or joined. Call ``close`` when done."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._state = folder / "server.json"
        self._pid = 0
        self._lease = Lease(folder / "clients.lock")
        try:
            with exclusive(folder / "server.lock"):
                self.address = self._running() or self._start()
        except BaseException:
            self._lease.release()
            raise

    def lives(self) -> bool:
        """Whether the server's process is there."""
        return _is_ours(self._pid)

    def revive(self) -> None:
        """Starts the server again, or joins one that another client has started meanwhile."""
        with exclusive(self.folder / "server.lock"):
            self.address = self._running() or self._start()

    def _running(self) -> Address | None:
        try:
            state = json.loads(self._state.read_text())
            address = Address("127.0.0.1", int(state["port"]))
            self._pid = int(state["pid"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return address if self.lives() and _answers(address) else None

    def _start(self) -> Address:
        self._stop()  # one that runs but does not answer
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        address = Address("127.0.0.1", port)
        log = self.folder / "server.log"
        command = [sys.executable, "-c", "from chromadb.cli.cli import app; app()", "run"]
        command += ["--path", str(self.folder / "chroma"), "--host", address.host, "--port", str(port)]
        with log.open("wb") as output:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C in a client's terminal must not stop it under the others
                env={**os.environ, "ANONYMIZED_TELEMETRY": "False"},
                cwd=self.folder,
            )
        _children[process.pid] = process
        self._pid = process.pid
        self._state.write_text(json.dumps({"pid": process.pid, "port": port}))
        deadline = time.monotonic() + START_SECONDS
        while not _answers(address):
            if process.poll() is not None or time.monotonic() > deadline:
                process.kill()
                tail = log.read_text(errors="replace").strip()[-500:]
                raise StoreError(f"The Chroma server on {self.folder} did not start. It said: {tail or 'nothing'}")
            time.sleep(0.05)
        return address

    def _stop(self) -> None:
        try:
            pid = int(json.loads(self._state.read_text())["pid"])
        except (OSError, ValueError, KeyError, TypeError):
            return
        self._state.unlink(missing_ok=True)
        if _is_ours(pid):
            os.kill(pid, signal.SIGTERM)
            deadline = time.monotonic() + STOP_SECONDS
            while _is_ours(pid):
                if time.monotonic() > deadline:
                    os.kill(pid, signal.SIGKILL)
                    break
                time.sleep(0.02)
        child = _children.pop(pid, None)
        if child is not None:
            child.wait()

    def close(self) -> None:
        """Gives up the server; stops it when nobody else uses it."""
        if self._lease.try_last():
            self._stop()
        self._lease.release()


def _answers(address: Address) -> bool:
    import httpx

    try:
        # no proxy between this machine and itself
        with httpx.Client(trust_env=False, timeout=2.0) as client:
            return client.get(f"http://{address.host}:{address.port}/api/v2/heartbeat").status_code == 200
    except httpx.HTTPError:
        return False


def _is_ours(pid: int) -> bool:
    """Whether ``pid`` is a living Chroma server: numbers of dead processes are given out again."""
    import psutil

    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and "chromadb.cli.cli" in " ".join(process.cmdline())
    except psutil.Error:
        return False
