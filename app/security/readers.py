"""The readers of a source as the page offers them to whoever adds it, and the current user as the page shows them."""

from __future__ import annotations

from app.text import escaped
from errors import AccessError
from records import Access, Principal
from store.auth.access import EVERYONE

ONLY_ME = "Only me"
EVERYBODY = "Everybody"


def readers_choices(principal: Principal) -> list[str]:
    """Return for whom ``principal`` may add a source, the narrowest first."""
    return [ONLY_ME, *sorted(principal.groups - {EVERYONE}), EVERYBODY]


def chosen_access(principal: Principal, choice: str | None, *, auth_enabled: bool) -> Access | None:
    """Return the access that ``principal`` chose for what it adds; None, which changes nothing, where users are not
    told apart.

    Raises:
        AccessError: a guest may add nothing, and nobody for a group of others.
    """
    if not principal.adds:
        raise AccessError("Log in to add documents.")
    if not auth_enabled:
        return None
    if choice is None or choice == ONLY_ME:
        return Access((f"user:{principal.name}",), principal.name)
    if choice == EVERYBODY:
        return Access((), principal.name)
    if choice not in principal.groups:
        raise AccessError(
            f"You are not in the group {choice!r}. Choose one of: {', '.join(readers_choices(principal))}."
        )
    return Access((choice,), principal.name)


def current_user_html(principal: Principal, *, logs_in: bool) -> str:
    """Return who is asking, with the link to log in or out; "" where users are not told apart."""
    if principal.name:
        links = ' · <a href="tokens">Tokens</a> · <a href="#logout">Log out</a>' if logs_in else ""
        return f"<p><b>{escaped(principal.name)}</b>{links}</p>"
    return '<p><a href="login">Log in</a></p>' if logs_in else ""
