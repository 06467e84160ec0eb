"""Who is calling, as a network address. Nothing that the caller says about itself is believed.

Only where the connection comes from a load balancer named in the settings is the last entry that a trusted
balancer did not write itself taken from X-Forwarded-For.
"""

from collections.abc import Sequence
from ipaddress import IPv6Address, ip_address, ip_network


class ClientAddresses:
    """Resolves the address of a caller; IPv6 callers are counted by their /64, which one line owns whole."""

    def __init__(self, trusted_networks: Sequence[str]) -> None:
        """Raises: ValueError for what is no network."""
        self._trusted = tuple(ip_network(network) for network in trusted_networks)

    def resolve(self, peer: str, forwarded_for: str | None) -> str:
        """Return the caller's address given the connection's peer and the X-Forwarded-For that came."""
        if not self._trusted or forwarded_for is None or not self._is_trusted(peer):
            return peer
        for candidate in reversed(forwarded_for.split(",")):
            address = candidate.strip()
            try:
                ip_address(address)
            except ValueError:
                return peer
            if not self._is_trusted(address):
                return address
        return peer

    def _is_trusted(self, address: str) -> bool:
        try:
            parsed = ip_address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self._trusted)


def quota_key(address: str) -> str:
    """Return the key under which an address is counted."""
    if ":" not in address:
        return address
    parsed = ip_address(address)
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return str(ip_network((parsed, 64), strict=False))
    return address
