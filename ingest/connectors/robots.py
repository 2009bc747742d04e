"""robots.txt: what a site asks programs not to read is not read (RFC 9309)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from errors import FetchError
from ingest.connectors.download import USER_AGENT, Answer, Hop

if TYPE_CHECKING:
    from protego import Protego

MAX_BYTES = 512_000  # at least this much has to be read, says the RFC, section 2.5
MAX_REDIRECTS = 5  # section 2.3.1.2
FRESH_SECONDS = 3600.0
MAX_SITES = 1000  # remembered; the oldest are forgotten
_NAME = USER_AGENT.partition("/")[0]


class RobotsHop:
    """A hop that asks the site's robots.txt first, once an hour; it goes through the same hop."""

    def __init__(self, hop: Hop) -> None:
        self._hop = hop
        self._pages = hop
        self._known: dict[str, tuple[float, Protego]] = {}

    def reading_by(self, hop: Hop) -> RobotsHop:
        """Return one that knows and learns the same rules, and reads what they allow through ``hop``."""
        other = RobotsHop(self._hop)
        other._pages, other._known = hop, self._known
        return other

    def __call__(self, url: str, max_bytes: int, seconds: float) -> Answer:
        """Return the answer of the hop.

        Raises:
            FetchError: the site's robots.txt forbids it or cannot be had, or as the hop itself.
        """
        deadline = time.monotonic() + seconds
        address = urljoin(url, "/robots.txt")
        try:
            rules = self._rules(address, seconds)
        except FetchError as error:  # who asked for a page knows nothing of this file
            raise FetchError(str(error).replace(address, url)) from error.__cause__
        if not rules.can_fetch(url, _NAME):
            raise FetchError(
                f"{url} is not for programs: the site's robots.txt says so. Save the page in a browser and add the file."
            )
        return self._pages(url, max_bytes, max(deadline - time.monotonic(), 0.0))

    def _rules(self, address: str, seconds: float) -> Protego:
        from protego import Protego

        now = time.monotonic()
        read, rules = self._known.get(address, (float("-inf"), None))
        if rules is None or now - read > FRESH_SECONDS:
            rules = Protego.parse(self._read(address, now + seconds))
            while len(self._known) >= MAX_SITES:
                del self._known[next(iter(self._known))]
            self._known[address] = (now, rules)
        return rules

    def _read(self, address: str, deadline: float) -> str:
        """The text of a robots.txt; "" where there is none."""
        current = address
        for _ in range(MAX_REDIRECTS + 1):
            answer = self._hop(current, MAX_BYTES, max(deadline - time.monotonic(), 0.0))
            if not answer.location:
                break
            current = urljoin(current, answer.location)
            if urlsplit(current).scheme.lower() not in ("http", "https"):
                return ""
        if answer.status >= 500:  # section 2.3.1.4: then everything is forbidden
            raise FetchError(
                f"{address} is not read: the site answered {answer.status} when asked what programs may read. Try again "
                "later."
            )
        return answer.data.decode("utf-8", errors="replace") if answer.status == 200 else ""
