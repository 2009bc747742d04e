"""A PostgreSQL server of Debian's packages, on a socket in a folder of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

PROGRAMS = Path("/usr/lib/postgresql/15/bin")
# nothing outlives the tests, so nothing is waited for
OPTIONS = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c listen_addresses= -c max_connections=60"


def running() -> Iterator[str]:
    """Start a server and yield its address; skip where there is none, or nobody whom it would run for."""
    psycopg = pytest.importorskip("psycopg", reason="PostgreSQL is spoken to by psycopg, which is optional")
    del psycopg
    if not (PROGRAMS / "initdb").exists():
        pytest.skip(f"PostgreSQL 15 is not in {PROGRAMS} (apt-get install postgresql-15)")
    user = _user()
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # short: it is the address of a socket
    try:
        shutil.chown(folder, user)
        data = folder / "data"

        def call(*command: str) -> None:
            done = subprocess.run(
                command,
                user=user if os.getuid() == 0 else None,
                cwd=folder,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stderr

        call(str(PROGRAMS / "initdb"), "-D", str(data), "-U", "tester", "-A", "trust", "-E", "UTF8", "--no-sync")
        control = (str(PROGRAMS / "pg_ctl"), "-D", str(data))
        call(*control, "-l", str(folder / "log"), "-o", f"{OPTIONS} -k {folder}", "-w", "start")
        try:
            yield f"postgresql:///postgres?host={folder}&user=tester"
        finally:
            call(*control, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _user() -> str:
    """Who runs it: PostgreSQL refuses to be run by root."""
    if os.getuid():
        return pwd.getpwuid(os.getuid()).pw_name
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        pytest.skip("PostgreSQL refuses to be run by root, and there is no user postgres")


def schema(url: str) -> Iterator[str]:
    """Yield the address of an empty schema on the server at ``url``."""
    import psycopg

    from store.database import postgres

    name = f"t{uuid.uuid4().hex}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}")
    own = f"{url}&options=-csearch_path%3D{name}"
    yield own
    postgres.close_all(own)
