"""One way to the network: a hop, and the redirects that join hops, within limits on size, time and number."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urljoin, urlsplit

import httpcore
import httpx

from config import Settings
from errors import FetchError
from ingest.connectors.guard import Guard
from ingest.connectors.transport import GuardedTransport

USER_AGENT = "document-assistant/0.1 (reads pages its user names)"
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_ENCODINGS = frozenset(("", "identity", "gzip", "deflate"))
_HEADERS = {
    "User-Agent": USER_AGENT,
    "Accept": "text/html,application/xhtml+xml,application/pdf,image/*,*/*;q=0.8",
    "Accept-Encoding": "gzip, deflate",
}
_CONNECTION_ERRORS = (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The answer to one request."""

    url: str
    status: int
    data: bytes = b""
    media_type: str = ""
    charset: str = ""
    location: str = ""  # where a redirect points
    etag: str = ""  # of this state of what is there, as the server says
    modified: str = ""  # when it last changed, as the server says


# One request, no redirect followed: (url, largest body in bytes, seconds left) -> Answer. What may be connected to and
# read is decided in here, since this is called anew for every hop.
Hop = Callable[[str, int, float], Answer]


class HttpHop:
    """One request over HTTP, to where ``guard`` lets it go.

    Args:
        guard: what may be connected to.
        headers: sent besides our own.
        body: whether it is read; without it the connection is closed after the answer's headers.
        method: GET, or another one that may carry ``content``.
    """

    def __init__(
        self,
        guard: Guard,
        headers: Mapping[str, str] | None = None,
        *,
        body: bool = True,
        method: str = "GET",
        content: bytes = b"",
    ) -> None:
        self._guard = guard
        self._headers = {**_HEADERS, **(headers or {})}
        self._body = body
        self._method = method
        self._content = content

    def __call__(self, url: str, max_bytes: int, seconds: float) -> Answer:
        """Return what the server answers to a request of ``url``.

        Raises:
            FetchError: the server may not or cannot be reached, takes longer than ``seconds``, or sends more than
                ``max_bytes``.
        """
        deadline = time.monotonic() + seconds
        try:
            with (
                httpx.Client(headers=self._headers, transport=GuardedTransport(self._guard, deadline)) as client,
                client.stream(self._method, url, content=self._content or None) as response,
            ):
                return _answer(url, response, max_bytes if self._body else 0, deadline)
        except FetchError as error:
            raise FetchError(f"{url} is not read. {error}" if not str(error).startswith(url) else str(error)) from None
        except (httpx.TimeoutException, httpcore.TimeoutException) as error:
            raise FetchError(
                f"{url} took too long: no whole answer within {seconds:.1f} s. Try again later."
            ) from error
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError, *_CONNECTION_ERRORS) as error:
            raise FetchError(f"{url} cannot be reached: {_why(error)}") from error


def _why(error: BaseException) -> str:
    """Say in plain words why there was no answer; the error itself goes along as the cause."""
    said = str(error)
    if any(
        sign in said for sign in ("Name or service not known", "nodename nor servname", "getaddrinfo", "no address")
    ):
        return "there is no site of that name. Check its spelling."
    if "name resolution" in said:
        return "names of sites cannot be looked up now. Check this machine's connection."
    if "refused" in said:
        return "nothing answers there. Check the address, or try again later."
    if "CERTIFICATE" in said or "certificate" in said:
        return "its certificate cannot be trusted, so it may not be the site it says it is."
    if "unreachable" in said:
        return "there is no way to it from here. Check this machine's connection."
    return f"{said or type(error).__name__}. Check the address and the connection."


def _answer(url: str, response: httpx.Response, max_bytes: int, deadline: float) -> Answer:
    kind = response.headers.get("content-type", "")
    location = response.headers.get("location", "") if response.status_code in _REDIRECTS else ""
    encoding = response.headers.get("content-encoding", "").strip().lower()
    if encoding not in _ENCODINGS:
        # layers of compression, or one without bound, could make gigabytes of the few bytes that were asked for
        raise FetchError(f"{url} is compressed in a way that was not asked for ({encoding[:40]}).")
    return Answer(
        url=url,
        status=response.status_code,
        data=b"" if location or not max_bytes else b"".join(_limited(response, url, max_bytes, deadline)),
        media_type=kind.split(";")[0].strip().lower(),
        charset=response.charset_encoding or "",
        location=location,
        etag=response.headers.get("etag", ""),
        modified=response.headers.get("last-modified", ""),
    )


def _limited(response: httpx.Response, url: str, max_bytes: int, deadline: float) -> Iterator[bytes]:
    """The body piece by piece, counted after decompression; a slow drip does not outlive the deadline."""
    length = response.headers.get("content-length", "")
    if length.isdigit() and int(length) > max_bytes:
        raise FetchError(f"{url} is too large: {int(length):,} bytes, the limit is {max_bytes:,}.")
    received = 0
    for piece in response.iter_bytes():
        received += len(piece)
        if received > max_bytes:
            raise FetchError(f"{url} is too large: more than the limit of {max_bytes:,} bytes.")
        if time.monotonic() > deadline:
            raise FetchError(f"{url} took too long: {received:,} bytes came in time. Try again later.")
        yield piece


def download(url: str, *, max_bytes: int, settings: Settings, hop: Hop, conditional: bool = False) -> Answer:
    """GET ``url``, following redirects hop by hop; the time limit holds for all hops together.

    With ``conditional``, where ``hop`` asks for it only if it has changed, the answer's status may be 304: it has not.

    Raises:
        FetchError: not http(s), unreachable, too slow, too large, too many redirects, or a status other than 200.
    """
    deadline = time.monotonic() + settings.fetch_timeout
    current = url
    for _ in range(settings.max_redirects + 1):
        parts = _split(current, url)
        if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
            raise FetchError(f"{url} leads to {current!r}. Only http and https links can be read.")
        left = deadline - time.monotonic()
        if left <= 0:
            raise FetchError(f"{url} did not answer within {settings.fetch_timeout:.0f} s. Try again later.")
        answer = hop(current, max_bytes, left)
        if not answer.location:
            if not (conditional and answer.status == 304):
                _check_status(answer, url)
            return answer
        current = urljoin(current, answer.location)
    raise FetchError(f"{url} redirects more than {settings.max_redirects} times; the last stop was {current}.")


def _split(current: str, url: str) -> SplitResult:
    try:
        return urlsplit(current)
    except ValueError as error:
        raise FetchError(f"{url} leads to {current!r}, which is not a valid address: {error}.") from error


def _check_status(answer: Answer, url: str) -> None:
    if answer.status == 200:
        return
    phrase = httpx.codes.get_reason_phrase(answer.status)
    advice = {
        401: "It needs a login; save the page and add the file.",
        403: "It refuses programs; save the page in a browser and add the file.",
        404: "Check the address.",
        410: "The page is gone.",
        429: "It asks to wait; try again later.",
    }.get(answer.status, "Try again later." if answer.status >= 500 else "Check the address.")
    raise FetchError(f"{url} answered {answer.status} {phrase}. {advice}")
