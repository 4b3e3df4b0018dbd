"""Which addresses are posted to: those that were judged, so that a name cannot turn to another one meanwhile (SSRF)."""

import asyncio
import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

Address = IPv4Address | IPv6Address

# Protocol assignments and relays, which stand for other addresses or for nobody.
_NOBODYS = [ip_network(one) for one in ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "2002::/16", "3fff::/20")]
_PUBLIC_IPV6 = ip_network("2000::/3")
_LOCAL_IPV6 = ip_network("fc00::/7")


class HostRefused(Exception):
    """An address of the host is not one to post to."""


async def judged_addresses(host: str, *, may_be_private: bool) -> list[str]:
    """The addresses of the host in the order in which to try them; connections go to these and not to the name.

    :raises OSError: the name is unknown.
    :raises HostRefused: one of its addresses is not public. It spoils them all: a name has no business with both.
    """
    found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    addresses = [ip_address(address[0]) for *_, address in found]
    if not addresses or not all(is_allowed(one, may_be_private=may_be_private) for one in addresses):
        raise HostRefused
    return list(dict.fromkeys(map(str, addresses)))


def is_allowed(address: Address, *, may_be_private: bool) -> bool:
    """Link-local ones, where clouds hand out passwords, are refused in private networks too."""
    return _is_public(address) or (may_be_private and _is_private(address))


def _is_public(address: Address) -> bool:
    if any(address.version == network.version and address in network for network in _NOBODYS):
        return False
    if isinstance(address, IPv6Address) and (address.scope_id is not None or address not in _PUBLIC_IPV6):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _is_private(address: Address) -> bool:
    if address.is_loopback:
        return True
    if isinstance(address, IPv6Address):
        return address in _LOCAL_IPV6
    return address.is_private and not (address.is_link_local or address.is_unspecified or address.is_reserved)
