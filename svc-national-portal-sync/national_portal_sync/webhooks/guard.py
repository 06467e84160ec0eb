"""Where a webhook may go: to https addresses of the internet, and to this machine in the sandbox profile.

The name is resolved and checked at each attempt and the connection goes to the checked address, so a name
that changes its answer in between leads nowhere else.
"""

import asyncio
import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class UrlRefused(Exception):
    """An address that no webhook is sent to; `reason` is a stable code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Target:
    """A checked address: `url` names it by number, `host` is for the Host header, `name` for TLS."""

    url: str
    host: str
    name: str


class Guard:
    """The check of one profile."""

    def __init__(self, *, allows_loopback: bool) -> None:
        self._allows_loopback = allows_loopback

    async def check(self, url: str) -> Target:
        """Return where a message may be sent. Raises: UrlRefused."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as failure:
            raise UrlRefused("malformed") from failure
        name = parts.hostname
        if not name or parts.username is not None or parts.password is not None or parts.fragment:
            raise UrlRefused("malformed")
        if parts.scheme not in ("https", "http"):
            raise UrlRefused("scheme")
        port = port or (443 if parts.scheme == "https" else 80)
        addresses = await _resolve(name, port)
        for address in addresses:
            self._require(parts.scheme, address)
        number = f"[{addresses[0]}]" if addresses[0].version == 6 else str(addresses[0])
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        return Target(f"{parts.scheme}://{number}:{port}{path or '/'}", parts.netloc, name)

    def _require(self, scheme: str, address: Address) -> None:
        mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
        plain = mapped or address
        if plain.is_loopback and self._allows_loopback:
            return
        if not plain.is_global or plain.is_multicast or plain.is_reserved:
            raise UrlRefused("address")
        if scheme != "https":
            raise UrlRefused("scheme")


async def _resolve(name: str, port: int) -> list[Address]:
    """Return every address of a name. Raises: UrlRefused when it has none."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as failure:
        raise UrlRefused("not_resolved") from failure
    addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    if not addresses:
        raise UrlRefused("not_resolved")
    return addresses
