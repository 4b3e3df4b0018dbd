"""Which hosts are posted to, and that they have to prove that they are who they are."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_address
from pathlib import Path

import pytest
from invito_webhook.posting import poster_to
from invito_webhook.reachable_hosts import HostRefused, is_allowed, judged_addresses
from webhook_endpoints import endpoint

from tests.certificates import Certificates, make_certificates

TAKEN = b"HTTP/1.1 204 No Content\r\n\r\n"


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700::1111"])
def test_a_public_address_is_posted_to(address: str) -> None:
    assert is_allowed(ip_address(address), may_be_private=False)


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.1.2.3", "192.168.1.1", "172.16.0.1", "100.64.0.1", "::1", "fd00::1"]
)
def test_one_of_a_private_network_is_posted_to_where_the_settings_say_so(address: str) -> None:
    assert not is_allowed(ip_address(address), may_be_private=False)
    # Shared addresses (RFC 6598) are a provider's, and nobody's own.
    assert is_allowed(ip_address(address), may_be_private=True) is not address.startswith("100.")


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "fe80::1",
        "ff02::1",
        "::",
        "::ffff:169.254.169.254",
        "::ffff:127.0.0.1",
        "2002:7f00:1::",
        "64:ff9b::7f00:1",
        "192.0.0.8",
        # Shared with a provider (RFC 6598), and nobody's own.
        "100.64.0.1",
    ],
)
def test_one_that_stands_for_another_or_for_nobody_is_never_posted_to(address: str) -> None:
    assert not is_allowed(ip_address(address), may_be_private=True)


@pytest.mark.parametrize("host", ["127.0.0.1", "0x7f.1", "2130706433", "localhost", "::1"])
async def test_a_name_that_leads_inside_is_refused(host: str) -> None:
    with pytest.raises(HostRefused):
        await judged_addresses(host, may_be_private=False)


async def test_one_address_that_is_not_public_spoils_all(monkeypatch: pytest.MonkeyPatch) -> None:
    async def both(*_: object, **__: object) -> list[tuple[object, ...]]:
        return [(0, 0, 0, "", ("1.1.1.1", 0)), (0, 0, 0, "", ("127.0.0.1", 0))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", both)

    with pytest.raises(HostRefused):
        await judged_addresses("both.example", may_be_private=False)


@pytest.mark.parametrize(("name", "is_taken"), [("localhost", True), ("other.example", False)])
async def test_the_certificate_is_to_be_that_of_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, is_taken: bool
) -> None:
    certificates = make_certificates(name)
    async with taking(certificates, tmp_path) as (port, heads):
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
        async with poster_to(endpoint(f"https://localhost:{port}/hook?of=crm"), 30) as poster:
            outcome = await poster.post("msg_1", "{}")

    assert outcome.is_taken is is_taken
    assert [head for head in heads if head.startswith(b"POST /hook?of=crm HTTP/1.1")] == heads
    assert [f"Host: localhost:{port}".encode() in head for head in heads] == [True] * is_taken


@asynccontextmanager
async def taking(certificates: Certificates, folder: Path) -> AsyncIterator[tuple[int, list[bytes]]]:
    """A server over TLS, and the heads of the requests that it took."""
    heads: list[bytes] = []

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(TAKEN)
        await writer.drain()
        writer.close()

    context: ssl.SSLContext = certificates.server_context(folder)
    server = await asyncio.start_server(take, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1], heads
