"""Which login goes to which host: the settings name the environment variable that holds it, never the login itself."""

from __future__ import annotations

from base64 import b64encode

from config import Settings, secrets
from errors import FetchError, SettingsError

EXAMPLE = "SYNC_CREDENTIALS=cloud.example.org=CLOUD_PASSWORD with CLOUD_PASSWORD=user:password"


def login_for(host: str, settings: Settings, *, encrypted: bool) -> tuple[str, str] | None:
    """Return the user and the password for ``host``, which is written as ``name`` or ``name:port``; None where none is named.

    Raises:
        SettingsError: the setting or the variable that it names cannot be used.
        FetchError: the connection is not ``encrypted``, and the host is not allowed by name.
    """
    name = host.partition(":")[0] if host.count(":") == 1 else host
    for pair in settings.sync_credentials:
        place, _, variable = pair.partition("=")
        if place.lower() not in (host.lower(), name.lower()):
            continue
        if not encrypted and not {name.lower(), host.lower()} & {one.lower() for one in settings.allow_hosts}:
            raise FetchError(
                f"The login for {host} is sent encrypted alone. Use an address that begins with webdav: or imaps:."
            )
        user, mark, password = secrets().get(variable, "").partition(":")
        if not mark:
            raise SettingsError(
                f"SYNC_CREDENTIALS names {variable!r} for {place}, which holds no user:password. A variable's name ends in "
                f"_PASSWORD, _TOKEN, _SECRET or _KEY. Example: {EXAMPLE}"
            )
        return user, password
    return None


def basic(login: tuple[str, str] | None) -> dict[str, str]:
    """Return the header that carries ``login`` (RFC 7617)."""
    return {"Authorization": "Basic " + b64encode(":".join(login).encode()).decode()} if login else {}
