"""Folders of git repositories: git+https://host/repo.git[@ref][//folder], git+file:///path. The git command does the work.

The version of a file is the hash of its content (blob), so that a commit that leaves it alone costs nothing. Of a repository
elsewhere the newest commit is kept below the data folder (``git/``); of one on this machine what is committed is read.
No hook, configuration or credential helper of the user is used, and no file is checked out.
"""

from __future__ import annotations

import hashlib
import mimetypes
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from config import Settings
from errors import FetchError
from ingest.connectors.base import EVERYTHING, Item, Selection
from ingest.connectors.credentials import basic, login_for
from ingest.connectors.guard import Guard
from records import Raw

MAX_ITEMS = 50_000
_REF = re.compile(r"\w[\w./-]*")
_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True)
class _Place:
    """What a location or source names."""

    root: str  # of all names: what stands before "//"
    url: str  # for git
    ref: str  # "" is the repository's own choice
    path: str  # of a folder or file in it


@dataclass(frozen=True)
class Git:
    """Connector of folders in git repositories. Links in them (symbolic ones), submodules and hidden files are left out."""

    def list(self, location: str, selection: Selection = EVERYTHING) -> Iterator[Item]:
        """Yield the file itself; whether it has changed, reading it tells."""
        yield Item(location)

    def list_place(self, location: str, selection: Selection, settings: Settings) -> Iterator[Item]:
        """Yield the files below ``location``, as they are committed, that ``selection`` takes.

        Raises:
            FetchError: git is not there, or the repository cannot be read or has too many files.
        """
        place = _parsed(location)
        folder = place.path.strip("/")
        repository = _fetched(place, settings)
        tree = ["ls-tree", "-r", "-z", "--full-tree", "--end-of-options", _commit(place)]
        entries = _git([*tree, *([f"{folder}/"] if folder else [])], settings, location, repository).split(b"\0")
        items = 0
        for entry in entries:
            stated, _, name = entry.partition(b"\t")
            path = name.decode("utf-8", "surrogateescape")
            relative = path.removeprefix(f"{folder}/") if folder else path
            mode, _, blob = stated.decode("ascii").split(" ") if stated else ("", "", "")
            hidden = any(part.startswith(".") for part in relative.split("/"))
            if mode in ("100644", "100755") and not hidden and selection.takes(relative):
                items += 1
                if items > MAX_ITEMS:
                    raise FetchError(f"{location} has more than {MAX_ITEMS:,} files. Name one of its folders.")
                yield Item(f"{place.root}//{path}", blob)

    def read(self, source: str, *, settings: Settings) -> Raw:
        """Return a file as it is committed.

        Raises:
            FetchError: it is not there, is too large, or git cannot read it.
        """
        place = _parsed(source)
        repository = _kept(place, settings)
        if repository is None:
            repository = _fetched(place, settings)
        blob = f"{_commit(place)}:{place.path}"
        size = int(_git(["cat-file", "-s", blob], settings, source, repository))
        if size > settings.max_source_bytes:
            limit = settings.max_source_bytes
            raise FetchError(f"{source} is too large: {size:,} bytes, the limit is {limit:,}.")
        data = _git(["cat-file", "blob", blob], settings, source, repository)
        return Raw(source=source, data=data, media_type=mimetypes.guess_type(place.path)[0] or "")


def _parsed(source: str) -> _Place:
    scheme, _, rest = source.partition("://")
    repository, _, path = rest.partition("//")
    at = repository.rfind("@")
    ref = repository[at + 1 :] if at > repository.find("/") >= 0 else ""
    if ref and not _REF.fullmatch(ref):
        raise FetchError(f"{source} names no branch or tag. Write git+https://host/repository.git@main//folder.")
    url = f"{scheme.lower().removeprefix('git+')}://{repository[:at] if ref else repository}"
    if "@" in urlsplit(url).netloc:
        raise FetchError("A login does not stand in the address of a repository. Name it by SYNC_CREDENTIALS.")
    return _Place(f"{scheme}://{repository}", url, ref, path)


def _commit(place: _Place) -> str:
    return place.ref if place.url.startswith("file:") and place.ref else "HEAD"


def _kept(place: _Place, settings: Settings) -> Path | None:
    """Where the repository lies on this machine; None where it is not there."""
    if place.url.startswith("file://"):
        return Path(place.url.removeprefix("file://"))
    path = settings.data_dir / "git" / hashlib.sha256(place.root.encode()).hexdigest()[:24]
    return path if (path / "HEAD").is_file() else None


def _fetched(place: _Place, settings: Settings) -> Path:
    """Where the repository lies, with its newest commit."""
    kept = _kept(place, settings)
    if place.url.startswith("file://"):
        assert kept is not None
        return kept
    path = settings.data_dir / "git" / hashlib.sha256(place.root.encode()).hexdigest()[:24]
    if kept is None:
        path.mkdir(parents=True, exist_ok=True)
        _git(["init", "--quiet", "--bare", str(path)], settings, place.root)
    fetch = ["fetch", "--quiet", "--no-tags", "--depth=1", "--no-recurse-submodules", "--end-of-options"]
    _git([*fetch, place.url, place.ref or "HEAD"], settings, place.root, path, remote=place.url)
    commit = _git(["rev-parse", "FETCH_HEAD"], settings, place.root, path).decode().strip()
    _git(["update-ref", "--no-deref", "HEAD", commit], settings, place.root, path)
    return path


def _git(
    arguments: list[str], settings: Settings, name: str, repository: Path | None = None, remote: str = ""
) -> bytes:
    """What git says. A login is in its environment for a request alone, which goes where the guard lets it."""
    options = {"safe.directory": "*", "http.followRedirects": "false", "gc.auto": "0", "core.hooksPath": os.devnull}
    if remote:
        options |= _connection(remote, settings)
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "HOME": os.devnull,
        "LANG": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ALLOW_PROTOCOL": "http:https",
        "GIT_LITERAL_PATHSPECS": "1",
        "GIT_CONFIG_COUNT": str(len(options)),
    }
    for number, (key, value) in enumerate(options.items()):
        environment |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    command = ["git", *(["-C", str(repository)] if repository is not None else []), *arguments]
    try:
        done = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=settings.task_seconds,
            check=False,
        )
    except FileNotFoundError as error:
        raise FetchError("Reading repositories needs the command git. Install it.") from error
    except (OSError, ValueError) as error:
        raise FetchError(f"{name} cannot be read: {error}.") from error
    except subprocess.TimeoutExpired as error:
        raise FetchError(f"{name} took more than {settings.task_seconds} s to read.") from error
    if done.returncode:
        said = " ".join(done.stderr.decode("utf-8", "replace").split())[:300]
        raise FetchError(f"{name} cannot be read: git says “{said}”.")
    return done.stdout


def _connection(url: str, settings: Settings) -> dict[str, str]:
    """The options that take git to the address that the guard let through and to no other, with the login for its host."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)
    if not host or not port:
        raise FetchError(f"{url} is no address of a repository. Write git+https://host/repository.git.")
    try:
        addresses = Guard.of(settings.allow_hosts).addresses(host, port)
    except (OSError, UnicodeError) as error:
        raise FetchError(f"{url} cannot be reached ({error}).") from error
    listed = ",".join(f"[{one}]" if ":" in one else one for one in addresses)
    options = {"http.curloptResolve": f"{host}:{port}:{listed}", "http.proxy": ""}
    login = login_for(parts.netloc, settings, encrypted=parts.scheme == "https")
    header = "\n".join(f"{name}: {value}" for name, value in basic(login).items())
    return options | ({"http.extraHeader": header} if header else {})
