"""Clients that leave before they have their answer: a query is given up with all that it asks, a mutation is not."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text
from starlette.types import ASGIApp
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from invito.asgi import create_app
from invito.services.directory.writing import NewEntry, add_entries
from invito.services.storage.database import Database
from invito.services.storage.directory_tables import EntryKind
from invito.settings import Settings, read_settings
from tests.invito import hanging_plugin

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

KARI = "kari.nordmann@nordlys.example"
TOKEN = "what Prometheus alone is told, and nobody else"
LIST = 'query List { availableParticipants(source: "hanging", first: 5) { nodes { name } } }'
INVITE = f"""mutation Invite {{ createFollowUp(input: {{
    type: TASK, title: "Whole", start: "2030-05-14T10:00",
    invitees: [{{participant: {{reference: "{hanging_plugin.REFERENCE}"}}}}]
}}) {{ followUp {{ id }} errors {{ message }} }} }}"""
WHO_IS_BUSY = "query Busy { followUps { nodes { participants { nodes { availability { state } } } } } }"
HEADERS = {"X-Invito-Viewer": KARI}
EVENTS = "text/event-stream"
JSON = "application/json"
_PATIENCE_SECONDS = 60
Listening = Callable[[ASGIApp], AbstractAsyncContextManager[str]]
# Begins an operation at this address; its client stays as long as the context lasts.
Asking = Callable[[str, str], AbstractAsyncContextManager[None]]


@dataclass
class Service:
    address: str
    client: httpx2.AsyncClient

    async def until_counted(self, name: str, value: float, **labels: str) -> None:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while await self._value(name, labels) != value:
                pass

    async def _value(self, name: str, labels: dict[str, str]) -> float | None:
        page = (await self.client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})).text
        samples = [sample for family in text_string_to_metric_families(page) for sample in family.samples]
        return next((one.value for one in samples if one.name == name and one.labels == labels), None)


@pytest.fixture(autouse=True)
def standing(monkeypatch: pytest.MonkeyPatch) -> hanging_plugin.Standing:
    fresh = hanging_plugin.Standing()
    monkeypatch.setattr(hanging_plugin, "standing", fresh)
    return fresh


@pytest.fixture
async def settings(database: Database, database_url: str) -> Settings:
    async with database.write() as connection:
        await add_entries(connection, [NewEntry(EntryKind.EMPLOYEE, "Kari", KARI)])
    return read_settings(
        database_url=database_url,
        plugins=("tests.invito.hanging_plugin",),
        plugin_call_seconds=_PATIENCE_SECONDS,
        operation_seconds=_PATIENCE_SECONDS,
        metrics_token=TOKEN,
        mail_worker=False,
    )


@asynccontextmanager
async def serving(settings: Settings, listening: Listening) -> AsyncIterator[Service]:
    async with (
        listening(create_app(settings, demo=True)) as address,
        httpx2.AsyncClient(base_url=address, timeout=_PATIENCE_SECONDS) as client,
    ):
        yield Service(address, client)


def request(method: str, document: str, accept: str) -> bytes:
    """As it goes over the wire, since a client of HTTP would wait for the answer."""
    body = json.dumps({"query": document}) if method == "POST" else ""
    target = "/graphql" if method == "POST" else "/graphql?" + urlencode({"query": document})
    lines = (f"{method} {target} HTTP/1.1", "Host: 127.0.0.1", f"X-Invito-Viewer: {KARI}", f"Accept: {accept}",
             "Content-Type: application/json", f"Content-Length: {len(body)}")  # fmt: skip
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def over_http(method: str, accept: str) -> Asking:
    @asynccontextmanager
    async def asking(address: str, document: str) -> AsyncIterator[None]:
        host, port = address.removeprefix("http://").split(":")
        _, writer = await asyncio.open_connection(host, int(port))
        writer.write(request(method, document, accept))
        try:
            yield
        finally:
            writer.close()
            await writer.wait_closed()

    return asking


@asynccontextmanager
async def over_websocket(address: str, document: str) -> AsyncIterator[None]:
    async with connect(
        address.replace("http://", "ws://") + "/graphql", subprotocols=[Subprotocol("graphql-transport-ws")]
    ) as connection:
        await connection.send(json.dumps({"type": "connection_init", "payload": HEADERS}))
        await connection.recv()
        await connection.send(json.dumps({"id": "1", "type": "subscribe", "payload": {"query": document}}))
        yield


async def titles(database: Database) -> list[Any]:
    async with database.read() as connection:
        return list((await connection.execute(text("SELECT title FROM follow_up"))).scalars())


@pytest.mark.parametrize(
    "asking",
    [
        pytest.param(over_http("POST", JSON), id="POST"),
        pytest.param(over_http("GET", JSON), id="GET"),
        pytest.param(over_http("POST", EVENTS), id="SSE by POST"),
        pytest.param(over_http("GET", EVENTS), id="SSE by GET"),
        pytest.param(over_websocket, id="websocket"),
    ],
)
async def test_a_query_whose_client_leaves_is_given_up_and_so_is_the_source_that_it_asks(
    settings: Settings, listening: Listening, standing: hanging_plugin.Standing, asking: Asking
) -> None:
    async with serving(settings, listening) as service:
        async with asking(service.address, LIST), asyncio.timeout(_PATIENCE_SECONDS):
            await standing.is_asked.wait()
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await standing.is_given_up.wait()

        await service.until_counted("invito_operations_left_total", 1, operation="List", type="query")
        await service.until_counted("invito_plugin_health", 1, plugin="tests.invito.hanging_plugin", health="OK")


async def test_what_a_loader_asks_for_many_fields_is_given_up_with_them(
    settings: Settings, listening: Listening, standing: hanging_plugin.Standing
) -> None:
    async with serving(settings, listening) as service:
        standing.may_answer.set()
        await service.client.post("/graphql", json={"query": INVITE}, headers=HEADERS)
        standing.may_answer.clear()
        standing.is_asked.clear()
        async with over_http("POST", JSON)(service.address, WHO_IS_BUSY), asyncio.timeout(_PATIENCE_SECONDS):
            await standing.is_asked.wait()
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await standing.is_given_up.wait()

        await service.until_counted("invito_operations_left_total", 1, operation="Busy", type="query")


@pytest.mark.parametrize(
    "asking",
    [
        pytest.param(over_http("POST", JSON), id="POST"),
        pytest.param(over_http("POST", EVENTS), id="SSE"),
        pytest.param(over_websocket, id="websocket"),
    ],
)
async def test_a_mutation_whose_client_leaves_runs_to_its_end_before_the_server_does(
    settings: Settings, listening: Listening, standing: hanging_plugin.Standing, database: Database, asking: Asking
) -> None:
    async with serving(settings, listening) as service:
        async with asking(service.address, INVITE), asyncio.timeout(_PATIENCE_SECONDS):
            await standing.is_asked.wait()
        await service.until_counted("invito_operations_left_total", 1, operation="Invite", type="mutation")
        before = await titles(database)
        standing.may_answer.set()

    assert before == []
    assert await titles(database) == ["Whole"]
    assert not standing.is_given_up.is_set()


async def test_a_client_that_stays_has_its_answer_however_long_it_waits(
    settings: Settings, listening: Listening, standing: hanging_plugin.Standing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("invito.leaving_clients._SOON_SECONDS", 0)

    async with serving(settings, listening) as service:
        asked = asyncio.create_task(service.client.post("/graphql", json={"query": LIST}, headers=HEADERS))
        await standing.is_asked.wait()
        standing.may_answer.set()
        answer = await asked
        again = await service.client.post("/graphql", json={"query": LIST}, headers=HEADERS)

    assert answer.json()["data"] == again.json()["data"] == {"availableParticipants": {"nodes": [{"name": "Gjest"}]}}
