"""Subscriptions as server-sent events: who is let in, for how long, and what a client may hold up."""

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn
from joserfc import jwt
from joserfc.jwk import OctKey

from invito import event_stream, stalled_clients
from invito.asgi import create_app
from invito.authentication import sign_token
from invito.services.directory.writing import NewEntry, add_entries
from invito.services.storage import migrating
from invito.services.storage.database import Database
from invito.services.storage.directory_tables import EntryKind
from invito.settings import Settings, read_settings
from invito.web_server import server_config

KARI = "kari.nordmann@nordlys.example"
SECRET = "a secret of thirty-two bytes or so"
TOLD = "subscription { notificationReceived { id } }"
CREATE = """mutation { createFollowUp(input: {type: TASK, title: "Live", start: "2030-05-14T10:00"}) {
    followUp { id } } }"""
CHANGED = "subscription ($id: ID!) { followUpChanged(id: $id) { title revision } }"
RENAME = """mutation ($id: ID!, $title: String!) { updateFollowUp(input: {id: $id, title: $title}) {
    errors { code } } }"""
_PATIENCE_SECONDS = 60


@pytest.fixture
async def settings(tmp_path: Path) -> Settings:
    made = read_settings(
        database_url=f"sqlite:///{tmp_path}/invito.sqlite3", jwt_secret=SECRET, jwt_audience="invito", jwt_issuer="test"
    )
    await migrating.upgrade(made.database_url)
    database = Database(made.database_url)
    async with database.write() as connection:
        await add_entries(connection, [NewEntry(EntryKind.EMPLOYEE, "Kari", KARI)])
    await database.close()
    return made


@asynccontextmanager
async def served(settings: Settings) -> AsyncIterator[httpx2.AsyncClient]:
    """The application in the web server of `invito serve`, asked by Kari."""
    config = server_config(create_app(settings), settings)
    # Whoever holds up the end is seen.
    config.timeout_graceful_shutdown = 2 * _PATIENCE_SECONDS
    with socket.socket() as listening:
        # Accepted sockets have it too: little is kept on the way to a client that does not read.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        server = uvicorn.Server(config)
        task = asyncio.create_task(server.serve(sockets=[listening]))
        token = sign_token(settings, KARI, is_administrator=False, lifetime=timedelta(minutes=5))
        async with httpx2.AsyncClient(
            base_url=f"http://127.0.0.1:{listening.getsockname()[1]}",
            headers={"Authorization": f"Bearer {token}", "Accept": "text/event-stream"},
            timeout=_PATIENCE_SECONDS,
        ) as client:
            try:
                yield client
            finally:
                server.should_exit = True
                await task


@asynccontextmanager
async def stream_of(client: httpx2.AsyncClient, query: str, **more: Any) -> AsyncIterator[AsyncIterator[str]]:
    """The lines of a stream that say something."""
    headers = more.pop("headers", None)
    async with client.stream("POST", "/graphql", json={"query": query} | more, headers=headers) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield (line async for line in answer.aiter_lines() if line)


async def event(lines: AsyncIterator[str]) -> tuple[str, Any]:
    """The name and the data of the next event."""
    async with asyncio.timeout(_PATIENCE_SECONDS):
        name, data = (await anext(lines)), (await anext(lines))
    text = data.removeprefix("data:").strip()
    return name.removeprefix("event: "), json.loads(text) if text else None


async def asked(client: httpx2.AsyncClient, query: str, **variables: object) -> Any:
    body = {"query": query, "variables": variables}
    answer = await client.post("/graphql", json=body, headers={"Accept": "application/json"})
    return answer.json()["data"]


async def test_what_changes_arrives_by_post_and_by_get(settings: Settings) -> None:
    async with served(settings) as client:
        id_ = (await asked(client, CREATE))["createFollowUp"]["followUp"]["id"]
        parameters = {"query": CHANGED, "variables": json.dumps({"id": id_})}
        async with (
            stream_of(client, CHANGED, variables={"id": id_}) as posted,
            client.stream("GET", "/graphql", params=parameters) as got,
        ):
            lines = (line async for line in got.aiter_lines() if line)
            first = [await event(posted), await event(lines)]
            await asked(client, RENAME, id=id_, title="Renamed")
            second = [await event(posted), await event(lines)]

    for events, title in ((first, "Live"), (second, "Renamed")):
        assert [name for name, _ in events] == ["next", "next"]
        assert [told["data"]["followUpChanged"]["title"] for _, told in events] == [title, title]


async def test_a_query_has_one_event_and_completes(settings: Settings) -> None:
    async with served(settings) as client, stream_of(client, "{ viewer { isAdministrator } }") as lines:
        events = [await event(lines), await event(lines)]

    assert [name for name, _ in events] == ["next", "complete"]
    assert events[0][1]["data"] == {"viewer": {"isAdministrator": False}}


async def test_what_is_not_carried_out_is_told_and_complete(settings: Settings) -> None:
    async with served(settings) as client, stream_of(client, "subscription { nothing }") as lines:
        (name, refused), (end, _) = await event(lines), await event(lines)

    assert (name, end) == ("next", "complete")
    assert "data" not in refused
    assert refused["errors"][0]["extensions"]["code"] == "INVALID_INPUT"


async def test_nobody_unknown_gets_a_stream(settings: Settings) -> None:
    async with served(settings) as client:
        answer = await client.post("/graphql", json={"query": TOLD}, headers={"Authorization": ""})

    assert answer.status_code == 401
    assert answer.headers["content-type"].startswith("application/graphql-response+json")
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_a_stream_ends_without_completing_when_its_token_expires(settings: Settings) -> None:
    expiry = time.time() + 1
    claims = {"email": KARI, "email_verified": True, "aud": "invito", "iss": "test", "exp": expiry}
    token = jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET))

    async with (
        served(settings) as client,
        stream_of(client, TOLD, headers={"Authorization": f"Bearer {token}"}) as lines,
        asyncio.timeout(_PATIENCE_SECONDS),
    ):
        said = [line async for line in lines]

    assert said == []
    assert time.time() >= expiry


async def test_streams_count_among_the_subscriptions_of_a_viewer(settings: Settings) -> None:
    few = settings.model_copy(update={"max_subscriptions": 1})

    async with served(few) as client:
        id_ = (await asked(client, CREATE))["createFollowUp"]["followUp"]["id"]
        async with stream_of(client, CHANGED, variables={"id": id_}) as first:
            await event(first)
            async with stream_of(client, TOLD) as second:
                _, refused = await event(second)
        again = await until_let_in(client, id_)

    assert refused["errors"][0]["extensions"] == {"code": "LIMIT_EXCEEDED", "path": [], "limit": 1, "value": 2}
    assert again == "next"


async def until_let_in(client: httpx2.AsyncClient, id_: str) -> str:
    """The name of the first event of a stream once there is room for it again."""
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while True:
            async with stream_of(client, CHANGED, variables={"id": id_}) as lines:
                name, told = await event(lines)
                if "errors" not in told:
                    return name


async def test_a_stream_is_kept_alive(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream._TRANSPORT, "heartbeat_interval", 0.01)

    async with served(settings) as client, stream_of(client, TOLD) as lines, asyncio.timeout(_PATIENCE_SECONDS):
        said = [await anext(lines), await anext(lines)]

    assert all(line.startswith(":") for line in said)


async def test_a_client_that_stops_reading_a_stream_is_dropped(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    hasty = settings.model_copy(update={"client_stall_seconds": 0.2})
    dropped = asyncio.Event()
    monkeypatch.setattr(stalled_clients.log, "warning", lambda *_, **__: dropped.set(), raising=False)
    monkeypatch.setattr(event_stream._TRANSPORT, "heartbeat_interval", 0)
    monkeypatch.setattr(event_stream._TRANSPORT, "heartbeat_message", lambda _: ":" + "." * 10_000 + "\r\n\r\n")

    async with served(hasty) as client:
        async with stream_of(client, TOLD):
            # Nothing of it is read.
            await asyncio.wait_for(dropped.wait(), _PATIENCE_SECONDS)
        still_served = await asked(client, "{ viewer { isAdministrator } }")

    assert still_served == {"viewer": {"isAdministrator": False}}


async def test_a_server_ends_though_somebody_watches(settings: Settings) -> None:
    async with asyncio.timeout(_PATIENCE_SECONDS), served(settings) as client:
        request = client.build_request("POST", "/graphql", json={"query": TOLD})
        await client.send(request, stream=True)
