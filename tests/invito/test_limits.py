"""What a client may ask for at once, and what happens beyond: a typed answer, or the end of a connection."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from invito import stalled_clients, websocket
from invito.asgi import create_app
from invito.services.directory.writing import NewEntry, add_entries
from invito.services.storage import migrating
from invito.services.storage.database import Database
from invito.services.storage.directory_tables import EntryKind
from invito.settings import Settings, read_settings
from invito.web_server import server_config

KARI = "kari.nordmann@nordlys.example"
OLA = "ola.hansen@nordlys.example"
WATCH = "subscription { notificationReceived { id } }"
PAGE = '{ availableParticipants(source: "employees", first: 500) { nodes { reference name email title } } }'
_PATIENCE_SECONDS = 60


@pytest.fixture
async def settings(tmp_path: Path) -> Settings:
    made = read_settings(database_url=f"sqlite:///{tmp_path}/invito.sqlite3", max_query_tokens=100)
    await migrating.upgrade(made.database_url)
    database = Database(made.database_url)
    async with database.write() as connection:
        people = [NewEntry(EntryKind.EMPLOYEE, f"Ansatt {number}", f"{number}@x.example") for number in range(500)]
        known = [NewEntry(EntryKind.EMPLOYEE, name, address) for name, address in (("Kari", KARI), ("Ola", OLA))]
        await add_entries(connection, [*known, *people])
    await database.close()
    return made


@asynccontextmanager
async def served(settings: Settings) -> AsyncIterator[str]:
    """The application in the web server of `invito serve`, while the context lasts."""
    config = server_config(create_app(settings, demo=True), settings)
    config.timeout_graceful_shutdown = 1
    with free_socket() as listening:
        server = uvicorn.Server(config)
        task = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield f"127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            await task


@contextmanager
def free_socket() -> Iterator[socket.socket]:
    with socket.socket() as listening:
        # Accepted sockets have it too: little is kept on the way to a client that does not read.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening


def tokens(number: int) -> str:
    """A query of so many tokens: braces, a field with braces of its own, and names."""
    return "{ viewer { " + " ".join(["isAdministrator"] * (number - 5)) + " } }"


async def answer(address: str, query: str) -> dict[str, Any]:
    async with httpx2.AsyncClient() as client:
        asked = await client.post(f"http://{address}/graphql", json={"query": query}, headers={"X-Invito-Viewer": KARI})
    return dict(asked.json())


def extensions(error: dict[str, Any]) -> dict[str, Any]:
    return dict(error["extensions"])


@asynccontextmanager
async def socket_of(address: str, viewer: str = KARI, receives: int | None = None) -> AsyncIterator[ClientConnection]:
    """A connection of a real client, which keeps one message and so many bytes for whoever does not read yet."""
    host, _, port = address.partition(":")
    raw = socket.socket()
    if receives is not None:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receives)
    raw.connect((host, int(port)))
    raw.setblocking(False)
    protocols = [Subprotocol("graphql-transport-ws")]
    url = f"ws://{address}/graphql"
    # Uncompressed, so that little fills what is between.
    async with connect(
        url, sock=raw, subprotocols=protocols, compression=None, max_queue=1, close_timeout=1
    ) as connection:
        await say(connection, {"type": "connection_init", "payload": {"X-Invito-Viewer": viewer}})
        assert (await heard(connection))["type"] == "connection_ack"
        yield connection


async def say(connection: ClientConnection, message: object) -> None:
    await connection.send(json.dumps(message))


async def heard(connection: ClientConnection) -> dict[str, Any]:
    return dict(json.loads(await asyncio.wait_for(connection.recv(), _PATIENCE_SECONDS)))


async def ask(connection: ClientConnection, id_: str, query: str) -> None:
    await say(connection, {"id": id_, "type": "subscribe", "payload": {"query": query}})


async def asked(connection: ClientConnection, id_: str, query: str) -> dict[str, Any]:
    """What comes first of an operation: of a subscription, that it has begun or may not."""
    await ask(connection, id_, query)
    return await heard(connection)


async def subscription(address: str) -> str:
    """A subscription to a new follow-up of Kari's, which tells at once how it is."""
    create = 'createFollowUp(input: {type: TASK, title: "Budget", start: "2030-01-01T09:00"}) { followUp { id } }'
    made = await answer(address, f"mutation {{ {create} }}")
    id_ = made["data"]["createFollowUp"]["followUp"]["id"]
    return f'subscription {{ followUpChanged(id: "{id_}") {{ title }} }}'


async def test_a_document_of_as_many_tokens_as_may_be_is_answered_and_of_one_more_refused(settings: Settings) -> None:
    async with served(settings) as address:
        at_the_limit = await answer(address, tokens(100))
        commented = await answer(address, tokens(99) + "# and so on, at length")
        beyond = await answer(address, tokens(101))

    assert "errors" not in at_the_limit
    assert "errors" not in commented
    (error,) = beyond["errors"]
    assert extensions(error) == {"code": "LIMIT_EXCEEDED", "path": [], "limit": 100, "value": 101}
    assert "100 tokens" in error["message"]


async def test_a_mistake_in_a_long_document_is_told_as_one(settings: Settings) -> None:
    mistake = "{ viewer { ( } } " + tokens(90)

    async with served(settings) as address, socket_of(address) as connection:
        by_http = await answer(address, mistake)
        await ask(connection, "1", mistake)
        by_socket = await heard(connection)

    assert by_socket["type"] == "error"
    for error in (by_http["errors"][0], by_socket["payload"][0]):
        assert extensions(error)["code"] == "INVALID_INPUT"
        assert "Syntax Error" in error["message"]


@pytest.mark.parametrize(
    ("document", "limit"),
    [(tokens(101), 100), ("\n" * 2_000 + tokens(10), 2_000), (tokens(56), 50)],
    ids=["tokens", "characters", "fields"],
)
async def test_a_document_that_is_too_large_leaves_a_connection_open(
    settings: Settings, document: str, limit: int
) -> None:
    few = settings.model_copy(update={"max_query_characters": 2_000, "max_query_fields": 50})
    async with served(few) as address, socket_of(address) as connection:
        await ask(connection, "1", document)
        refused = await heard(connection)
        await ask(connection, "2", tokens(10))
        answered = await heard(connection)

    assert extensions(refused["payload"][0])["code"] == "LIMIT_EXCEEDED"
    assert extensions(refused["payload"][0])["limit"] == limit
    assert (answered["id"], answered["type"]) == ("2", "next")


async def test_a_viewer_has_so_many_subscriptions_over_all_their_connections(settings: Settings) -> None:
    few = settings.model_copy(update={"max_subscriptions": 2})

    async with served(few) as address, socket_of(address) as first, socket_of(address, OLA) as of_another:
        watch = await subscription(address)
        begun = [await asked(first, "1", watch)]
        async with socket_of(address) as second:
            begun.append(await asked(second, "2", watch))
            refused = await asked(second, "3", watch)
            answered = await asked(second, "4", tokens(10))
            others = await asked(of_another, "5", watch)

    assert [one["type"] for one in (*begun, answered, others)] == ["next"] * 4
    assert (refused["id"], refused["type"]) == ("3", "error")
    told = {"code": "LIMIT_EXCEEDED", "path": [], "limit": 2, "value": 3}
    assert extensions(refused["payload"][0]) == told


async def test_a_subscription_that_ended_makes_room_for_another(settings: Settings) -> None:
    one = settings.model_copy(update={"max_subscriptions": 1})

    async with served(one) as address, socket_of(address) as connection:
        watch = await subscription(address)
        await asked(connection, "1", watch)
        refused = await asked(connection, "2", watch)
        await say(connection, {"id": "1", "type": "complete"})
        # It ends a moment after it was told to.
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while (await asked(connection, "3", watch))["type"] != "next":
                pass

    assert (refused["id"], refused["type"]) == ("2", "error")


async def test_a_connection_carries_out_so_many_operations_at_once(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(websocket, "_MOST_OPERATIONS", 1)

    async with served(settings) as address, socket_of(address) as connection:
        await ask(connection, "1", WATCH)
        await ask(connection, "2", tokens(10))
        refused = await heard(connection)

    assert refused["id"] == "2"
    assert extensions(refused["payload"][0]) == {"code": "LIMIT_EXCEEDED", "path": [], "limit": 1, "value": 2}


async def test_a_message_that_is_too_large_ends_a_connection(settings: Settings) -> None:
    async with served(settings) as address, socket_of(address) as connection:
        await ask(connection, "1", "#" * settings.max_websocket_message_bytes)
        await asyncio.wait_for(connection.wait_closed(), _PATIENCE_SECONDS)

    assert connection.close_code == 1009


async def test_a_client_that_stops_reading_is_dropped_and_others_are_not(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    hasty = settings.model_copy(update={"client_stall_seconds": 0.2})
    dropped = asyncio.Event()
    monkeypatch.setattr(stalled_clients.log, "warning", lambda *_, **__: dropped.set(), raising=False)

    async with served(hasty) as address, socket_of(address) as patient:
        async with socket_of(address, receives=4_096) as deaf:
            # More than all buffers on the way take, and nothing of it is read.
            for number in range(8):
                await ask(deaf, str(number), PAGE)
            await asyncio.wait_for(dropped.wait(), _PATIENCE_SECONDS)
            with pytest.raises(ConnectionClosed):
                await keep_writing(deaf)
        await ask(patient, "1", tokens(10))
        answered = await heard(patient)

    assert answered["type"] == "next"


async def test_a_client_that_reads_after_a_while_is_kept(settings: Settings) -> None:
    async with served(settings) as address, socket_of(address, receives=4_096) as slow:
        for number in range(8):
            await ask(slow, str(number), PAGE)
        answers = [await heard(slow) for _ in range(16)]

    assert {(one["id"], one["type"]) for one in answers} == {
        (str(number), kind) for number in range(8) for kind in ("next", "complete")
    }


async def test_a_client_that_reads_slowly_is_kept_over_http(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = asyncio.Event()
    look = stalled_clients._Impatient._look

    def look_and_tell(protocol: stalled_clients._Impatient, waited: int) -> None:
        looked.set()
        look(protocol, waited)

    monkeypatch.setattr(stalled_clients._Impatient, "_look", look_and_tell)
    pages = " ".join(f"p{number}: {PAGE.strip('{} ')} }} }}" for number in range(8))
    body = json.dumps({"query": f"{{ {pages} }}"}).encode()

    hasty = settings.model_copy(update={"client_stall_seconds": 1.0, "max_query_tokens": 1_000})
    async with served(hasty) as address, reading_little(address) as (reader, writer):
        head = f"POST /graphql HTTP/1.1\r\nHost: {address}\r\nX-Invito-Viewer: {KARI}\r\nConnection: close\r\n"
        more = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write((head + more).encode() + body)
        async with asyncio.timeout(_PATIENCE_SECONDS):
            first = await reader.readexactly(20_000)
            await looked.wait()
            rest = await reader.read()

    length = int(first.partition(b"content-length: ")[2].partition(b"\r\n")[0])
    assert len((first + rest).partition(b"\r\n\r\n")[2]) == length


@asynccontextmanager
async def reading_little(address: str) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection that takes as little as it can of what is not read yet."""
    host, _, port = address.partition(":")
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    raw.connect((host, int(port)))
    raw.setblocking(False)
    reader, writer = await asyncio.open_connection(sock=raw, limit=4_096)
    yield reader, writer
    writer.close()


async def keep_writing(connection: ClientConnection) -> None:
    """Who does not read learns of the end by writing."""
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while True:
            await say(connection, {"type": "ping"})


def aliases(number: int) -> str:
    return "{ viewer { " + " ".join(f"a{one}: id" for one in range(number)) + " } }"


async def test_limits_of_an_operation_hold_over_http_and_websockets(settings: Settings) -> None:
    few = settings.model_copy(update={"max_query_aliases": 3})
    async with served(few) as address, socket_of(address) as connection:
        within, beyond = await answer(address, aliases(3)), await answer(address, aliases(4))
        first = await asked(connection, "1", aliases(3))
        done = await heard(connection)
        second = await asked(connection, "2", aliases(4))

    assert "errors" not in within
    assert (first["type"], done["type"]) == ("next", "complete")
    for error in (beyond["errors"][0], second["payload"][0]):
        told = extensions(error)
        assert (told["code"], told["limit"], told["value"]) == ("LIMIT_EXCEEDED", 3, 4)


async def test_one_budget_holds_over_http_and_websockets(settings: Settings) -> None:
    little = settings.model_copy(update={"budget_cost": 2, "budget_seconds": 3_600})
    async with served(little) as address, socket_of(address) as connection:
        paid = await answer(address, "{ viewer { id } }")
        await asked(connection, "1", "{ viewer { id } }")
        await heard(connection)
        refused = await asked(connection, "2", "{ viewer { id } }")
        unpaid = await answer(address, "{ viewer { id } }")

    assert (paid["extensions"]["cost"]["requested"], paid["extensions"]["cost"]["left"]) == (1, 1)
    for error in (refused["payload"][0], unpaid["errors"][0]):
        told = extensions(error)
        assert (told["code"], told["limit"], told["value"]) == ("RATE_LIMITED", 2, 3)


async def test_beside_429_stands_when_to_come_again_unless_that_never_helps(settings: Settings) -> None:
    little = settings.model_copy(update={"budget_cost": 2, "budget_seconds": 3_600})
    headers = {"X-Invito-Viewer": KARI, "Accept": "application/graphql-response+json"}
    async with served(little) as address, httpx2.AsyncClient(base_url=f"http://{address}", headers=headers) as client:
        never = await client.post("/graphql", json={"query": "{ viewer { id } a: viewer { id } b: viewer { id } }"})
        paid = await client.post("/graphql", json={"query": "{ viewer { id } a: viewer { id } }"})
        spent = [
            await client.post("/graphql", json={"query": "{ viewer { id } }"}),
            await client.get("/graphql", params={"query": "{ viewer { id } }"}),
        ]

    assert [one.status_code for one in (never, paid, *spent)] == [429, 200, 429, 429]
    for one in (never, paid):
        assert "Retry-After" not in one.headers
    for one in spent:
        assert one.headers["Retry-After"] == str(extensions(one.json()["errors"][0])["retryAfter"])
        assert 0 < int(one.headers["Retry-After"]) <= 3_600
