"""Assets in an S3-compatible bucket, for machines that share a store and no folder.

    s3://bucket/prefix/assets/ab/abcdef....png

What was read lies in a folder of this machine too, the last gigabytes of it: it is named by its content, so that it never
grows old. boto3 finds keys, region and server in the environment, as for sources in buckets (ingest.connectors.bucket).
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from config import Settings
from errors import SettingsError, StoreError
from store.assets import Assets

CACHE_BYTES = 2_000_000_000  # of what lies in the folder; what was used longest ago goes first
SPARED_SECONDS = 600.0  # since it was used: somebody may be about to read it
SWEPT_EVERY = 200  # files that come into the folder between two looks at how much lies there
KEYS = 1000  # that S3 lists at once
AT_ONCE = 8  # requests
_ADDRESS = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(?P<prefix>[\w./=+-]*))?")


def open_assets(settings: Settings) -> Assets:
    """Return where the assets of a store lie.

    Raises:
        SettingsError: SHARED_DIR names a bucket as none is named.
        StoreError: boto3, which a bucket needs, is not installed.
    """
    if not settings.is_bucket:
        return Assets(settings.shared_path / "assets")
    found = _ADDRESS.fullmatch(settings.shared_dir)
    if found is None:
        raise SettingsError(f"SHARED_DIR={settings.shared_dir!r} names no bucket. Set it to e.g. s3://bucket/prefix.")
    _client()
    prefix = "/".join(filter(None, (found["prefix"] or "").split("/")))
    return BucketAssets(settings.data_dir / "bucket", bucket=found["bucket"], prefix=f"{prefix}/assets/".lstrip("/"))


@dataclass(frozen=True)
class BucketAssets(Assets):
    """The assets below ``prefix`` of a bucket, with copies of some in ``folder``. Any number of processes of any number of
    machines may write to it at once: an object is there whole or not at all, and from the moment it was put.

    Pages of Office files are drawn on each machine anew, and kept in its folder alone.
    """

    bucket: str = ""
    prefix: str = ""

    def put(self, data: bytes, suffix: str = "") -> str:
        """Store ``data`` and return its name.

        Raises:
            StoreError: the bucket cannot be written to.
        """
        name = self.name_of(data, suffix)
        if not self._is_there(name):
            with self._asking(f"{name} cannot be written to {self._place}"):
                _client().put_object(Bucket=self.bucket, Key=self._key(name), Body=data)
        self._keep(name, data)
        return name

    def path(self, name: str) -> Path:
        """Return where the asset ``name`` lies on this machine, brought there if need be; nothing is there when the bucket
        has none.

        Raises:
            StoreError: ``name`` is not the name of an asset, or the bucket cannot be read.
        """
        path = self._local(name)
        try:
            os.utime(path)  # spares it for a while
        except OSError:
            data = self._fetched(name)
            if data is not None:
                self._keep(name, data)
        return path

    def read(self, name: str) -> bytes:
        """Return the bytes of the asset ``name``.

        Raises:
            StoreError: it is not there, or the bucket cannot be read.
        """
        with suppress(OSError):
            return self._local(name).read_bytes()
        data = self._fetched(name)
        if data is None:
            raise StoreError(f"The asset {name} is missing from {self._place}. Take its source in again.")
        with suppress(StoreError):  # a full disk costs speed alone
            self._keep(name, data)
        return data

    def names(self) -> Iterator[str]:
        """Return the names of all assets."""
        for key in self._keys():
            name = key.rpartition("/")[2]
            if self.is_name(name):
                yield name

    def missing(self, names: Iterable[str]) -> set[str]:
        """Return those of ``names`` that are not in the bucket. Of many, the bucket's list is asked."""
        asked = set(names)
        if len(asked) > KEYS:
            return asked - set(self.names())
        with ThreadPoolExecutor(AT_ONCE) as threads:
            return {name for name, there in zip(asked, threads.map(self._is_there, asked), strict=True) if not there}

    def damaged(self, names: Iterable[str]) -> set[str]:
        """Return those of ``names`` whose content in the bucket is not what they are named by; each is read."""
        found = ((name, self._fetched(name)) for name in names)
        return {name for name, data in found if data is not None and self.name_of(data)[:40] != name[:40]}

    def remove(self, name: str) -> None:
        """Delete the asset ``name`` if it is there, here and in the bucket; copies of other machines are no more read, and go
        with time.

        Raises:
            StoreError: the bucket cannot be written to.
        """
        with self._asking(f"{name} cannot be removed from {self._place}"):
            _client().delete_object(Bucket=self.bucket, Key=self._key(name))
        super().remove(name)

    def drafts(self) -> list[Path]:
        """Return copies that were left half done; who reads writes them, too, so that young ones are somebody's."""
        old = time.time() - SPARED_SECONDS
        return [path for path in super().drafts() if path.stat().st_mtime < old]

    @property
    def _place(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}"

    def _key(self, name: str) -> str:
        if not self.is_name(name):
            raise StoreError(f"{name!r} is not the name of an asset.")
        return f"{self.prefix}{name[:2]}/{name}"

    def _is_there(self, name: str) -> bool:
        with self._asking(f"{self._place} cannot be asked for {name}"):
            try:
                _client().head_object(Bucket=self.bucket, Key=self._key(name))
            except _client().exceptions.ClientError as error:
                if _is_absent(error):
                    return False
                raise
        return True

    def _fetched(self, name: str) -> bytes | None:
        with self._asking(f"{name} cannot be read from {self._place}"):
            try:
                found = _client().get_object(Bucket=self.bucket, Key=self._key(name))
            except _client().exceptions.ClientError as error:
                if _is_absent(error):
                    return None
                raise
            return bytes(found["Body"].read())

    def _keys(self) -> Iterator[str]:
        with self._asking(f"{self._place} cannot be listed"):
            pages = _client().get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self.prefix)
            for page in pages:
                yield from (entry["Key"] for entry in page.get("Contents", ()))

    @contextmanager
    def _asking(self, failed: str) -> Iterator[None]:
        """Say what ``failed``, and why, without a word of the keys."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            yield
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            raise StoreError(f"{failed} ({code}). Check SHARED_DIR and the rights of this AWS_ACCESS_KEY_ID.") from None
        except BotoCoreError as error:
            raise StoreError(
                f"{failed} ({type(error).__name__}). Set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION, and "
                "AWS_ENDPOINT_URL_S3 for a server that is not Amazon's."
            ) from None

    # --- copies in the folder ---

    def _keep(self, name: str, data: bytes) -> None:
        path = self._local(name)
        if not path.exists():
            self._write(path, data)
            if int(name[:8], 16) % SWEPT_EVERY == 0:  # names are drawn by chance, so to say
                self.sweep_copies()

    def sweep_copies(self, limit: int = CACHE_BYTES, spared: float = SPARED_SECONDS) -> None:
        """Drop copies until those left have at most ``limit`` bytes, what was used longest ago first; but nothing that was
        used in the last ``spared`` seconds."""
        found = []
        for path in self.folder.glob("??/*"):
            with suppress(OSError):  # another program dropped it
                about = path.stat()
                found.append((about.st_mtime, about.st_size, path))
        total, before = sum(size for _, size, _ in found), time.time() - spared
        for used, size, path in sorted(found):
            if total <= limit or used > before:
                return
            path.unlink(missing_ok=True)
            total -= size


def _is_absent(error: Any) -> bool:
    return bool(error.response.get("Error", {}).get("Code", "") in ("404", "NoSuchKey"))


@lru_cache(maxsize=1)
def _client() -> Any:
    """The client, which threads may share; made once a process."""
    try:
        import boto3
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError
    except ImportError as error:
        raise StoreError("A bucket as SHARED_DIR needs: pip install boto3==1.40.0 -c constraints.txt") from error
    try:
        session = boto3.session.Session()
        config = Config(
            signature_version="s3v4",
            s3={"addressing_style": "path"},  # which servers under any host's name understand
            request_checksum_calculation="when_required",  # as not all do; a name is the hash of its content anyway
            response_checksum_validation="when_required",
            retries={"mode": "standard"},
            connect_timeout=10,
            read_timeout=60,
        )
        return session.client("s3", region_name=session.region_name or "us-east-1", config=config)
    except (BotoCoreError, ValueError) as error:
        raise StoreError(f"boto3 cannot use what AWS_... says: {error}") from error
