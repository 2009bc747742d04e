"""The commands python -m store users, tokens and access: who may log in, which programs act for them, and who may read
which source."""

from __future__ import annotations

import argparse
import getpass
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from config import Settings
from errors import AccessError
from records import Access
from store.auth.access import EVERYONE, readers_of
from store.auth.tokens import Token, Tokens
from store.auth.users import Users


def add_parsers(commands: Any) -> tuple[argparse.ArgumentParser, ...]:
    """Add the commands' options."""
    users = commands.add_parser("users", help="list those who may log in; add, change and remove them")
    users.add_argument("--add", metavar="NAME", help="a new user; the password is asked for, or read from stdin")
    users.add_argument("--password", metavar="NAME", help="give a user another password, asked for in the same way")
    users.add_argument("--groups", metavar="A,B", help="with --add: groups; alone with --of: instead of those before")
    users.add_argument("--of", metavar="NAME", help="whose --groups to change")
    users.add_argument("--remove", metavar="NAME", help="remove a user")
    tokens = commands.add_parser(
        "tokens", help="list the tokens with which programs act for users; make and revoke them"
    )
    tokens.add_argument("--add", metavar="NAME", help="make a token for a user; it is printed, once")
    tokens.add_argument("--label", metavar="TEXT", default="", help="with --add: what it is for")
    tokens.add_argument("--days", metavar="DAYS", type=float, help="with --add: after which it ends (default: never)")
    tokens.add_argument("--revoke", metavar="ID", help="end a token, from this moment on")
    access = commands.add_parser("access", help="show or change who may read a source, from this moment on")
    access.add_argument("source", metavar="SOURCE", help="as python -m ingest --list names it")
    access.add_argument("--groups", metavar="A,B", help=f"groups, users as user:NAME, or {EVERYONE}")
    return users, tokens, access


def users(settings: Settings, arguments: argparse.Namespace) -> str:
    """Change the users file as asked; return what is in it then, to be printed.

    Raises:
        AccessError: what is asked for cannot be done.
    """
    known = Users(settings.users_path)
    groups = None if arguments.groups is None else [one.strip() for one in arguments.groups.split(",") if one.strip()]
    if groups is not None and not (arguments.add or arguments.of):
        raise AccessError("--groups of whom? Name a user with --add NAME or --of NAME.")
    if arguments.add:
        if known.get(arguments.add) is not None:
            raise AccessError(f"There is a user {arguments.add!r} already. Change it with --password or --of.")
        known.put(arguments.add, _password(arguments.add), groups or [])
    if arguments.password:
        known.principal(arguments.password)
        known.put(arguments.password, _password(arguments.password), None)
    if arguments.of:
        known.principal(arguments.of)
        known.put(arguments.of, None, groups)
    if arguments.remove:
        known.remove(arguments.remove)
    everybody = known.all()
    if arguments.json:
        return json.dumps({name: list(user.groups) for name, user in everybody.items()}, ensure_ascii=False)
    if not everybody:
        return f"Nobody can log in. Add somebody: python -m store users --add NAME --groups A,B (kept in {known.path})"
    return "\n".join(f"{name}: {', '.join(user.groups) or 'no groups'}" for name, user in everybody.items())


def tokens(settings: Settings, arguments: argparse.Namespace) -> str:
    """Make and revoke tokens as asked; return the new one, or those that there are then, to be printed.

    Raises:
        AccessError: what is asked for cannot be done.
    """
    kept = Tokens(settings.data_dir, Users(settings.users_path), url=settings.catalog_url)
    if (arguments.label or arguments.days is not None) and not arguments.add:
        raise AccessError("--label and --days of which token? Make one for a user with --add NAME.")
    if arguments.revoke:
        kept.revoke(arguments.revoke)
    if arguments.add:
        text, token = kept.create(arguments.add, arguments.label, arguments.days)
        if arguments.json:
            return json.dumps({**_row(token), "token": text}, ensure_ascii=False)
        return f"{text}\nThe token {token.id} of {token.user}. Keep it: it is not shown again."
    if arguments.json:
        return json.dumps([_row(token) for token in kept.all()], ensure_ascii=False)
    lines = [
        f"{row['id']}  {row['user']}  {row['label'] or 'no label'}  made {row['created']}"
        f"  ends {row['ends'] or 'never'}  used {row['used'] or 'never'}"
        for row in map(_row, kept.all())
    ]
    return "\n".join(lines) or "There are no tokens. Make one: python -m store tokens --add NAME --label TEXT"


def _row(token: Token) -> dict[str, str | None]:
    """The token as its line shows it."""

    def when(seconds: float | None) -> str | None:
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat(timespec="minutes")

    return {
        "id": token.id,
        "user": token.user,
        "label": token.label,
        "created": when(token.created),
        "ends": when(token.ends),
        "used": when(token.used),
    }


def access(settings: Settings, arguments: argparse.Namespace) -> str:
    """Change who may read a source as asked; return who may then, to be printed.

    Raises:
        AccessError: there is no such source, or readers are named in a way that cannot be used.
    """
    from store.catalog import Catalog

    catalog = Catalog(settings.data_dir / "catalog.sqlite", settings.catalog_url)
    try:
        path = str(Path(arguments.source).expanduser().resolve())
        found = catalog.source(arguments.source) or catalog.source(path)
        if found is None:
            raise AccessError(f"{arguments.source} is not in the index. `python -m ingest --list` shows what is.")
        if arguments.groups is not None:
            catalog.set_access(found.source, Access(readers_of(arguments.groups.split(",")), found.access.owner))
        now = catalog.access(found.source) or Access()
    finally:
        catalog.close()
    if arguments.json:
        return json.dumps({"source": found.source, "readers": now.readers or [EVERYONE], "owner": now.owner})
    owner = f" (added by {now.owner})" if now.owner else ""
    return f"{found.source}: read by {', '.join(now.readers) or EVERYONE}{owner}"


def _password(name: str) -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    first = getpass.getpass(f"Password of {name}: ")
    if getpass.getpass("Once more: ") != first:
        raise AccessError("The two are not the same. Nothing was changed.")
    return first
