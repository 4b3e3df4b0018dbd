"""/graphql as clients meet it: who is let in, over HTTP and websocket, and what is refused before it is read."""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from starlette.types import ASGIApp
from structlog.testing import capture_logs
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from invito.asgi import create_app
from invito.authentication import InvalidToken, TokenVerifier, VerifiedToken, sign_token
from invito.services.directory.writing import NewEntry, add_entries
from invito.services.storage import migrating
from invito.services.storage.database import Database
from invito.services.storage.directory_tables import EntryKind
from invito.settings import Settings, read_settings
from tests.node_programs import with_node

Listening = Callable[[ASGIApp], AbstractAsyncContextManager[str]]

KARI = "kari.nordmann@nordlys.example"
AS_KARI = {"X-Invito-Viewer": KARI}
WHO = {"query": "{ viewer { isAdministrator } }"}
TRANSPORT = Subprotocol("graphql-transport-ws")
SECRET = "a secret of thirty-two bytes or so"


@pytest.fixture
async def settings(tmp_path: Path) -> Settings:
    made = read_settings(
        database_url=f"sqlite:///{tmp_path}/invito.sqlite3",
        jwt_secret=SECRET,
        jwt_audience="invito",
        jwt_issuer="test",
        jwt_administrator_claim="admin",
        administrators=("admin@nordlys.example",),
        allowed_origins=("https://crm.nordlys.example",),
        max_body_bytes=2_000,
    )
    await migrating.upgrade(made.database_url)
    return made


@pytest.fixture
async def address(settings: Settings, listening: Listening) -> AsyncIterator[str]:
    """An Invito that has to be shown a token."""
    async with listening(create_app(settings)) as there:
        yield there


@pytest.fixture
async def demo(settings: Settings, listening: Listening) -> AsyncIterator[str]:
    """An Invito in demo mode."""
    async with listening(create_app(settings, demo=True)) as there:
        yield there


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient() as open_client:
        yield open_client


def bearer(settings: Settings, *, is_administrator: bool = False) -> dict[str, str]:
    token = sign_token(settings, KARI, is_administrator=is_administrator, lifetime=timedelta(minutes=5))
    return {"Authorization": f"Bearer {token}"}


def code_of(answer: httpx2.Response) -> str:
    body = answer.json()
    assert "data" not in body
    assert body["errors"][0]["extensions"]["path"] == []
    return str(body["errors"][0]["extensions"]["code"])


async def test_a_bearer_token_says_who_asks(address: str, settings: Settings, client: httpx2.AsyncClient) -> None:
    answer = await client.post(f"{address}/graphql", json=WHO, headers=bearer(settings))

    assert answer.json()["data"] == {"viewer": {"isAdministrator": False}}


async def test_the_claim_of_a_token_makes_an_administrator(
    address: str, settings: Settings, client: httpx2.AsyncClient
) -> None:
    answer = await client.post(f"{address}/graphql", json=WHO, headers=bearer(settings, is_administrator=True))

    assert answer.json()["data"] == {"viewer": {"isAdministrator": True}}


async def test_nobody_is_let_in_without_saying_who_they_are(
    address: str, demo: str, client: httpx2.AsyncClient
) -> None:
    for one in (address, demo):
        assert code_of(await client.post(f"{one}/graphql", json=WHO)) == "UNAUTHENTICATED"


@pytest.mark.parametrize("header", ["Bearer e30.e30.", "Bearer", "Basic a2FyaTprYXJp", "Bearer \xf8"])
async def test_an_invalid_token_is_refused_in_demo_mode_too(
    address: str, demo: str, client: httpx2.AsyncClient, header: str
) -> None:
    headers = {b"Authorization": header.encode("latin-1"), b"X-Invito-Viewer": KARI.encode()}

    for one in (address, demo):
        assert code_of(await client.post(f"{one}/graphql", json=WHO, headers=headers)) == "UNAUTHENTICATED"


async def test_the_viewer_header_counts_in_demo_mode(demo: str, client: httpx2.AsyncClient) -> None:
    kari = await client.post(f"{demo}/graphql", json=WHO, headers=AS_KARI)
    admin = await client.post(f"{demo}/graphql", json=WHO, headers={"X-Invito-Viewer": "Admin@nordlys.example"})

    assert kari.json()["data"]["viewer"]["isAdministrator"] is False
    assert admin.json()["data"]["viewer"]["isAdministrator"] is True


async def test_the_viewer_header_is_ignored_outside_demo_mode(
    address: str, settings: Settings, client: httpx2.AsyncClient
) -> None:
    alone = await client.post(f"{address}/graphql", json=WHO, headers=AS_KARI)
    beside = await client.post(
        f"{address}/graphql", json=WHO, headers=bearer(settings) | {"X-Invito-Viewer": "admin@nordlys.example"}
    )

    assert code_of(alone) == "UNAUTHENTICATED"
    assert beside.json()["data"]["viewer"]["isAdministrator"] is False


async def test_a_viewer_who_is_no_address_is_refused(demo: str, client: httpx2.AsyncClient) -> None:
    answer = await client.post(f"{demo}/graphql", json=WHO, headers={"X-Invito-Viewer": "kari"})

    assert code_of(answer) == "UNAUTHENTICATED"


async def test_a_body_beyond_the_limit_is_refused_whether_its_length_is_told_or_not(
    demo: str, client: httpx2.AsyncClient
) -> None:
    body = json.dumps({"query": "#" * 3_000}).encode()
    headers = AS_KARI | {"Content-Type": "application/json"}

    async def in_pieces() -> AsyncIterator[bytes]:
        for first in range(0, len(body), 500):
            yield body[first : first + 500]

    told = await client.post(f"{demo}/graphql", content=body, headers=headers)
    untold = await client.post(f"{demo}/graphql", content=in_pieces(), headers=headers)

    for answer in (told, untold):
        assert answer.status_code == 413
        assert code_of(answer) == "LIMIT_EXCEEDED"
        assert answer.json()["errors"][0]["extensions"]["limit"] == 2_000


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b'{"query":', "application/json"),
        (b"3", "application/json"),
        (b'"text"', "application/json"),
        (b"null", "application/json"),
        (b"[" * 900 + b"]" * 900, "application/json"),
        (b'{"query": "\xff"}', "application/json"),
        (b"{}", "application/json"),
        (b'{"query": 3}', "application/json"),
        (b'{"query": "{ viewer { isAdministrator } }", "variables": 3}', "application/json"),
        (b'[{"query": "{ viewer { isAdministrator } }"}]', "application/json"),
    ],
)
async def test_a_body_that_is_no_operation_is_refused(
    demo: str, client: httpx2.AsyncClient, content: bytes, content_type: str
) -> None:
    headers = AS_KARI | {"Content-Type": content_type}

    answer = await client.post(f"{demo}/graphql", content=content, headers=headers)

    assert answer.status_code == 400
    assert code_of(answer) == "INVALID_INPUT"


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b'{"query": "{ viewer { isAdministrator } }"}', "text/plain"),
        (b'{"query": "{ viewer { isAdministrator } }"}', "text/plain; application/json"),
        (b"query=%7Bviewer%7BisAdministrator%7D%7D", "application/x-www-form-urlencoded"),
        (b"--b\r\n\r\n--b--", "multipart/form-data; boundary=b"),
    ],
)
async def test_a_body_of_another_type_is_refused_and_json_named(
    demo: str, client: httpx2.AsyncClient, content: bytes, content_type: str
) -> None:
    headers = AS_KARI | {"Content-Type": content_type}

    answer = await client.post(f"{demo}/graphql", content=content, headers=headers)

    assert answer.status_code == 415
    assert code_of(answer) == "UNSUPPORTED_MEDIA_TYPE"
    assert "application/json" in answer.json()["errors"][0]["message"]


CRM = "https://crm.nordlys.example"


async def test_a_page_of_an_allowed_origin_asks_without_cookies(demo: str, client: httpx2.AsyncClient) -> None:
    wish = {"Access-Control-Request-Method": "POST"}
    names = {"Access-Control-Request-Headers": "authorization,content-type,x-invito-viewer"}

    before = await client.options(f"{demo}/graphql", headers={"Origin": CRM} | wish | names)
    answer = await client.post(f"{demo}/graphql", json=WHO, headers=AS_KARI | {"Origin": CRM})

    assert before.status_code == 200
    assert before.headers["access-control-allow-origin"] == CRM
    assert "POST" in before.headers["access-control-allow-methods"]
    assert answer.headers["access-control-allow-origin"] == CRM
    assert "access-control-allow-credentials" not in before.headers | answer.headers
    assert answer.json()["data"] == {"viewer": {"isAdministrator": False}}


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://crm.nordlys.example"])
async def test_a_page_of_another_origin_is_not_let_to_ask(demo: str, client: httpx2.AsyncClient, origin: str) -> None:
    wish = {"Origin": origin, "Access-Control-Request-Method": "POST"}

    before = await client.options(f"{demo}/graphql", headers=wish)
    answer = await client.post(f"{demo}/graphql", json=WHO, headers=AS_KARI | {"Origin": origin})

    assert before.status_code == 400
    assert "access-control-allow-origin" not in before.headers
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_graphql_is_asked_by_get_and_post_alone(demo: str, client: httpx2.AsyncClient, method: str) -> None:
    answer = await client.request(method, f"{demo}/graphql?query={{viewer{{isAdministrator}}}}", headers=AS_KARI)

    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, POST"
    assert code_of(answer) == "METHOD_NOT_ALLOWED"


async def test_a_path_that_is_not_there_is_not_found(address: str, client: httpx2.AsyncClient) -> None:
    answer = await client.get(f"{address}/elsewhere")

    in_a_browser = await client.get(f"{address}/elsewhere", headers={"Accept": "text/html,*/*;q=0.8"})

    assert (answer.status_code, in_a_browser.status_code) == (404, 404)
    assert code_of(answer) == "NOT_FOUND"
    assert "/graphql" in answer.json()["errors"][0]["message"]
    assert in_a_browser.headers["content-type"].startswith("text/plain")
    assert "/graphql (queries" in in_a_browser.text


@pytest.mark.parametrize("explore", [True, False])
async def test_who_is_nowhere_is_told_of_the_paths_that_are_there(
    settings: Settings, listening: Listening, client: httpx2.AsyncClient, explore: bool
) -> None:
    async with listening(create_app(settings.model_copy(update={"explore": explore}), demo=True)) as demo:
        answer = await client.get(f"{demo}/elsewhere")
        told = re.findall(r"(?<= )/[\w.]*(?=[ ,.])", answer.json()["errors"][0]["message"])
        found = {path: (await client.get(f"{demo}{path}", headers=AS_KARI)).status_code != 404 for path in told}

    assert found
    # What npm builds is not everywhere: that it is missing is an answer of the page's own.
    assert all(is_there for path, is_there in found.items() if path != "/graphiql"), found
    assert ("/graphiql" in told, "/schema.graphql" in told) == (explore, explore)


async def test_healthz_tells_that_the_process_answers(address: str, client: httpx2.AsyncClient) -> None:
    answer = await client.get(f"{address}/healthz")

    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"


async def test_readyz_tells_that_work_can_be_done(address: str, client: httpx2.AsyncClient) -> None:
    answer = await client.get(f"{address}/readyz")

    assert answer.status_code == 200
    assert answer.json() == {"status": "ready"}


async def test_a_subscription_has_more_than_one_answer(demo: str, client: httpx2.AsyncClient) -> None:
    subscription = {"query": "subscription { notificationReceived { id } }"}

    answer = await client.post(f"{demo}/graphql", json=subscription, headers=AS_KARI)

    assert code_of(answer) == "INVALID_INPUT"
    assert "websocket" in answer.json()["errors"][0]["message"]


TWO = "query Who { viewer { isAdministrator } } query Sources { participantSources { key } }"


async def test_of_several_operations_the_one_that_is_named_is_carried_out(
    demo: str, client: httpx2.AsyncClient
) -> None:
    named = await client.post(f"{demo}/graphql", json={"query": TWO, "operationName": "Who"}, headers=AS_KARI)
    unnamed = await client.post(f"{demo}/graphql", json={"query": TWO}, headers=AS_KARI)

    assert named.json()["data"] == {"viewer": {"isAdministrator": False}}
    assert code_of(unnamed) == "INVALID_INPUT"
    assert "operationName" in unnamed.json()["errors"][0]["message"]


async def test_of_several_operations_over_a_websocket_one_has_to_be_named(demo: str) -> None:
    async with socket_of(demo) as connection:
        await said(connection, {"type": "connection_init", "payload": AS_KARI})
        unnamed = await said(connection, {"id": "1", "type": "subscribe", "payload": {"query": TWO}})
        chosen = {"query": TWO, "operationName": "Who"}
        named = await said(connection, {"id": "2", "type": "subscribe", "payload": chosen})

    assert unnamed["type"] == "error"
    assert unnamed["payload"][0]["extensions"]["code"] == "INVALID_INPUT"
    assert named["payload"]["data"] == {"viewer": {"isAdministrator": False}}


def socket_of(address: str, **options: Any) -> connect:
    options.setdefault("subprotocols", [TRANSPORT])
    return connect(address.replace("http", "ws") + "/graphql", **options)


async def said(connection: ClientConnection, message: object) -> dict[str, Any]:
    await connection.send(json.dumps(message))
    return dict(json.loads(await connection.recv()))


async def close_code_after(connection: ClientConnection, *messages: str) -> int | None:
    for message in messages:
        await connection.send(message)
    await asyncio.wait_for(connection.wait_closed(), 10)
    return connection.close_code


async def asked(connection: ClientConnection) -> dict[str, Any]:
    return await said(connection, {"id": "1", "type": "subscribe", "payload": WHO})


@pytest.mark.parametrize("name", ["Authorization", "authorization"])
async def test_a_connection_is_let_in_by_token(address: str, settings: Settings, name: str) -> None:
    fields = {name: bearer(settings)["Authorization"]}

    async with socket_of(address) as connection:
        ack = await said(connection, {"type": "connection_init", "payload": fields})
        answer = await asked(connection)

    assert ack == {"type": "connection_ack"}
    assert answer["payload"]["data"] == {"viewer": {"isAdministrator": False}}


async def test_a_connection_is_let_in_by_address_in_demo_mode(demo: str) -> None:
    async with socket_of(demo) as connection:
        ack = await said(connection, {"type": "connection_init", "payload": AS_KARI})
        answer = await asked(connection)

    assert ack == {"type": "connection_ack"}
    assert answer["payload"]["data"] == {"viewer": {"isAdministrator": False}}


async def test_who_asks_is_looked_up_anew_for_each_operation_of_a_connection(demo: str, settings: Settings) -> None:
    query = {"id": "1", "type": "subscribe", "payload": {"query": "{ viewer { employee { name } } }"}}
    database = Database(settings.database_url)

    async with socket_of(demo) as connection:
        await said(connection, {"type": "connection_init", "payload": AS_KARI})
        before = await said(connection, query)
        await connection.recv()
        async with database.write() as writing:
            await add_entries(writing, [NewEntry(EntryKind.EMPLOYEE, "Kari Nordmann", KARI)])
        after = await said(connection, query)
    await database.close()

    assert before["payload"]["data"] == {"viewer": {"employee": None}}
    assert after["payload"]["data"] == {"viewer": {"employee": {"name": "Kari Nordmann"}}}


async def test_a_token_that_is_no_longer_believed_answers_nothing_more_over_its_connection(
    address: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def taken_back(_: TokenVerifier, token: str) -> VerifiedToken:
        raise InvalidToken("The key was taken back.")

    async with socket_of(address) as connection:
        await said(connection, {"type": "connection_init", "payload": bearer(settings)})
        before = await asked(connection)
        await connection.recv()
        monkeypatch.setattr(TokenVerifier, "verify", taken_back)
        after = await asked(connection)

    assert before["type"] == "next"
    assert (after["type"], after["payload"][0]["extensions"]["code"]) == ("error", "UNAUTHENTICATED")


@pytest.mark.parametrize("payload", [{}, AS_KARI, {"Authorization": "Bearer e30.e30."}, {"Authorization": 3}], ids=str)
async def test_a_connection_without_a_valid_token_is_forbidden(address: str, payload: object) -> None:
    async with socket_of(address) as connection:
        code = await close_code_after(connection, json.dumps({"type": "connection_init", "payload": payload}))

    assert code == 4403


@pytest.fixture
async def without_database(tmp_path: Path, listening: Listening) -> AsyncIterator[str]:
    """An Invito in demo mode whose database has no tables: it fails whatever it is asked."""
    broken = read_settings(database_url=f"sqlite:///{tmp_path}/without-tables.sqlite3")
    async with listening(create_app(broken, demo=True)) as there:
        yield there


async def test_nobody_is_a_stranger_for_want_of_a_database(without_database: str, client: httpx2.AsyncClient) -> None:
    answer = await client.post(f"{without_database}/graphql", json=WHO, headers=AS_KARI)

    assert code_of(answer) == "INTERNAL"
    assert "database" in answer.json()["errors"][0]["message"]


async def test_a_connection_without_a_database_is_to_be_tried_again_later(without_database: str) -> None:
    async with socket_of(without_database) as connection:
        code = await close_code_after(connection, json.dumps({"type": "connection_init", "payload": AS_KARI}))

    assert code == 1013
    assert "database" in (connection.close_reason or "")


async def test_a_connection_that_names_nobody_is_told_what_to_send(demo: str, address: str) -> None:
    reasons = []
    for one in (demo, address):
        async with socket_of(one) as connection:
            assert await close_code_after(connection, json.dumps({"type": "connection_init"})) == 4403
            reasons.append(connection.close_reason)

    what = "Say who asks in connection_init: "
    bearer_field = '{"Authorization": "Bearer TOKEN"}'
    assert reasons == [f'{what}{{"X-Invito-Viewer": "E-MAIL"}} or {bearer_field}', f"{what}{bearer_field}"]


async def test_headers_of_the_handshake_let_nobody_in(demo: str, address: str, settings: Settings) -> None:
    for one, headers in ((demo, AS_KARI), (address, bearer(settings))):
        async with socket_of(one, additional_headers=headers) as connection:
            assert await close_code_after(connection, json.dumps({"type": "connection_init"})) == 4403


async def test_nothing_is_answered_before_connection_init(demo: str) -> None:
    async with socket_of(demo) as connection:
        code = await close_code_after(connection, json.dumps({"id": "1", "type": "subscribe", "payload": WHO}))

    assert code == 4401


async def test_a_connection_that_says_nothing_is_closed(settings: Settings, listening: Listening) -> None:
    hasty = settings.model_copy(update={"websocket_init_seconds": 0.05})

    async with listening(create_app(hasty)) as address, socket_of(address) as connection:
        code = await close_code_after(connection)

    assert code == 4408


async def test_a_connection_is_closed_when_its_token_expires(address: str) -> None:
    expiry = time.time() + 1
    claims = {"email": KARI, "email_verified": True, "aud": "invito", "iss": "test", "exp": expiry}
    token = jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET))
    subscription = {"query": "subscription { notificationReceived { id } }"}

    async with socket_of(address) as connection:
        ack = await said(connection, {"type": "connection_init", "payload": {"Authorization": f"Bearer {token}"}})
        code = await close_code_after(connection, json.dumps({"id": "1", "type": "subscribe", "payload": subscription}))

    assert ack == {"type": "connection_ack"}
    assert code == 4401
    assert time.time() >= expiry


async def test_the_older_protocol_is_not_spoken(demo: str) -> None:
    for offered in ([Subprotocol("graphql-ws"), Subprotocol("mqtt")], None):
        async with socket_of(demo, subprotocols=offered) as connection:
            assert await close_code_after(connection) == 4406
            assert connection.subprotocol == (offered and offered[0])


async def test_a_browser_is_told_that_the_older_protocol_is_not_spoken(demo: str) -> None:
    # Node's own WebSocket is by the standard that browsers are by: unlike other clients it wants one of those it named.
    program = "new WebSocket(process.argv[1], 'graphql-ws').onclose = ({ code, reason }) => console.log(code, reason)"
    told = asyncio.subprocess.PIPE
    url = demo.replace("http", "ws") + "/graphql"
    page = await asyncio.create_subprocess_exec("node", "-e", program, url, env=with_node(), stdout=told)
    output, _ = await page.communicate()

    assert output.decode().strip() == "4406 Subprotocol not acceptable"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://crm.nordlys.example"])
async def test_a_page_of_another_origin_opens_no_websocket(demo: str, origin: str) -> None:
    with capture_logs() as logged, pytest.raises(InvalidStatus, match="403"):
        await socket_of(demo, origin=origin)

    assert [(one["origin"], "INVITO_ALLOWED_ORIGINS" in one["event"]) for one in logged] == [(origin, True)]


@pytest.mark.parametrize("origin", ["https://crm.nordlys.example", None])
async def test_a_page_of_an_allowed_origin_and_a_program_open_a_websocket(demo: str, origin: str | None) -> None:
    async with socket_of(demo, origin=origin) as connection:
        assert await said(connection, {"type": "connection_init", "payload": AS_KARI}) == {"type": "connection_ack"}


async def test_a_page_of_our_own_origin_opens_a_websocket(demo: str) -> None:
    async with socket_of(demo, origin=demo) as connection:
        assert await said(connection, {"type": "connection_init", "payload": AS_KARI}) == {"type": "connection_ack"}


@pytest.mark.parametrize(
    "message",
    [
        "no json",
        "[" * 2_000 + "]" * 2_000,
        "3",
        "[]",
        "{}",
        '{"type": 3}',
        '{"type": "unknown"}',
        pytest.param(json.dumps({"type": "z" * 300}), id="a long type"),
        pytest.param(json.dumps({"type": "ø" * 300}, ensure_ascii=False), id="a long type of two bytes a letter"),
        '{"type": "subscribe", "id": "1"}',
        '{"type": "subscribe", "id": "1", "payload": "query"}',
        '{"type": "subscribe", "id": "1", "payload": {"query": 3}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{ viewer { isAdministrator } }", "variables": []}}',
        '{"type": "subscribe", "id": 1, "payload": {"query": "{ viewer { isAdministrator } }"}}',
        '{"type": "complete"}',
    ],
)
async def test_a_message_of_an_unknown_form_closes_the_connection(demo: str, message: str) -> None:
    async with socket_of(demo) as connection:
        await said(connection, {"type": "connection_init", "payload": AS_KARI})
        code = await close_code_after(connection, message)

    assert code == 4400


async def test_a_long_unknown_message_before_connection_init_closes_the_connection_too(demo: str) -> None:
    async with socket_of(demo) as connection:
        code = await close_code_after(connection, json.dumps({"type": "z" * 300}))

    assert code == 4400


async def test_a_long_id_that_runs_already_closes_the_connection(demo: str) -> None:
    message = {
        "type": "subscribe",
        "id": "1" * 300,
        "payload": {"query": "subscription { notificationReceived { id } }"},
    }
    async with socket_of(demo) as connection:
        await said(connection, {"type": "connection_init", "payload": AS_KARI})
        await connection.send(json.dumps(message))
        code = await close_code_after(connection, json.dumps(message))

    assert code == 4409
