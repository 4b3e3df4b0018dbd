"""Bad input of each kind gets its code and its path, and nothing ever answers with a stack trace."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from tests.e2e.conftest import KARI, served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.conftest import Server

# What no answer may hold: traces, places in files, statements.
_LEAKS = re.compile(r"Traceback|\.py|/site-packages/|/home/|SELECT |INSERT |sqlalchemy|asyncpg", re.IGNORECASE)

CREATE = "mutation ($input: CreateFollowUpInput!) { createFollowUp(input: $input) { errors { code path } } }"
UPDATE = "mutation ($input: UpdateFollowUpInput!) { updateFollowUp(input: $input) { errors { code path } } }"
INVITE = "mutation ($input: InviteParticipantsInput!) { inviteParticipants(input: $input) { errors { code path } } }"
TASK = {"type": "TASK", "title": "Task", "start": "2031-01-01T10:00:00Z"}
SECRET = "a secret that is long enough to sign with"


def nobody(number: int) -> dict[str, Any]:
    return person(f"employee:{number}")


def person(reference: str) -> dict[str, Any]:
    return {"participant": {"reference": reference}}


def address(typed: str) -> dict[str, Any]:
    return {"participant": {"email": {"address": typed}}}


# As long as a body may be, of marks that are to be put in order.
MARKS = "a" + "\u0315" * 120_000 + "\u0300" * 120_000

WRONG_CREATIONS = [
    ({"end": "2031-01-01T09:00:00Z"}, "INVALID_TIME", ["end"]),
    ({"start": "2031-03-30T02:30", "timeZone": "Europe/Oslo"}, "INVALID_TIME", ["start"]),
    ({"start": "2031-10-26T02:30", "timeZone": "Europe/Oslo"}, "INVALID_TIME", ["start"]),
    ({"start": "2031-02-30T10:00"}, "INVALID_TIME", ["start"]),
    ({"start": "tomorrow"}, "INVALID_TIME", ["start"]),
    ({"duration": "an hour"}, "INVALID_TIME", ["duration"]),
    ({"duration": "PT0S"}, "INVALID_TIME", ["duration"]),
    ({"duration": "P99999W"}, "INVALID_TIME", ["duration"]),
    ({"end": "2031-01-01T11:00:00Z", "duration": "PT1H"}, "INVALID_TIME", ["duration"]),
    ({"timeZone": "Europe/Nowhere"}, "INVALID_TIME_ZONE", ["timeZone"]),
    ({"title": "  "}, "INVALID_INPUT", ["title"]),
    ({"title": "x" * 301}, "INVALID_INPUT", ["title"]),
    ({"title": "one\ntwo"}, "INVALID_INPUT", ["title"]),
    ({"title": "\u202egnp.exe"}, "INVALID_INPUT", ["title"]),
    ({"description": "\u0000"}, "INVALID_INPUT", ["description"]),
    ({"idempotencyKey": ""}, "INVALID_INPUT", ["idempotencyKey"]),
    ({"title": MARKS}, "INVALID_INPUT", ["title"]),
    ({"title": "a" + "\u0300" * 31}, "INVALID_INPUT", ["title"]),
    ({"description": MARKS}, "INVALID_INPUT", ["description"]),
    ({"description": MARKS[100_001:-100_001]}, "INVALID_INPUT", ["description"]),
    ({"location": MARKS}, "INVALID_INPUT", ["location"]),
    ({"idempotencyKey": MARKS}, "INVALID_INPUT", ["idempotencyKey"]),
    ({"timeZone": MARKS}, "INVALID_TIME_ZONE", ["timeZone"]),
    ({"start": MARKS}, "INVALID_TIME", ["start"]),
    ({"duration": MARKS}, "INVALID_TIME", ["duration"]),
    ({"invitees": [person(MARKS)]}, "NOT_FOUND", ["invitees", "0", "participant", "reference"]),
    ({"invitees": [address(MARKS + "@x.no")]}, "INVALID_EMAIL", ["invitees", "0", "participant", "email", "address"]),
    ({"invitees": [nobody(2)] * 1_001}, "TOO_MANY", ["invitees"]),
    ({"invitees": [nobody(2), nobody(2)]}, "DUPLICATE", ["invitees", "1"]),
    ({"invitees": [nobody(999_999)]}, "NOT_FOUND", ["invitees", "0", "participant", "reference"]),
    ({"invitees": [person("\u0000")]}, "NOT_FOUND", ["invitees", "0", "participant", "reference"]),
    ({"invitees": [address("kari@@x")]}, "INVALID_EMAIL", ["invitees", "0", "participant", "email", "address"]),
    ({"invitees": [address("\u0000")]}, "INVALID_EMAIL", ["invitees", "0", "participant", "email", "address"]),
    ({"invitees": [nobody(2) | {"role": "OWNER"}]}, "INVALID_INPUT", ["invitees", "0", "role"]),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "code", "path"), WRONG_CREATIONS, ids=lambda value: str(value)[:40])
async def test_a_wrong_field_is_named(office: Server, fields: dict[str, Any], code: str, path: list[str]) -> None:
    done = await office.ask(CREATE, input=TASK | fields)

    (error,) = done["createFollowUp"]["errors"]
    assert (error["code"], error["path"]) == (code, path)


@pytest.mark.parametrize(
    "id_",
    ["", "x", "Rm9sbG93VXA6OTk5OTk5", "UGFydGljaXBhbnQ6MQ", "\u0000", "é", "RW1wbG95ZWU6ZW1wbG95ZWU6MQ", "x" * 5_000],
)
async def test_an_id_of_nothing_of_another_type_or_unreadable_is_not_found(office: Server, id_: str) -> None:
    done = await office.ask(UPDATE, input={"id": id_, "title": "Changed"})

    assert done["updateFollowUp"]["errors"] == [{"code": "NOT_FOUND", "path": ["id"]}]


async def test_anothers_follow_up_is_refused(office: Server) -> None:
    create = "mutation ($input: CreateFollowUpInput!) { createFollowUp(input: $input) { followUp { id } } }"
    made = await office.ask(create, "admin@nordlys.example", input=TASK)
    id_ = made["createFollowUp"]["followUp"]["id"]

    done = await office.ask(INVITE, input={"followUpId": id_, "invitees": [nobody(2)]})

    assert done["inviteParticipants"]["errors"] == [{"code": "NOT_OWNER", "path": ["followUpId"]}]


async def test_another_input_under_the_same_key_is_a_mismatch(office: Server) -> None:
    await office.ask(CREATE, input=TASK | {"idempotencyKey": "mismatch"})

    done = await office.ask(CREATE, input=TASK | {"idempotencyKey": "mismatch", "title": "Another"})

    assert done["createFollowUp"]["errors"] == [{"code": "IDEMPOTENCY_MISMATCH", "path": ["idempotencyKey"]}]


async def test_a_row_of_another_follow_up_is_not_found_in_this_one(office: Server) -> None:
    this, _ = await stored(office)
    _, row = await stored(office)

    done = await office.ask(
        """mutation ($input: SaveParticipantsInput!) { saveParticipants(input: $input) { errors { code path } } }""",
        input={
            "followUpId": this,
            "changes": {
                "remove": [row],
                "emailInvitations": [{"participantId": row, "enabled": True}],
                "statuses": [{"participantId": row, "status": "ACCEPTED"}],
            },
        },
    )

    assert {(error["code"], *error["path"][:2]) for error in done["saveParticipants"]["errors"]} == {
        ("NOT_FOUND", "changes", "remove"),
        ("NOT_FOUND", "changes", "emailInvitations"),
        ("NOT_FOUND", "changes", "statuses"),
    }


async def stored(server: Server) -> tuple[str, str]:
    """A follow-up of Kari's, and the row of the one who is invited."""
    create = """mutation ($input: CreateFollowUpInput!) { createFollowUp(input: $input) {
        followUp { id participants { nodes { id } } } } }"""
    made = (await server.ask(create, input=TASK | {"invitees": [nobody(3)]}))["createFollowUp"]["followUp"]
    return made["id"], made["participants"]["nodes"][1]["id"]


WRONG_VARIABLES: list[dict[str, object]] = [
    {},
    {"input": None},
    {"input": "text"},
    {"input": TASK | {"unknown": 1}},
    {"input": TASK | {"type": "PARTY"}},
    {"input": TASK | {"title": 5}},
    {"input": TASK | {"invitees": [{"participant": {}}]}},
    {"input": TASK | {"invitees": [{"participant": {"reference": "employee:1", "email": {"address": "a@b.example"}}}]}},
]


@pytest.mark.parametrize("variables", WRONG_VARIABLES, ids=lambda value: str(value)[-40:])
def test_variables_of_another_type_are_refused(office: Server, variables: dict[str, object]) -> None:
    answer = post(office, {"query": CREATE, "variables": variables})

    assert {error["extensions"]["code"] for error in answer.json()["errors"]} == {"INVALID_INPUT"}
    assert not _LEAKS.search(answer.text)


@pytest.mark.parametrize(
    "text", ["x" * 900_000, "\u0007" * 1_000, "\ud7ff\uffff", "[" * 5_000], ids=lambda text: ascii(text[:1])
)
def test_huge_and_odd_texts_are_refused_everywhere(office: Server, text: str) -> None:
    operations: list[tuple[str, dict[str, object]]] = [
        (CREATE, {"input": TASK | {"title": text, "location": text, "idempotencyKey": text}}),
        (UPDATE, {"input": {"id": text, "title": text}}),
        (INVITE, {"input": {"followUpId": text, "invitees": [address(text), person(text)]}}),
        ("query ($x: String!) { searchParticipants(search: $x) { totalCount } }", {"x": text}),
        ("query ($x: String!) { availableParticipants(source: $x, after: $x) { totalCount } }", {"x": text}),
        ("query ($x: ID!) { node(id: $x) { id } }", {"x": text}),
        ("query ($x: ID!) { nodes(ids: [$x]) { id } }", {"x": text}),
    ]
    for query, variables in operations:
        answer = post(office, {"query": query, "variables": variables})
        assert answer.status_code in (200, 400, 413), query
        assert '"INTERNAL"' not in answer.text, query
        assert not _LEAKS.search(answer.text), query


UNANSWERABLE = [
    ('{ availableParticipants(source: "nowhere") { totalCount } }', "UNKNOWN_SOURCE", ["source"]),
    ('{ availableParticipants(source: "employees", first: 501) { totalCount } }', "LIMIT_EXCEEDED", ["first"]),
    ('{ availableParticipants(source: "employees", first: -1) { totalCount } }', "INVALID_INPUT", ["first"]),
    ('{ availableParticipants(source: "employees", after: "nonsense") { totalCount } }', "INVALID_CURSOR", ["after"]),
    ('{ availableParticipants(source: "project") { totalCount } }', "INVALID_INPUT", ["container"]),
    ('{ availableParticipants(source: "project", container: "x") { totalCount } }', "NOT_FOUND", ["container"]),
    ('{ followUps(filter: {updatedSince: "never"}) { totalCount } }', "INVALID_TIME", ["filter", "updatedSince"]),
    ('{ followUp(id: "x") { id } }', "NOT_FOUND", ["id"]),
    ('{ participantSource(key: "nowhere") { key } }', "NOT_FOUND", ["key"]),
    ("{ nothing }", "INVALID_INPUT", []),
    ("{ viewer {", "INVALID_INPUT", []),
    ("{ availableParticipants(source: 5) { totalCount } }", "INVALID_INPUT", ["source"]),
    (f'{{ searchParticipants(search: "{"x" * 201}") {{ totalCount }} }}', "LIMIT_EXCEEDED", ["search"]),
]  # fmt: skip


@pytest.mark.parametrize(("query", "code", "path"), UNANSWERABLE, ids=lambda value: str(value)[:40])
def test_what_cannot_be_answered_says_why(office: Server, query: str, code: str, path: list[str]) -> None:
    answer = post(office, {"query": query}).json()

    assert {(error["extensions"]["code"], *error["extensions"]["path"]) for error in answer["errors"]} == {
        (code, *path)
    }


def test_a_cursor_of_another_list_is_none(office: Server) -> None:
    found = post(office, {"query": "{ followUps(first: 1) { pageInfo { endCursor } } }"}).json()
    cursor = found["data"]["followUps"]["pageInfo"]["endCursor"]

    query = 'query ($after: String) { availableParticipants(source: "employees", after: $after) { totalCount } }'
    answer = post(office, {"query": query, "variables": {"after": cursor}}).json()

    assert answer["errors"][0]["extensions"]["code"] == "INVALID_CURSOR"


BODIES = [
    (b"{", "application/json"),
    (b"[]", "application/json"),
    (b'"x"', "application/json"),
    (b'{"query": 5}', "application/json"),
    (b'{"query": "{ viewer { id } }", "variables": "x"}', "application/json"),
    (b"\xff\xfe", "application/json"),
    (b"query=%7Bviewer%7Bid%7D%7D", "application/x-www-form-urlencoded"),
    (b"{ viewer { id } }", "text/plain"),
    (b"--x\r\n\r\n--x--", "multipart/form-data; boundary=x"),
    (b'{"query": "' + b"x" * 2_000_000 + b'"}', "application/json"),
]


@pytest.mark.parametrize(("body", "kind"), BODIES, ids=lambda value: str(value)[:30])
def test_a_body_that_is_no_request_is_refused(office: Server, body: bytes, kind: str) -> None:
    answer = httpx2.post(office.url, content=body, headers={"Content-Type": kind, "X-Invito-Viewer": KARI})

    assert 400 <= answer.status_code < 500 or "errors" in answer.json()
    assert not _LEAKS.search(answer.text)


def test_a_mutation_by_get_is_refused(office: Server) -> None:
    answer = httpx2.get(
        office.url,
        params={"query": "mutation { setOpenOverviews(participants: []) { errors { code } } }"},
        headers={"X-Invito-Viewer": KARI},
    )

    assert answer.status_code == 405


@pytest.mark.parametrize(
    "text", ["'; DROP TABLE", "%", "_", "\\", '"', "*", "NEAR(", "a" * 200, "\u0000", "𝕏", "\U0001f600"]
)
def test_any_text_is_searched_for_and_means_nothing_else(office: Server, text: str) -> None:
    queries = (
        "query ($text: String!) { searchParticipants(search: $text) { nodes { name } } }",
        "query ($text: String!) { followUps(filter: {search: $text}) { nodes { id } } }",
        'query ($text: String!) { participantSource(key: "selection") { containers(search: $text) { totalCount } } }',
    )
    for query in queries:
        answer = post(office, {"query": query, "variables": {"text": text}})
        assert "errors" not in answer.json(), answer.text


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server outside demo mode, which knows viewers by token alone."""
    folder = tmp_path_factory.mktemp("guarded")
    settings = {"INVITO_JWT_SECRET": SECRET, "INVITO_JWT_AUDIENCE": "invito", "INVITO_JWT_ISSUER": "tests"}
    settings["INVITO_SECRET_KEYS"] = SECRET
    with served(f"sqlite:///{folder / 'x.sqlite3'}", folder / "log", "--host", "127.0.0.1", **settings) as server:
        yield server


CLAIMS = {"email": "kari@x.example", "email_verified": True, "aud": "invito", "iss": "tests", "exp": 4_000_000_000}


def signed(secret: str = SECRET, **changes: object) -> str:
    claims = {name: value for name, value in (CLAIMS | changes).items() if value is not None}
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(secret))


def unsigned() -> str:
    parts = ({"alg": "none"}, CLAIMS)
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts) + "."


TOKENS = {
    "another secret": signed("another secret that is long enough too"),
    "no signature": unsigned(),
    "expired": signed(exp=1_000_000_000),
    "without expiry": signed(exp=None),
    "another audience": signed(aud="somebody else"),
    "another issuer": signed(iss="somebody else"),
    "an address that nobody verified": signed(email_verified=False),
    "without an address": signed(email=None),
    "no token": "nonsense",
}


@pytest.mark.parametrize("token", TOKENS)
def test_an_invalid_token_lets_nobody_in(guarded: Server, token: str) -> None:
    answer = post(guarded, {"query": "{ viewer { id } }"}, {"Authorization": f"Bearer {TOKENS[token]}"})

    (error,) = answer.json()["errors"]
    assert error["extensions"] == {"code": "UNAUTHENTICATED", "path": []}
    assert not _LEAKS.search(answer.text)


def test_a_valid_token_lets_its_address_in(guarded: Server) -> None:
    answer = post(guarded, {"query": "{ viewer { employee { id } } }"}, {"Authorization": f"Bearer {signed()}"})

    assert answer.json()["data"] == {"viewer": {"employee": None}}


def test_outside_demo_mode_naming_oneself_is_ignored(guarded: Server) -> None:
    answer = post(guarded, {"query": "{ viewer { id } }"})

    assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


def post(server: Server, body: object, headers: dict[str, str] | None = None) -> httpx2.Response:
    return httpx2.post(server.url, json=body, headers=headers or {"X-Invito-Viewer": KARI}, timeout=60)
