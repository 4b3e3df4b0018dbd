"""In demo mode anybody may be anybody, so it answers only whoever came to this machine on purpose."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import httpx2
import pytest
from starlette.types import ASGIApp
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from invito.asgi import create_app
from invito.services.storage import migrating
from invito.settings import Settings, read_settings

Listening = Callable[[ASGIApp], AbstractAsyncContextManager[str]]

AS_KARI = {"X-Invito-Viewer": "kari.nordmann@nordlys.example"}
WHO = {"query": "{ viewer { isAdministrator } }"}
TRANSPORT = Subprotocol("graphql-transport-ws")


@pytest.fixture
async def settings(tmp_path: Path) -> Settings:
    made = read_settings(
        database_url=f"sqlite:///{tmp_path}/invito.sqlite3", demo_hosts=("Forward.example",), jwt_secret="s" * 32
    )
    await migrating.upgrade(made.database_url)
    return made


@pytest.fixture
async def demo(settings: Settings, listening: Listening) -> AsyncIterator[str]:
    async with listening(create_app(settings, demo=True)) as there:
        yield there


async def _asked_as(host: str, address: str) -> httpx2.Response:
    """The answer to a page that calls the service `host`."""
    headers = AS_KARI | {"Host": host, "Origin": f"http://{host}"}
    async with httpx2.AsyncClient() as client:
        return await client.post(f"{address}/graphql", json=WHO, headers=headers)


async def _handshake_as(host: str, address: str) -> str | bytes:
    """What connection_init is answered where a page calls the service `host`."""
    port = int(address.rpartition(":")[2])
    uri, origin = f"ws://{host}:{port}/graphql", f"http://{host}:{port}"
    async with connect(uri, host="127.0.0.1", port=port, origin=origin, subprotocols=[TRANSPORT]) as connection:  # type: ignore[arg-type]  # any text is an origin
        await connection.send(json.dumps({"type": "connection_init", "payload": AS_KARI}))
        return await connection.recv()


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1", "[::"]
)
async def test_a_page_whose_name_leads_here_is_told_nothing(demo: str, host: str) -> None:
    answer = await _asked_as(host, demo)

    (error,) = answer.json()["errors"]
    assert (answer.status_code, "data" in answer.json(), error["extensions"]["code"]) == (403, False, "FORBIDDEN")
    assert host in error["message"]
    assert "INVITO_DEMO_HOSTS" in error["message"]


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:65535", "[::1]:8000", "[::1]", "127.1.2.3"])
async def test_a_demo_answers_under_loopbacks_names_with_any_port(demo: str, host: str) -> None:
    assert (await _asked_as(host, demo)).json()["data"] == {"viewer": {"isAdministrator": False}}


async def test_a_demo_answers_under_the_name_of_a_port_forward_that_is_set(demo: str) -> None:
    assert (await _asked_as("forward.example:443", demo)).status_code == 200


async def test_a_page_whose_name_leads_here_opens_no_websocket(demo: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await _handshake_as("evil.example", demo)

    assert refused.value.response.status_code == 403
    assert b"INVITO_DEMO_HOSTS" in (refused.value.response.body or b"")


@pytest.mark.parametrize("host", ["localhost", "forward.example"])
async def test_a_page_of_a_name_that_is_known_opens_a_websocket(demo: str, host: str) -> None:
    assert json.loads(await _handshake_as(host, demo)) == {"type": "connection_ack"}


async def test_outside_demo_mode_any_name_is_answered(settings: Settings, listening: Listening) -> None:
    async with listening(create_app(settings)) as there:
        answer = await _asked_as("crm.example", there)

    assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
