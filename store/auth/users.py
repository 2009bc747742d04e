"""Who may log in, and to which groups they belong: one JSON file, read again whenever it changes.

    {"alice": {"password": "$2b$12$...", "groups": ["finance"]}}

Passwords are kept as bcrypt hashes (Provos and Mazières 1999, "A future-adaptable password scheme").
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import bcrypt

from errors import AccessError
from records import Principal
from store.auth.access import ADMINS, user_name

ROUNDS = 12  # doublings of the work of a guess
SHORTEST, LONGEST = 8, 72  # a password: characters, and bytes, of which bcrypt reads no more
# Checked for names that there are not, so that the time of an answer does not tell them from those there are.
_NOBODY = b"$2b$12$lmmh4E/BKjh73tEa99b8k.J/DBezxOv87lggZhTpBkPm9QrYXonBG"


@dataclass(frozen=True)
class User:
    """A line of the file."""

    name: str
    password: str  # bcrypt hash
    groups: tuple[str, ...] = ()

    @property
    def mark(self) -> str:
        """Return what changes with the password, which ends the sessions that the old one began."""
        return hashlib.sha256(self.password.encode()).hexdigest()[:16]

    @property
    def principal(self) -> Principal:
        """Return what this user may read."""
        return principal_named(self.name, self.groups)


def principal_named(name: str, groups: Iterable[str]) -> Principal:
    """Return the principal of a user; members of ``admins`` manage what they may read."""
    return Principal(name=name, groups=frozenset(groups), manages=ADMINS in groups)


class Users:
    """The users in ``path``; none while there is no such file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = Lock()
        self._read_at: tuple[int, int] | None = None
        self._users: dict[str, User] = {}

    def all(self) -> dict[str, User]:
        """Return every user by name.

        Raises:
            AccessError: the file cannot be read; nobody is let in as long as it is so.
        """
        with self._lock:
            try:
                status = self.path.stat()
                at = (status.st_mtime_ns, status.st_ino)
                if at != self._read_at:
                    self._users = _parsed(json.loads(self.path.read_text(encoding="utf-8")))
                    self._read_at = at
            except FileNotFoundError:
                self._users, self._read_at = {}, None
            except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
                raise AccessError(f"The users file {self.path} cannot be read ({error}). Correct it.") from error
            return dict(self._users)

    def get(self, name: str) -> User | None:
        """Return the user ``name``."""
        return self.all().get(name)

    def principal(self, name: str) -> Principal:
        """Return what the user ``name`` may read.

        Raises:
            AccessError: there is no such user.
        """
        user = self.get(name)
        if user is None:
            raise AccessError(f"There is no user {name!r}. `python -m store users` lists them.")
        return user.principal

    def verified(self, name: str, password: str) -> User | None:
        """Return the user ``name`` if ``password`` is right. Takes as long when there is no such user."""
        user = self.get(name)
        given = password.encode()[: LONGEST + 1]
        right = len(given) <= LONGEST and bcrypt.checkpw(given, user.password.encode() if user else _NOBODY)
        return user if right else None

    def put(self, name: str, password: str | None, groups: Iterable[str] | None) -> User:
        """Add a user, or change what is given of one; the rest stays.

        Raises:
            AccessError: a name cannot be used, a new user has no password, or it is too short or too long.
        """
        users = self.all()
        known = users.get(user_name(name))
        if password is None and known is None:
            raise AccessError(f"A new user needs a password: {name!r} has none.")
        kept = known.groups if known else ()
        user = User(
            name,
            known.password if password is None and known else _hashed(password or ""),
            kept if groups is None else tuple(sorted({user_name(group) for group in groups})),
        )
        self._write({**users, name: user})
        return user

    def remove(self, name: str) -> None:
        """Remove a user; sessions end at once.

        Raises:
            AccessError: there is no such user, or nobody could log in any more.
        """
        self.principal(name)
        if len(self.all()) == 1:  # nobody could add anything then; and without the file everybody could do everything
            raise AccessError(
                f"{name} is the only user, and nobody could log in without. Add another one first; or delete {self.path}, "
                "and whoever reaches the page reads, adds and removes everything."
            )
        self._write({known: user for known, user in self.all().items() if known != name})

    def _write(self, users: dict[str, User]) -> None:
        rows = {name: {"password": user.password, "groups": list(user.groups)} for name, user in sorted(users.items())}
        draft = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
                file.write(json.dumps(rows, ensure_ascii=False, indent=1) + "\n")
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self.path)
        except OSError as error:
            draft.unlink(missing_ok=True)
            raise AccessError(f"The users file {self.path} cannot be written ({error.strerror}).") from error


def _hashed(password: str) -> str:
    if len(password) < SHORTEST or len(password.encode()) > LONGEST:
        raise AccessError(
            f"A password has {SHORTEST} characters or more, and {LONGEST} bytes or less. This one has not."
        )
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(ROUNDS)).decode()


def _parsed(rows: dict[str, dict[str, object]]) -> dict[str, User]:
    users = {}
    for name, row in rows.items():
        password, groups = row["password"], row.get("groups", [])
        if not isinstance(password, str) or not password.startswith("$2") or not isinstance(groups, list):
            raise ValueError(f"{name!r} needs a bcrypt hash as password and a list of groups")
        users[name] = User(user_name(name), password, tuple(user_name(group) for group in groups))
    return users
