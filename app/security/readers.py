"""Who may read what somebody adds, and who they are, as the page says it."""

from __future__ import annotations

from app.text import escaped
from errors import AccessError
from records import Access, Reader
from store.auth.access import EVERYONE

ONLY_ME = "Only me"
EVERYBODY = "Everybody"


def readers_choices(reader: Reader) -> list[str]:
    """For whom ``reader`` may add a source, the narrowest first."""
    return [ONLY_ME, *sorted(reader.groups - {EVERYONE}), EVERYBODY]


def chosen_access(reader: Reader, choice: str | None, *, told_apart: bool) -> Access | None:
    """The access that ``reader`` chose for what it adds; None, which changes nothing, where readers are not told apart.

    Raises:
        AccessError: a guest may add nothing, and nobody for a group of others.
    """
    if not reader.adds:
        raise AccessError("Log in to add documents.")
    if not told_apart:
        return None
    if choice is None or choice == ONLY_ME:
        return Access((f"user:{reader.name}",), reader.name)
    if choice == EVERYBODY:
        return Access((), reader.name)
    if choice not in reader.groups:
        raise AccessError(f"You are not in the group {choice!r}. Choose one of: {', '.join(readers_choices(reader))}.")
    return Access((choice,), reader.name)


def visitor_html(reader: Reader, *, logs_in: bool) -> str:
    """Who is asking, with the way in or out; "" where nobody is told apart."""
    if reader.name:
        way_out = ' · <a href="#logout">Log out</a>' if logs_in else ""
        return f"<p><b>{escaped(reader.name)}</b>{way_out}</p>"
    return '<p><a href="login">Log in</a></p>' if logs_in else ""
