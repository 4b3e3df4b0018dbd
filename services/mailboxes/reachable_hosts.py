"""Which hosts a viewer may name as a mail server, so that nobody reaches inside our network through us (SSRF).

A name is looked up once; the addresses that were judged are the ones that are connected to.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Collection, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from invito.services.mailboxes.problems import Fault, MailServerFailure
from invito.services.mailboxes.servers import MailServer

Address = IPv4Address | IPv6Address
Resolve = Callable[[str], Awaitable[Sequence[str]]]

# What is no public host though `is_global` says so, or did in some version: protocol assignments, and relays of 6to4.
_NOT_PUBLIC = [ip_network(one) for one in ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "2002::/16", "3fff::/20")]
# All that is given to hosts of the internet (RFC 4291 §2.4); what embeds an IPv4 address lies outside, or above.
_UNICAST = ip_network("2000::/3")


async def look_up(host: str) -> Sequence[str]:
    """The addresses that the system knows of a name, in the order in which they should be tried.

    :raises OSError: it knows none.
    """
    found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


async def connect(
    host: str, port: int, *, may_be_private: bool, seconds: float, resolve: Resolve = look_up
) -> socket.socket:
    """A connection to a host, to one of the addresses that were judged. The socket does not block.

    :raises MailServerFailure: the name is unknown, an address of it is not public, or none takes the connection.
    """
    addresses = await addresses_of(host, may_be_private=may_be_private, seconds=seconds, resolve=resolve)
    problem = Fault.NO_CONNECTION
    for address in addresses:
        try:
            return await asyncio.wait_for(_connected(address, port), seconds)
        except TimeoutError:
            problem = Fault.NO_ANSWER
        except OSError:
            problem = Fault.NO_CONNECTION
    raise MailServerFailure(problem)


def reaching(private_hosts: Collection[str], seconds: float) -> Callable[[MailServer], Awaitable[socket.socket]]:
    """How connections to viewers' own servers are made; `private_hosts` alone may have addresses of any kind."""

    async def reach(server: MailServer) -> socket.socket:
        """
        :raises ConnectionError: see `connect`.
        """
        may_be_private = server.host in private_hosts
        try:
            return await connect(server.host, server.port, may_be_private=may_be_private, seconds=seconds)
        except MailServerFailure as failure:
            raise ConnectionError(f"{server.host}: {failure}") from failure

    return reach


async def addresses_of(
    host: str, *, may_be_private: bool, seconds: float, resolve: Resolve = look_up
) -> Sequence[Address]:
    """The addresses of a host. One that is not public spoils them all: a name has no business with both.

    :raises MailServerFailure: UNKNOWN_HOST, or HOST_REFUSED.
    """
    try:
        found = await asyncio.wait_for(resolve(host), seconds)
        addresses = [ip_address(address) for address in found]
    except (OSError, TimeoutError, UnicodeError, ValueError) as problem:
        raise MailServerFailure(Fault.UNKNOWN_HOST) from problem
    if not addresses:
        raise MailServerFailure(Fault.UNKNOWN_HOST)
    if not may_be_private and not all(map(is_public, addresses)):
        raise MailServerFailure(Fault.HOST_REFUSED)
    return addresses


def is_public(address: Address) -> bool:
    """Whether it is a host's of the internet, and as itself: an IPv6 address that stands for an IPv4 one is not."""
    if any(address.version == network.version and address in network for network in _NOT_PUBLIC):
        return False
    if isinstance(address, IPv6Address) and (address.scope_id is not None or address not in _UNICAST):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


async def _connected(address: Address, port: int) -> socket.socket:
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    connection = socket.socket(family, socket.SOCK_STREAM)
    try:
        connection.setblocking(False)
        await asyncio.get_running_loop().sock_connect(connection, (str(address), port))
    except BaseException:
        connection.close()
        raise
    return connection
