"""Whatever goes wrong has a code and a path, and nothing ever answers with a stack trace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from structlog.testing import capture_logs

from invito.schema.ids import global_id
from invito.services.invitations import follow_up_pages

if TYPE_CHECKING:
    from tests.schema.conftest import Office

# Nothing here depends on which database it is.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

OLA, EVA, STRANGER = "ola@office.example", "eva@office.example", "stranger@elsewhere.example"

CREATE = """mutation ($input: CreateFollowUpInput!) {
    createFollowUp(input: $input) { followUp { id } errors { code path message } } }"""
UPDATE = """mutation ($input: UpdateFollowUpInput!) {
    updateFollowUp(input: $input) { followUp { id version title } errors { code path } } }"""
NEW = {"type": "TASK", "title": "Report", "start": "2027-03-01T10:00:00Z"}


@pytest.mark.parametrize(
    "query", ["{ viewer { id } }", "{ __schema { queryType { name } } }", "{ __typename }", "{ nonsense }", "{ broken"]
)
async def test_without_a_caller_every_operation_is_unauthenticated(office: Office, query: str) -> None:
    error = await office.error(query, None)

    assert error["code"] == "UNAUTHENTICATED"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("{ broken", "Syntax Error"),
        ("{ nonsense }", "Cannot query field 'nonsense'"),
        ("{ followUps(first: $n) { nodes { id } } }", "Variable '$n' is not defined"),
    ],
)
async def test_an_operation_that_cannot_be_understood_says_why(office: Office, query: str, message: str) -> None:
    result = await office.ask(query)

    assert result.errors is not None
    assert message in result.errors[0].message
    assert (result.errors[0].extensions or {})["code"] == "INVALID_INPUT"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (
            "{ followUps(first: 501) { nodes { id } } }",
            {"code": "LIMIT_EXCEEDED", "path": ["first"], "limit": 500, "value": 501},
        ),
        ("{ followUps(first: -1) { nodes { id } } }", {"code": "INVALID_INPUT", "path": ["first"]}),
        ('{ followUps(after: "nowhere") { nodes { id } } }', {"code": "INVALID_CURSOR", "path": ["after"]}),
        ('{ availableParticipants(source: "x") { nodes { name } } }', {"code": "UNKNOWN_SOURCE", "path": ["source"]}),
        (
            '{ availableParticipants(source: "employees", container: "x") { nodes { name } } }',
            {"code": "NOT_FOUND", "path": ["container"]},
        ),
        (
            '{ availableParticipants(source: "employees", followUp: "x") { nodes { name } } }',
            {"code": "NOT_FOUND", "path": ["followUp"]},
        ),
        (
            '{ availableParticipants(source: "employees", includeUnavailable: true) { nodes { name } } }',
            {"code": "FORBIDDEN", "path": ["includeUnavailable"]},
        ),
        ("{ participantSources(includeDisabled: true) { key } }", {"code": "FORBIDDEN", "path": ["includeDisabled"]}),
        (
            '{ searchParticipants(search: "k", during: {start: "soon", end: "2027-01-01"}) { nodes { name } } }',
            {"code": "INVALID_TIME", "path": ["during", "start"]},
        ),
        (
            '{ followUps(filter: { updatedSince: "long ago" }) { nodes { id } } }',
            {"code": "INVALID_TIME", "path": ["filter", "updatedSince"]},
        ),
        ('{ node(id: "x") { id } }', {"code": "NOT_FOUND", "path": ["id"]}),
        ('{ followUp(id: "x") { id } }', {"code": "NOT_FOUND", "path": ["id"]}),
        ('{ participantSource(key: "x") { id } }', {"code": "NOT_FOUND", "path": ["key"]}),
    ],
)
async def test_a_question_without_an_answer_has_a_code_and_a_path(
    office: Office, query: str, expected: dict[str, object]
) -> None:
    error = await office.error(query)

    assert error == expected


async def test_what_is_not_there_is_null_beside_its_error(office: Office) -> None:
    result = await office.ask('{ followUp(id: "x") { id } viewer { language } }')

    assert result.data == {"followUp": None, "viewer": {"language": "EN"}}
    assert result.errors is not None
    assert result.errors[0].path == ["followUp"]


@pytest.mark.parametrize(
    ("fields", "code", "path"),
    [
        ({"title": " "}, "INVALID_INPUT", ["title"]),
        ({"start": "soon"}, "INVALID_TIME", ["start"]),
        ({"end": "2027-03-01T09:00:00Z"}, "INVALID_TIME", ["end"]),
        ({"duration": "long"}, "INVALID_TIME", ["duration"]),
        ({"start": "2027-03-28T02:30:00", "timeZone": "Europe/Oslo"}, "INVALID_TIME", ["start"]),
        ({"timeZone": "Europe/Nowhere"}, "INVALID_TIME_ZONE", ["timeZone"]),
        (
            {"invitees": [{"participant": {"reference": "x"}}]},
            "NOT_FOUND",
            ["invitees", "0", "participant", "reference"],
        ),
        (
            {"invitees": [{"participant": {"email": {"address": "no address"}}}]},
            "INVALID_EMAIL",
            ["invitees", "0", "participant", "email", "address"],
        ),
        ({"invitees": [{"participant": {"reference": "employee:2"}}] * 2}, "DUPLICATE", ["invitees", "1"]),
        ({"invitees": [{"participant": {"reference": "employee:2"}}] * 1001}, "TOO_MANY", ["invitees"]),
    ],
)
async def test_a_value_that_is_wrong_is_an_entry_in_errors(
    office: Office, fields: dict[str, Any], code: str, path: list[str]
) -> None:
    made = await office.answer(CREATE, input=NEW | fields)

    (error,) = made["createFollowUp"]["errors"]
    assert (error["code"], error["path"]) == (code, path)
    assert made["createFollowUp"]["followUp"] is None


async def test_a_mutation_of_what_is_not_there_says_so_at_the_id(office: Office) -> None:
    payloads = await office.answer(
        """mutation {
            updateFollowUp(input: {id: "x", title: "New"}) { followUp { id } errors { code path } }
            saveParticipants(input: {followUpId: "x", changes: {}}) { errors { code path } }
            toggleParticipantStatus(participantId: "x") { errors { code path } }
            setEmailInvitation(input: {participantId: "x", enabled: true}) { errors { code path } }
            respondToInvitation(input: {participantId: "x", status: ACCEPTED}) { errors { code path } }
            acknowledgeNotification(id: "x") { errors { code path } }
        }"""
    )

    assert {name: payload["errors"] for name, payload in payloads.items()} == {
        "updateFollowUp": [{"code": "NOT_FOUND", "path": ["id"]}],
        "saveParticipants": [{"code": "NOT_FOUND", "path": ["followUpId"]}],
        "toggleParticipantStatus": [{"code": "NOT_FOUND", "path": ["participantId"]}],
        "setEmailInvitation": [{"code": "NOT_FOUND", "path": ["participantId"]}],
        "respondToInvitation": [{"code": "NOT_FOUND", "path": ["participantId"]}],
        "acknowledgeNotification": [{"code": "NOT_FOUND", "path": ["id"]}],
    }


async def test_a_refused_mutation_shows_the_object_as_it_stands(office: Office) -> None:
    there = await office.follow_up("employee:2")

    stale = await office.answer(UPDATE, input={"id": there.id, "expectedVersion": there.version + 1, "title": "New"})
    foreign = await office.answer(UPDATE, OLA, input={"id": there.id, "title": "Mine"})

    shown = {"id": there.id, "version": there.version, "title": "Budget"}
    assert stale["updateFollowUp"]["followUp"] == foreign["updateFollowUp"]["followUp"] == shown
    assert stale["updateFollowUp"]["errors"] == [{"code": "STALE_VERSION", "path": ["expectedVersion"]}]
    assert [error["code"] for error in foreign["updateFollowUp"]["errors"]] == ["NOT_OWNER"]


async def test_who_may_not_see_it_is_not_shown_it_beside_the_refusal(office: Office) -> None:
    there = await office.follow_up(visibility="OWNER")

    changed = await office.answer(UPDATE, EVA, input={"id": there.id, "title": "Mine"})

    assert changed["updateFollowUp"] == {"followUp": None, "errors": [{"code": "NOT_FOUND", "path": ["id"]}]}


async def test_whoever_is_no_employee_changes_nothing(office: Office) -> None:
    made = await office.answer(CREATE, STRANGER, input=NEW)

    assert [error["code"] for error in made["createFollowUp"]["errors"]] == ["FORBIDDEN"]


async def test_what_nobody_foresaw_is_masked_and_logged_under_an_id(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("the secret of kari@office.example")

    monkeypatch.setattr(follow_up_pages, "follow_up_page", broken)
    with capture_logs() as logged:
        result = await office.ask("{ followUps { nodes { id } } }")

    assert result.errors is not None
    (error,) = result.errors
    assert (error.extensions or {})["code"] == "INTERNAL"
    assert "secret" not in str(error.formatted)
    (entry,) = [one for one in logged if one["log_level"] == "error"]
    assert entry["error_id"] == (error.extensions or {})["id"]
    assert "secret" not in str(entry)
    assert any("broken" in place for place in entry["places"])


async def test_at_most_500_nodes_are_found_at_once(office: Office) -> None:
    ids = [global_id("FollowUp", number) for number in range(1, 502)]

    error = await office.error("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=ids)

    assert error == {"code": "LIMIT_EXCEEDED", "path": ["ids"], "limit": 500, "value": 501}
