"""The socket to serve on, opened before anything slow, so that a port that is taken is known at once."""

from __future__ import annotations

import socket

from errors import SettingsError


def open_socket(host: str, port: int) -> socket.socket:
    """Open a listening socket.

    Raises:
        SettingsError: the address cannot be used, e.g. because another program listens there.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    server_socket = socket.socket(family)
    try:
        server_socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server_socket.bind((host, port))
        server_socket.listen(128)
    except (OSError, OverflowError) as error:
        server_socket.close()
        why = getattr(error, "strerror", None) or str(error)
        raise SettingsError(f"Cannot listen on {host}:{port} ({why}). Choose another with --port.") from error
    return server_socket
