"""What takes too long, over whatever it is asked: its answer says that it was begun, and how long it took."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx2
import pytest
from starlette.types import ASGIApp
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from invito.asgi import create_app
from invito.media_types import EVENT_STREAM, GRAPHQL_RESPONSE, JSON
from invito.services.directory.writing import NewEntry, add_entries
from invito.services.storage.database import Database
from invito.services.storage.directory_tables import EntryKind
from invito.settings import read_settings
from tests.invito import hanging_plugin

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

HEADERS = {"X-Invito-Viewer": "kari@nordlys.example"}
HANGS = """mutation Invite { createFollowUp(input: {
    type: TASK, title: "Late", start: "2030-05-14T10:00",
    invitees: [{participant: {reference: "hanging:1"}}]
}) { errors { message } } }"""
TOKEN = "what Prometheus alone is told, and nobody else"
Answering = Callable[[httpx2.AsyncClient], Awaitable[Any]]


@pytest.fixture
async def client(
    database: Database,
    database_url: str,
    listening: Callable[[ASGIApp], AbstractAsyncContextManager[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[httpx2.AsyncClient]:
    """Asks a service whose source never answers, and that gives up soon."""
    monkeypatch.setattr(hanging_plugin, "standing", hanging_plugin.Standing())
    async with database.write() as connection:
        await add_entries(connection, [NewEntry(EntryKind.EMPLOYEE, "Kari", HEADERS["X-Invito-Viewer"])])
    settings = read_settings(
        database_url=database_url,
        plugins=("tests.invito.hanging_plugin",),
        operation_seconds=0.25,
        metrics_token=TOKEN,
        mail_worker=False,
    )
    async with (
        listening(create_app(settings, demo=True)) as address,
        httpx2.AsyncClient(base_url=address, timeout=60, headers=HEADERS) as open_client,
    ):
        yield open_client


def by_post(accept: str) -> Answering:
    async def answering(client: httpx2.AsyncClient) -> Any:
        answer = await client.post("/graphql", json={"query": HANGS}, headers={"Accept": accept})
        assert answer.status_code == 200
        assert answer.headers["content-type"].partition(";")[0] == accept
        if accept == EVENT_STREAM:
            (event,) = [line for line in answer.text.splitlines() if line.startswith("data: {")]
            return json.loads(event.removeprefix("data: "))
        return answer.json()

    return answering


async def by_websocket(client: httpx2.AsyncClient) -> Any:
    url = str(client.base_url).replace("http://", "ws://") + "/graphql"
    async with connect(url, subprotocols=[Subprotocol("graphql-transport-ws")]) as connection:
        await connection.send(json.dumps({"type": "connection_init", "payload": HEADERS}))
        await connection.recv()
        await connection.send(json.dumps({"id": "1", "type": "subscribe", "payload": {"query": HANGS}}))
        told = json.loads(await connection.recv())
        assert told["type"] == "next"
        assert json.loads(await connection.recv())["type"] == "complete"
    return told["payload"]


@pytest.mark.parametrize(
    "answering",
    [
        pytest.param(by_post(GRAPHQL_RESPONSE), id="graphql-response"),
        pytest.param(by_post(JSON), id="json"),
        pytest.param(by_post(EVENT_STREAM), id="event-stream"),
        pytest.param(by_websocket, id="websocket"),
    ],
)
async def test_what_was_begun_and_given_up_has_data_that_is_null(
    client: httpx2.AsyncClient, answering: Answering
) -> None:
    body = await answering(client)

    assert body["data"] is None
    (error,) = body["errors"]
    assert error["extensions"]["code"] == "LIMIT_EXCEEDED"


async def test_what_was_given_up_is_counted_by_its_code(client: httpx2.AsyncClient) -> None:
    await client.post("/graphql", json={"query": HANGS})

    page = await client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})

    assert 'invito_operation_errors_total{code="LIMIT_EXCEEDED",operation="Invite"} 1.0' in page.text
