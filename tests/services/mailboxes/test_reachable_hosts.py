"""Nobody reaches inside our network by naming a mail server."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import ip_address

import pytest

from invito.services.mailboxes.problems import Fault, MailServerFailure
from invito.services.mailboxes.reachable_hosts import addresses_of, connect, is_public

PUBLIC = "8.8.8.8"
Greeter = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Names:
    """A resolver that answers each question in turn, the last one for ever."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers = list(answers)
        self.asked = 0

    async def __call__(self, host: str) -> Sequence[str]:
        self.asked += 1
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


@pytest.mark.parametrize("address", ["8.8.8.8", "185.11.208.1", "2606:4700:4700::1111", "2a02:c0:1::1"])
def test_hosts_of_the_internet_are_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.9.10", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "192.0.0.8", "192.0.2.1", "198.18.0.1", "192.88.99.1", "224.0.0.1", "240.0.0.1",
        "255.255.255.255", "::", "::1", "fe80::1", "fe80::1%lo", "fc00::1", "fd12::1", "ff02::1", "2001:db8::1",
        "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::808:808",
        "64:ff9b:1::1", "2002:7f00:1::1", "2001::1", "3fff::1", "100::1", "5f00::1",
    ],
)  # fmt: skip
def test_addresses_inside_and_those_that_stand_for_others_are_not(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("found", [["127.0.0.1"], [PUBLIC, "10.0.0.1"], ["::ffff:169.254.169.254"], ["fe80::1%eth0"]])
async def test_a_name_with_one_address_inside_is_refused(found: list[str]) -> None:
    with pytest.raises(MailServerFailure) as failure:
        await connect("mail.example", 25, may_be_private=False, seconds=5, resolve=Names(found))

    assert failure.value.fault is Fault.HOST_REFUSED


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "127.1", "::1", "::ffff:127.0.0.1"])
async def test_no_way_of_writing_the_loopback_gets_through(host: str) -> None:
    with pytest.raises(MailServerFailure) as failure:
        await connect(host, 25, may_be_private=False, seconds=5)

    assert failure.value.fault in (Fault.HOST_REFUSED, Fault.UNKNOWN_HOST)


async def test_a_name_that_flips_is_looked_up_once_and_connected_to_where_it_was_judged() -> None:
    reached = asyncio.Queue[str]()
    servers = [await asyncio.start_server(_greeter("judged", reached), "127.0.0.1", 0)]
    port = servers[0].sockets[0].getsockname()[1]
    servers.append(await asyncio.start_server(_greeter("flipped", reached), "127.0.0.2", port))
    names = Names(["127.0.0.1"], ["127.0.0.2"])

    connection = await connect("mail.example", port, may_be_private=True, seconds=5, resolve=names)
    reader, writer = await asyncio.open_connection(sock=connection)

    assert await reader.readline() == b"judged\n"
    assert names.asked == 1
    assert reached.qsize() == 1
    writer.close()
    for server in servers:
        server.close()


async def test_a_name_that_was_judged_public_first_is_refused_once_it_flips_inside() -> None:
    names = Names([PUBLIC], ["127.0.0.1"])

    first = await addresses_of("mail.example", may_be_private=False, seconds=5, resolve=names)

    assert first == [ip_address(PUBLIC)]
    with pytest.raises(MailServerFailure) as failure:
        await addresses_of("mail.example", may_be_private=False, seconds=5, resolve=names)
    assert failure.value.fault is Fault.HOST_REFUSED


async def test_the_next_address_is_tried_where_one_takes_no_connection() -> None:
    reached = asyncio.Queue[str]()
    server = await asyncio.start_server(_greeter("there", reached), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]

    names = Names(["127.0.0.3", "127.0.0.1"])
    connection = await connect("mail.example", port, may_be_private=True, seconds=5, resolve=names)

    assert connection.getpeername()[0] == "127.0.0.1"
    connection.close()
    server.close()


@pytest.mark.parametrize("host", ["no.such.host.invalid", "two..dots", "a" * 70 + ".example", "ø" * 64])
async def test_a_name_that_nobody_has_is_unknown(host: str) -> None:
    with pytest.raises(MailServerFailure) as failure:
        await connect(host, 25, may_be_private=False, seconds=5)

    assert failure.value.fault is Fault.UNKNOWN_HOST


def _greeter(name: str, reached: asyncio.Queue[str]) -> Greeter:
    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reached.put_nowait(name)
        writer.write(f"{name}\n".encode())
        await writer.drain()

    return greet
