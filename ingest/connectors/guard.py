"""Which addresses may be connected to: the public internet, and what the user allowed by name.

The decision falls on the addresses that a name has at the moment of connecting, and the connection then goes to one of
these very addresses. So neither the spelling of a host, nor a redirect, nor a name that resolves to something else the
second time leads anywhere else.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from errors import FetchError

# (host, port) -> addresses as text, in the order in which to try them; raises OSError.
Resolver = Callable[[str, int], list[str]]

# Beyond what the ipaddress module calls global: relays and translators into other networks, and the one cloud service
# for machines' own data that has a public address (Azure's; all others are link-local or private).
_CLOSED = tuple(
    ip_network(text)
    for text in ("168.63.129.16/32", "192.88.99.0/24", "192.0.0.0/24", "2001::/23", "2002::/16", "3fff::/20")
)
_UNICAST = ip_network("2000::/3")  # all of IPv6 that is routed on the internet
_TRANSLATED = ip_network("64:ff9b::/96")  # RFC 6052: how an IPv6-only network reaches IPv4


def resolve_by_system(host: str, port: int) -> list[str]:
    """Return the addresses of ``host`` as the operating system knows them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(address: str) -> bool:
    """Return whether an IP address is one of the public internet: not loopback, private, link-local, multicast, reserved or
    a cloud's metadata service, nor an IPv6 form of such an IPv4 address."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv6Address):
        inner = ip.ipv4_mapped
        if ip in _TRANSLATED:
            inner = IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            ip = inner
        elif ip not in _UNICAST or ip.scope_id:
            return False
    if ip.is_multicast or not ip.is_global:
        return False
    return not any(ip.version == network.version and ip in network for network in _CLOSED)


TO_ALLOW = "If you trust it, allow it by name:"  # what follows is for whoever runs the commands


@dataclass(frozen=True)
class Guard:
    """A rule for where connections go. ``allowed`` holds hosts as written in links, with or without a port."""

    allowed: frozenset[str] = frozenset()
    resolve: Resolver = resolve_by_system

    @classmethod
    def of(cls, hosts: Iterable[str], resolve: Resolver = resolve_by_system) -> Guard:
        """Return a guard that lets through to ``hosts`` whatever their addresses are."""
        return cls(frozenset(host.lower().rstrip(".") for host in hosts), resolve)

    def addresses(self, host: str, port: int) -> list[str]:
        """Return the addresses to connect to for ``host``.

        Raises:
            FetchError: one of its addresses is not public, and the host is not allowed by name.
            OSError: it has no address.
        """
        found = self.resolve(host, port)
        if not found:
            raise OSError(f"{host} has no address")
        name = host.lower().rstrip(".")
        written = f"[{name}]" if ":" in name else name
        if not {name, written, f"{written}:{port}"} & self.allowed and not all(map(is_public, found)):
            raise FetchError(
                f"{host} is not on the public internet, but on this machine or in a private network. {TO_ALLOW} "
                f"--allow-host {written}:{port}, or ALLOW_HOSTS={written}:{port}."
            )
        return found
