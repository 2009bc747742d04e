"""S3-compatible buckets: s3://bucket/prefix. boto3 finds the keys and signs; the requests go the guarded way of all others.

Where the bucket is, boto3 reads from the environment as always: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, and
AWS_ENDPOINT_URL_S3 for a server that is not Amazon's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import unquote_plus

from config import Settings
from errors import FetchError
from ingest.connectors.base import EVERYTHING, Item, Selection
from ingest.connectors.remote import MAX_LIST_BYTES, request, xml_of
from records import Raw

MAX_ITEMS = 50_000
SIGNED_SECONDS = 300
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")  # Amazon's rules; no ARN, which would name another host


@dataclass(frozen=True)
class Bucket:
    """Connector of buckets. The version of an object is its ETag and size."""

    def list(self, location: str, selection: Selection = EVERYTHING) -> Iterator[Item]:
        """Yield the object itself; whether it has changed, reading it tells."""
        yield Item(location)

    def list_place(self, location: str, selection: Selection, settings: Settings) -> Iterator[Item]:
        """Yield the objects whose keys begin with the prefix in ``location`` and that ``selection`` takes; hidden ones are
        left out.

        Raises:
            FetchError: a part of the list cannot be had, there is too much, or boto3 is not installed.
        """
        bucket, prefix = _parts(location)
        items, token = 0, ""
        while True:
            fields = {"Bucket": bucket, "Prefix": prefix, "EncodingType": "url"}
            signed = _signed("list_objects_v2", fields | ({"ContinuationToken": token} if token else {}), location)
            page = xml_of(request(signed, location, settings, max_bytes=MAX_LIST_BYTES).data, location)
            for entry in page.iterfind("{*}Contents"):
                key = unquote_plus(entry.findtext("{*}Key") or "")
                relative = key.removeprefix(prefix).lstrip("/") or key.rpartition("/")[2]
                if key.endswith("/") or any(part.startswith(".") for part in relative.split("/")):
                    continue
                if selection.takes(relative):
                    items += 1
                    yield Item(f"s3://{bucket}/{key}", f"{entry.findtext('{*}ETag')}/{entry.findtext('{*}Size')}")
            if items > MAX_ITEMS:
                raise FetchError(f"{location} lists more than {MAX_ITEMS:,} objects. Name one of its prefixes.")
            following = page.findtext("{*}NextContinuationToken") or ""
            if page.findtext("{*}IsTruncated") != "true":
                return
            if not following or following == token:
                raise FetchError(f"{location} could not be listed to its end.")
            token = following

    def read(self, source: str, *, settings: Settings) -> Raw:
        """Return the bytes of an object.

        Raises:
            FetchError: as ``request``, or boto3 is not installed.
        """
        bucket, key = _parts(source)
        signed = _signed("get_object", {"Bucket": bucket, "Key": key}, source)
        answer = request(signed, source, settings, max_bytes=settings.max_source_bytes)
        return Raw(source=source, data=answer.data, media_type=answer.media_type, charset=answer.charset)


def _parts(source: str) -> tuple[str, str]:
    bucket, _, key = source.partition("://")[2].partition("/")
    if not _BUCKET.fullmatch(bucket) or ".." in bucket:
        raise FetchError(f"{source} names no bucket. Write s3://bucket or s3://bucket/prefix/.")
    return bucket, key


def _signed(action: str, fields: dict[str, str], source: str) -> str:
    """The link that does ``action``, signed; nothing is sent for it."""
    client, unsigned = _client()
    try:
        return str(client.generate_presigned_url(action, Params=fields, ExpiresIn=SIGNED_SECONDS))
    except unsigned as error:
        raise FetchError(
            f"{source} cannot be asked for ({type(error).__name__}). Set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and "
            "AWS_REGION, and AWS_ENDPOINT_URL_S3 for a server that is not Amazon's."
        ) from None


@lru_cache(maxsize=1)
def _client() -> tuple[Any, type[Exception]]:
    """The one that signs, and what it raises."""
    try:
        import boto3
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError
    except ImportError as error:
        raise FetchError("Reading buckets needs: pip install boto3==1.40.0 -c constraints.txt") from error
    try:
        session = boto3.session.Session()
        region = session.region_name or "us-east-1"
        return session.client("s3", region_name=region, config=Config(signature_version="s3v4")), BotoCoreError
    except (BotoCoreError, ValueError) as error:
        raise FetchError(f"boto3 cannot use what AWS_... says: {error}") from error
