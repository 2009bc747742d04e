"""HTTP connections that go where the guard says, and no longer than the time allows."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from typing import Any

import httpcore
import httpx

from ingest.connectors.guard import Guard


class GuardedTransport(httpx.BaseTransport):
    """The transport of an ``httpx.Client``. Proxies that the environment names are not used: behind one,
    nobody here could say which address is connected to."""

    def __init__(self, guard: Guard, deadline: float) -> None:
        self._pool = httpcore.ConnectionPool(network_backend=_Backend(guard, deadline), max_connections=1)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send ``request``; raise what httpcore raises, and ``FetchError`` when the guard refuses the host."""
        url = request.url
        target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        response = self._pool.handle_request(
            httpcore.Request(method=request.method, url=target, headers=request.headers.raw, content=request.read())
        )
        return httpx.Response(response.status, headers=response.headers, stream=_Body(response))

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        return self._response.iter_stream()

    def close(self) -> None:
        self._response.close()


class _Backend(httpcore.NetworkBackend):
    """Connects where ``guard`` says, and lets nothing go on beyond ``deadline`` (of ``time.monotonic``)."""

    def __init__(self, guard: Guard, deadline: float) -> None:
        self._guard = guard
        self._deadline = deadline
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address of ``host`` that answers; each gets its share of the time left.

        Raises:
            FetchError: the guard refuses the host.
            httpcore.ConnectError, httpcore.ConnectTimeout: it has no address, or none answers.
        """
        try:
            addresses = self._guard.addresses(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(str(error)) from error
        failed: Exception | None = None
        for number, address in enumerate(addresses):
            share = _time_left(self._deadline, httpcore.ConnectTimeout) / (len(addresses) - number)
            try:
                stream = self._inner.connect_tcp(address, port, share, None, socket_options)
                return _TimedStream(stream, self._deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        raise failed or httpcore.ConnectError(f"{host} has no address")


class _TimedStream(httpcore.NetworkStream):
    """A connection on which every wait ends with the deadline: a server that drips does not hold it open."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: float) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _time_left(self._deadline, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _time_left(self._deadline, httpcore.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = _time_left(self._deadline, httpcore.ConnectTimeout)
        return _TimedStream(self._inner.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _time_left(deadline: float, out: type[httpcore.TimeoutException]) -> float:
    """Seconds until ``deadline``; raises ``out`` when there are none."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise out("the time is up")
    return left
