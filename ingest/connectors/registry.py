"""All places that sources come from, by the scheme of their names. One of your own is one more entry."""

from __future__ import annotations

from config import Settings
from errors import FetchError
from ingest.connectors.address import scheme_of
from ingest.connectors.attachments import Attachments
from ingest.connectors.base import Connector
from ingest.connectors.bucket import Bucket
from ingest.connectors.files import Files
from ingest.connectors.git import Git
from ingest.connectors.mailbox import Mailbox
from ingest.connectors.web import Web
from ingest.connectors.webdav import WebDav
from records import Raw

# "" is a path of this machine
CONNECTORS: dict[str, Connector] = {
    "": Files(),
    "http": Web(),
    "https": Web(),
    "s3": Bucket(),
    "git+file": Git(),
    "git+http": Git(),
    "git+https": Git(),
    "webdav": WebDav(),
    "webdav+http": WebDav(),
    "imap": Mailbox(),
    "imaps": Mailbox(),
}


def connector_of(source: str) -> Connector:
    """Return the connector for the source or location ``source``.

    Raises:
        FetchError: there is none for its scheme.
    """
    connector = CONNECTORS.get(scheme_of(source))
    if connector is None:
        *others, last = sorted(scheme for scheme in CONNECTORS if scheme not in ("", "attachment"))
        raise FetchError(f"{source} is not a file, and of links only {', '.join(others)} and {last} can be read.")
    return connector


def read_source(source: str, settings: Settings) -> Raw:
    """Return the bytes of a source, wherever it is.

    Raises:
        FetchError: it does not exist, may not be read, is too large, too slow, or the server refuses it.
    """
    return connector_of(source).read(source, settings=settings)


CONNECTORS["attachment"] = Attachments(read_source)


def version_of(source: str) -> str:
    """Return the present version of a source; "" when only reading it tells whether it has changed."""
    try:
        item = next(iter(connector_of(source).list(source)), None)
    except FetchError:
        return ""  # reading it will say why
    return item.version if item is not None and item.source == source else ""
