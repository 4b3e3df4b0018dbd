"""GraphQL over HTTP beyond what its own audit asks: media types, GET, what may be kept, and errors."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.types import ASGIApp

from invito.asgi import create_app
from invito.media_types import EVENT_STREAM, GRAPHQL_RESPONSE, JSON, wanted_media_type
from invito.services.storage import migrating
from invito.settings import read_settings

KARI = "kari.nordmann@nordlys.example"
ADMINISTRATOR = "admin@nordlys.example"
CRM = "https://crm.nordlys.example"
WHO = "{ viewer { isAdministrator } }"
FOUND = {"data": {"viewer": {"isAdministrator": False}}}


@pytest.fixture
async def client(
    tmp_path: Path, listening: Callable[[ASGIApp], AbstractAsyncContextManager[str]]
) -> AsyncIterator[httpx2.AsyncClient]:
    """Asks a demo as Kari, whose paths begin there."""
    settings = read_settings(
        database_url=f"sqlite:///{tmp_path}/invito.sqlite3", allowed_origins=(CRM,), administrators=(ADMINISTRATOR,)
    )
    await migrating.upgrade(settings.database_url)
    async with (
        listening(create_app(settings, demo=True)) as address,
        httpx2.AsyncClient(base_url=address, headers={"X-Invito-Viewer": KARI}) as open_client,
    ):
        yield open_client


def get(client: httpx2.AsyncClient, query: str = WHO, *, headers: Any = None, **parameters: str) -> Any:
    return client.get("/graphql", params={"query": query} | parameters, headers=headers)


def code_of(answer: httpx2.Response) -> str:
    body = answer.json()
    assert "data" not in body
    assert body["errors"][0]["message"]
    return str(body["errors"][0]["extensions"]["code"])


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        (None, JSON),
        ("*/*", JSON),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", JSON),
        ("application/graphql-response+json, application/json;q=0.9", GRAPHQL_RESPONSE),
        ("application/json, application/graphql-response+json;q=0.9", JSON),
        ("application/graphql-response+json, application/graphql+json, application/json, text/event-stream",
         GRAPHQL_RESPONSE),
        ("Application/JSON ; charset=utf-8", JSON),
        ("text/event-stream", EVENT_STREAM),
        ("text/event-stream, multipart/mixed", EVENT_STREAM),
        ("application/json;q=0, text/event-stream;q=0.1", EVENT_STREAM),
        ("application/json;q=0", None),
        ("text/html", None),
        ("application/json;q=x", JSON),
    ],
)  # fmt: skip
def test_the_media_type_is_the_one_that_the_client_wants_most(accept: str | None, wanted: str | None) -> None:
    assert wanted_media_type(accept) == wanted


async def test_a_client_that_takes_nothing_that_there_is_is_told_what_there_is(client: httpx2.AsyncClient) -> None:
    answer = await get(client, headers={"Accept": "text/html"})

    assert answer.status_code == 406
    assert code_of(answer) == "NOT_ACCEPTABLE"
    assert JSON in answer.json()["errors"][0]["message"]


async def test_a_query_is_answered_by_get(client: httpx2.AsyncClient) -> None:
    two = "query A { participantSources { key } } query B($no: Boolean!) { viewer { isAdministrator @skip(if: $no) } }"

    alone = await get(client)
    named = await get(client, two, operationName="B", variables='{"no": false}', extensions="")

    assert alone.json()["data"] == named.json()["data"] == FOUND["data"]


@pytest.mark.parametrize("accept", ["application/json", GRAPHQL_RESPONSE])
async def test_a_mutation_by_get_changes_nothing(client: httpx2.AsyncClient, accept: str) -> None:
    create = """mutation { createFollowUp(input: {type: TASK, title: "By GET", start: "2030-05-14T10:00"}) {
        followUp { id } } }"""

    answer = await get(client, create, headers={"Accept": accept})
    streamed = await get(client, create, headers={"Accept": EVENT_STREAM})
    there = await get(client, "{ followUps(first: 1) { totalCount } }")

    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"
    assert code_of(answer) == "METHOD_NOT_ALLOWED"
    assert "POST" in streamed.text
    assert there.json()["data"]["followUps"]["totalCount"] == 0


@pytest.mark.parametrize(
    ("parameters", "named"),
    [
        ({}, "query"),
        ({"query": ""}, "query"),
        ({"query": WHO, "variables": "{"}, "variables"),
        ({"query": WHO, "variables": "[]"}, "variables"),
        ({"query": WHO, "extensions": "3"}, "extensions"),
    ],
)
async def test_a_url_that_asks_nothing_is_refused_with_what_is_wrong(
    client: httpx2.AsyncClient, parameters: dict[str, str], named: str
) -> None:
    answer = await client.get("/graphql", params=parameters)

    assert answer.status_code == 400
    assert code_of(answer) == "INVALID_INPUT"
    assert named in answer.json()["errors"][0]["message"]


@pytest.mark.parametrize(
    ("query", "viewer", "status", "code"),
    [
        ("{ nothing }", KARI, 400, "INVALID_INPUT"),
        ("query A { viewer { id } } query B { viewer { id } }", KARI, 400, "INVALID_INPUT"),
        ("subscription { notificationReceived { id } }", KARI, 400, "INVALID_INPUT"),
        (WHO, "", 401, "UNAUTHENTICATED"),
    ],
)
async def test_what_is_not_carried_out_has_a_status_of_its_own_in_the_media_type_of_graphql_alone(
    client: httpx2.AsyncClient, query: str, viewer: str, status: int, code: str
) -> None:
    who = {"X-Invito-Viewer": viewer}

    new = await client.post("/graphql", json={"query": query}, headers=who | {"Accept": GRAPHQL_RESPONSE})
    old = await client.post("/graphql", json={"query": query}, headers=who | {"Accept": JSON})

    assert (new.status_code, old.status_code) == (status, 200)
    assert code_of(new) == code_of(old) == code
    assert ("www-authenticate" in new.headers) == (status == 401)


async def test_an_operation_that_fails_has_data_and_is_answered_with_200(client: httpx2.AsyncClient) -> None:
    unknown = (
        '{ participantSource(key: "nowhere") { key } availableParticipants(source: "nowhere") { nodes { name } } }'
    )

    answer = await client.post("/graphql", json={"query": unknown}, headers={"Accept": GRAPHQL_RESPONSE})

    assert answer.status_code == 200
    assert answer.json()["data"] is None
    assert answer.json()["errors"][0]["path"]


async def test_an_answer_that_is_what_it_was_is_not_sent_again(client: httpx2.AsyncClient) -> None:
    first = await get(client)
    again = await get(client, headers={"If-None-Match": f'"other", {first.headers["etag"]}'})
    strongly = await get(client, headers={"If-None-Match": first.headers["etag"].removeprefix("W/")})
    of_another = await get(client, headers={"If-None-Match": first.headers["etag"], "X-Invito-Viewer": ADMINISTRATOR})

    assert (again.status_code, again.content) == (strongly.status_code, strongly.content) == (304, b"")
    assert again.headers["etag"] == strongly.headers["etag"] == first.headers["etag"]
    assert of_another.status_code == 200
    assert of_another.json()["data"] == {"viewer": {"isAdministrator": True}}
    for answer in (first, again):
        assert answer.headers["cache-control"] == "private, no-cache"
        assert {"authorization", "x-invito-viewer", "accept"} <= set(answer.headers["vary"].lower().split(", "))


async def test_what_failed_or_was_posted_is_not_kept(client: httpx2.AsyncClient) -> None:
    failed = await get(client, "{ nothing }")
    posted = await client.post("/graphql", json={"query": WHO})

    nobody = await get(client, headers={"X-Invito-Viewer": "x", "Accept": GRAPHQL_RESPONSE})
    change = await get(client, "mutation { __typename }")
    nowhere = await client.get("/nowhere")

    assert (nobody.status_code, change.status_code, nowhere.status_code) == (401, 405, 404)
    for answer in (failed, posted, nobody, change, nowhere):
        assert answer.headers["cache-control"] == "no-store"
    assert "etag" not in failed.headers
    assert "etag" not in posted.headers


async def test_a_page_of_an_allowed_origin_may_get_and_read_the_validator(client: httpx2.AsyncClient) -> None:
    wish = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "if-none-match,x-invito-viewer"}

    before = await client.options("/graphql", headers={"Origin": CRM} | wish)
    answer = await get(client, headers={"Origin": CRM})

    assert before.status_code == 200
    assert "GET" in before.headers["access-control-allow-methods"]
    assert "ETag" in answer.headers["access-control-expose-headers"]


async def test_a_body_in_another_encoding_is_refused(client: httpx2.AsyncClient) -> None:
    body = json.dumps({"query": WHO}).encode()

    latin = await client.post(
        "/graphql", content=body, headers={"Content-Type": "application/json; charset=iso-8859-1"}
    )
    utf = await client.post("/graphql", content=body, headers={"Content-Type": 'application/json; charset="UTF-8"'})

    assert latin.status_code == 415
    assert code_of(latin) == "UNSUPPORTED_MEDIA_TYPE"
    assert utf.json()["data"] == FOUND["data"]


async def test_a_long_answer_is_compressed_and_may_be_kept(client: httpx2.AsyncClient) -> None:
    long = "{ __schema { types { name description } } }"

    compressed = await get(client, long, headers={"Accept-Encoding": "gzip"})
    plain = await get(client, long, headers={"Accept-Encoding": "identity"})
    again = await get(client, long, headers={"Accept-Encoding": "gzip", "If-None-Match": compressed.headers["etag"]})

    assert compressed.headers["content-encoding"] == "gzip"
    assert int(compressed.headers["content-length"]) < int(plain.headers["content-length"]) / 2
    assert compressed.json()["data"] == plain.json()["data"]
    assert "accept-encoding" in compressed.headers["vary"].lower()
    assert again.status_code == 304


async def test_events_are_not_held_back_to_be_compressed(client: httpx2.AsyncClient) -> None:
    headers = {"Accept": EVENT_STREAM, "Accept-Encoding": "gzip"}

    answer = await get(client, "{ __schema { types { name description } } }", headers=headers)

    assert "content-encoding" not in answer.headers
    assert answer.text.startswith("event: next")


@pytest.mark.parametrize("accept", [JSON, GRAPHQL_RESPONSE])
async def test_json_that_is_nested_too_deep_is_no_request_whatever_is_accepted(
    client: httpx2.AsyncClient, accept: str
) -> None:
    nested = '{"value": ' + "[" * 1_100 + "]" * 1_100 + "}"
    headers = {"Accept": accept, "Content-Type": JSON}

    sent = await client.post("/graphql", content=f'{{"query": "{WHO}", "variables": {nested}}}', headers=headers)
    in_url = await get(client, variables=nested, headers={"Accept": accept})

    for answer in (sent, in_url):
        assert answer.status_code == 400
        assert answer.headers["content-type"] == JSON
        assert code_of(answer) == "LIMIT_EXCEEDED"
