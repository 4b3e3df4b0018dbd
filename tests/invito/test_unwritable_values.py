"""A value of a plugin's that JSON cannot hold costs its own field, over each transport."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.types import ASGIApp
from structlog.testing import capture_logs
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from invito.asgi import create_app
from invito.services.storage import migrating
from invito.settings import read_settings

AS_KARI = {"X-Invito-Viewer": "kari.nordmann@nordlys.example"}

Asking = Callable[[str, str], Awaitable[Any]]


@pytest.fixture
async def address(
    tmp_path: Path, listening: Callable[[ASGIApp], AbstractAsyncContextManager[str]]
) -> AsyncIterator[str]:
    settings = read_settings(
        database_url=f"sqlite:///{tmp_path}/invito.sqlite3", plugins=("tests.invito.unwritable_plugin",)
    )
    await migrating.upgrade(settings.database_url)
    async with listening(create_app(settings, demo=True)) as there:
        yield there


async def by_post(address: str, query: str) -> Any:
    async with httpx2.AsyncClient(headers=AS_KARI) as client:
        answer = await client.post(f"{address}/graphql", json={"query": query})
    assert answer.status_code == 200
    return answer.json()


async def by_get(address: str, query: str) -> Any:
    async with httpx2.AsyncClient(headers=AS_KARI) as client:
        answer = await client.get(f"{address}/graphql", params={"query": query})
    assert answer.status_code == 200
    return answer.json()


async def as_events(address: str, query: str) -> Any:
    async with httpx2.AsyncClient(headers=AS_KARI | {"Accept": "text/event-stream"}) as client:
        answer = await client.post(f"{address}/graphql", json={"query": query})
    lines = [line for line in answer.text.splitlines() if line and not line.startswith(":")]
    assert [line for line in lines if line.startswith("event:")] == ["event: next", "event: complete"]
    return json.loads(lines[1].removeprefix("data:"))


async def over_a_websocket(address: str, query: str) -> Any:
    there = address.replace("http", "ws", 1) + "/graphql"
    async with connect(there, subprotocols=[Subprotocol("graphql-transport-ws")]) as connection:
        for message in (
            {"type": "connection_init", "payload": AS_KARI},
            {"id": "1", "type": "subscribe", "payload": {"query": query}},
        ):
            await connection.send(json.dumps(message))
        said = [json.loads(await connection.recv()) for _ in range(3)]
    assert [one["type"] for one in said] == ["connection_ack", "next", "complete"]
    return said[1]["payload"]


each_transport = pytest.mark.parametrize("ask", [by_post, by_get, as_events, over_a_websocket])


@each_transport
async def test_values_that_json_cannot_hold_cost_their_own_fields(address: str, ask: Asking) -> None:
    with capture_logs() as lines:
        answer = await ask(address, "{ halfACharacter largeNumber someSet viewer { isAdministrator } }")

    viewer = {"isAdministrator": False}
    assert answer["data"] == {"halfACharacter": None, "largeNumber": None, "someSet": None, "viewer": viewer}
    told = {error["extensions"]["id"]: error["path"] for error in answer["errors"]}
    assert sorted(told.values()) == [["halfACharacter"], ["largeNumber"], ["someSet"]]
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"INTERNAL"}
    assert {one["error_id"]: one["path"] for one in lines if one["event"] == "unexpected failure"} == told


@each_transport
async def test_a_plain_attribute_that_json_cannot_hold_costs_itself(address: str, ask: Asking) -> None:
    answer = await ask(address, "{ half { text number } halves { text number } }")

    assert answer["data"] == {
        "half": {"text": None, "number": 7},
        "halves": [{"text": "whole", "number": 7}, {"text": None, "number": 7}],
    }
    assert [one["path"] for one in answer["errors"]] == [["half", "text"], ["halves", 1, "text"]]


@each_transport
async def test_a_result_that_cannot_be_written_is_an_internal_error_with_an_id(address: str, ask: Asking) -> None:
    with capture_logs() as lines:
        answer = await ask(address, "{ toldWrongly viewer { isAdministrator } }")

    assert answer["data"] is None
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "INTERNAL"
    assert [one["error_id"] for one in lines if one["event"] == "unexpected failure"] == [error["extensions"]["id"]]
