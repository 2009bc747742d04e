"""Authentication: who sends a request, by a session of our own or a proxy's header, and so what they may read."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock
from typing import Any

from app.security.login_throttle import LoginThrottle
from app.security.request_filter import is_loopback
from app.security.sessions import Sessions
from config import Settings
from errors import AccessError
from records import GUEST, OPERATOR, Principal
from store.auth.access import user_name
from store.auth.tokens import Tokens
from store.auth.users import Users, principal_named

COOKIE = "session"
# As OAuth2 Proxy, Authelia and others name them.
NAME_HEADER, GROUPS_HEADER = "x-forwarded-user", "x-forwarded-groups"
MAX_CLAIMS = 50_000  # open pages whose owner is kept


class Identity:
    """The authentication of requests.

    While there are neither users nor trusted proxies, everybody is the same: the operator where only programs of this
    machine come in, and otherwise somebody who manages what is open to everybody.
    """

    def __init__(self, settings: Settings, host: str = "127.0.0.1", clock: Callable[[], float] = time.time) -> None:
        self.users = Users(settings.users_path)
        self.sessions = Sessions(
            settings.data_dir, self.users, settings.session_hours * 3600, clock, settings.catalog_url
        )
        self.tokens = Tokens(settings.data_dir, self.users, clock, settings.catalog_url)
        self.throttle = LoginThrottle()
        self._proxies = frozenset(settings.proxies)
        self._everybody = OPERATOR if is_loopback(host) else Principal(manages=True)
        self._claims: dict[str, tuple[str, ...]] = {}
        self._lock = Lock()

    @property
    def enabled(self) -> bool:
        """Whether users are told apart. A users file that cannot be read still counts as one."""
        return bool(self._proxies) or self.users.path.exists()

    @property
    def logs_in(self) -> bool:
        """Whether one can log in here."""
        return self.users.path.exists()

    def principal(self, request: Any) -> Principal:
        """Return who sent ``request``, of Starlette or of Gradio; a guest for None."""
        if not self.enabled:
            return self._everybody
        if request is None:
            return GUEST
        try:
            if (known := self._of_proxy(request)) is not None:
                return known
            user = self.sessions.user(request.cookies.get(COOKIE, "")) if self.logs_in else None
        except AccessError:  # a users file or a header that cannot be read lets nobody in
            return GUEST
        return user.principal if user else GUEST

    def program(self, request: Any) -> Principal:
        """Return for whom the program acts that sent ``request``: by its token, else by what a trusted proxy says. Cookies
        are not looked at: a browser sends them along with what another site's page asks for.

        Raises:
            AccessError: there is a token, and it is unknown, revoked or over.
        """
        if not self.enabled:
            return self._everybody
        if said := request.headers.get("authorization", ""):
            scheme, _, token = said.partition(" ")
            user = self.tokens.user(token.strip()) if scheme.lower() == "bearer" else None
            if user is None:
                raise AccessError(
                    "This token is not known: it may be revoked or over. Make one on the page at /tokens."
                )
            return user.principal
        try:
            return self._of_proxy(request) or GUEST
        except AccessError:
            return GUEST

    def _of_proxy(self, request: Any) -> Principal | None:
        """Who a trusted proxy says has sent ``request``."""
        if _peer(request) not in self._proxies or not (name := request.headers.get(NAME_HEADER, "")):
            return None
        groups = request.headers.get(GROUPS_HEADER, "").split(",")
        return principal_named(user_name(name), [user_name(one.strip()) for one in groups if one.strip()])

    def address(self, request: Any) -> str:
        """Return where ``request`` comes from, seen through trusted proxies."""
        peer = _peer(request)
        if peer in self._proxies:
            hops = [hop.strip() for hop in request.headers.get("x-forwarded-for", "").split(",") if hop.strip()]
            return next((hop for hop in reversed(hops) if hop not in self._proxies), peer)
        return peer

    def is_secure(self, request: Any) -> bool:
        """Tell whether the browser's connection is encrypted, as far as we or a trusted proxy know."""
        if _peer(request) in self._proxies:
            return bool(request.headers.get("x-forwarded-proto", "") == "https")
        return bool(request.url.scheme == "https")

    def owns(self, page: str, principal: Principal) -> bool:
        """Tell whether the open page ``page`` (Gradio's session hash) is ``principal``'s. The first to use it has it:
        what it holds, questions asked among it, is nobody else's."""
        if not self.enabled or not page:
            return True
        who = ("named", principal.name) if principal.name else ("guest",)
        with self._lock:
            if page not in self._claims and len(self._claims) >= MAX_CLAIMS:
                self._claims.pop(next(iter(self._claims)))
            return self._claims.setdefault(page, who) == who


def _peer(request: Any) -> str:
    client = getattr(request, "client", None)
    return str(client.host) if client is not None else ""
