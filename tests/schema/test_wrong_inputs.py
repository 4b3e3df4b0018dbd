"""A value that does not fit its type is told with its place, whether it is written in the document or in a variable."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from graphql import GraphQLError

if TYPE_CHECKING:
    from tests.schema.conftest import Office

# Nothing here depends on which database it is.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

NEW = {"type": "TASK", "title": "Report", "start": "2027-03-01T10:00:00Z"}
BY_VARIABLE = "mutation ($new: CreateFollowUpInput!) { createFollowUp(input: $new) { errors { code } } }"
KARI = {"participant": {"reference": "employee:1"}}


def _fourth(participant: object) -> dict[str, object]:
    return {"invitees": [KARI, KARI, KARI, {"participant": participant}]}


WRONG: dict[str, tuple[dict[str, Any], list[str], str]] = {
    "an unknown enum value": (
        {"type": "PARTY"},
        ["type"],
        "input.type: FollowUpType has no value PARTY: it is one of APPOINTMENT, TASK, PHONE_CALL.",
    ),
    "null": ({"title": None}, ["title"], "input.title: String! is wanted, not null."),
    "another scalar": ({"title": 5}, ["title"], "input.title: String is wanted, not 5."),
    "no text": ({"start": 7}, ["start"], "input.start: DateTime is wanted, not 7."),
    "an unknown field": ({"titel": "x"}, ["titel"], "input.titel: CreateFollowUpInput has no such field. Did you mean"),
    "no object": (
        _fourth("x"),
        ["invitees", "3", "participant"],
        'input.invitees[3].participant: ParticipantInput is wanted, which is an object, not "x".',
    ),
    "none of one": (
        _fourth({}),
        ["invitees", "3", "participant"],
        "input.invitees[3].participant: ParticipantInput takes exactly one of reference and email, and here is none.",
    ),
    "both of one": (
        _fourth({"reference": "a", "email": {"address": "b"}}),
        ["invitees", "3", "participant"],
        "takes exactly one of reference and email, and here is reference and email.",
    ),
    "null in the one": (
        _fourth({"reference": None}),
        ["invitees", "3", "participant", "reference"],
        "A value is wanted in the one field of ParticipantInput, not null.",
    ),
    "a field that is missing": (
        _fourth({"email": {}}),
        ["invitees", "3", "participant", "email", "address"],
        "input.invitees[3].participant.email.address: EmailParticipantInput needs this field: String! is wanted.",
    ),
    "a list": ({"title": ["x" * 1_000]}, ["title"], "input.title: String is wanted, not a list."),
    "much": ({"isAllDay": "x" * 1_000}, ["isAllDay"], f'input.isAllDay: Boolean is wanted, not "{"x" * 39}…'),
}


def _written(value: object) -> str:
    """The value as a document has it: names without quotes, and enum values too."""
    text = re.sub(r'"(\w+)":', r"\1:", json.dumps(value))
    return re.sub(r'type: "(\w+)"', r"type: \1", text)


async def _errors(office: Office, query: str, **variables: Any) -> list[GraphQLError]:
    return (await office.ask(query, **variables)).errors or []


@pytest.mark.parametrize(("fields", "path", "message"), WRONG.values(), ids=WRONG)
async def test_a_value_in_a_document_that_does_not_fit_is_told_with_its_path(
    office: Office, fields: dict[str, Any], path: list[str], message: str
) -> None:
    query = f"mutation {{ createFollowUp(input: {_written(NEW | fields)}) {{ errors {{ code }} }} }}"

    (error,) = await _errors(office, query)

    assert error.extensions == {"code": "INVALID_INPUT", "path": ["input", *path]}
    assert message in error.message
    assert error.locations


@pytest.mark.parametrize(("fields", "path", "message"), WRONG.values(), ids=WRONG)
async def test_a_value_in_a_variable_that_does_not_fit_is_told_by_the_argument_it_is_for(
    office: Office, fields: dict[str, Any], path: list[str], message: str
) -> None:
    (error,) = await _errors(office, BY_VARIABLE, new=NEW | fields)

    assert error.extensions == {"code": "INVALID_INPUT", "path": ["input", *path]}
    # In JSON enum values have quotes.
    assert message.replace("PARTY:", '"PARTY":') in error.message
    assert error.locations


async def test_a_variable_within_an_argument_is_told_with_all_of_its_path(office: Office) -> None:
    query = """query ($who: [InviteeInput!], $zone: TimeZone = 3) {
        invitationPreview(draft: {create: {
            type: TASK, title: "x", start: "2030-01-01", invitees: $who, timeZone: $zone}}) { hasConflict } }"""

    by_default = await _errors(office, query)
    by_value = await _errors(office, query.replace(" = 3", ""), who=[KARI, {}], zone="UTC")

    assert [error.extensions["path"] for error in by_default if error.extensions] == [["draft", "create", "timeZone"]]
    assert [error.extensions["path"] for error in by_value if error.extensions] == [
        ["draft", "create", "invitees", "1", "participant"]
    ]


async def test_a_variable_that_is_missing_is_told_at_its_argument(office: Office) -> None:
    (missing,) = await _errors(office, BY_VARIABLE)
    (null,) = await _errors(office, BY_VARIABLE, new=None)

    assert missing.message == "input: CreateFollowUpInput! is wanted, and variable $new is not sent."
    assert null.message == "input: CreateFollowUpInput! is wanted, not null."


async def test_each_value_that_does_not_fit_is_told_up_to_fifty(office: Office) -> None:
    invitees: list[object] = [{"participant": {}}] * 1_000

    errors = await _errors(office, BY_VARIABLE, new=NEW | {"type": "PARTY", "invitees": invitees})

    assert [(error.extensions or {})["path"][1:] for error in errors[:3]] == [
        ["type"],
        ["invitees", "0", "participant"],
        ["invitees", "1", "participant"],
    ]
    assert len(errors) == 50


async def test_what_else_is_wrong_in_a_document_is_told_beside_it(office: Office) -> None:
    query = 'query ($unused: Int) { nonsense followUps(first: "many") { nodes { id } } }'

    errors = await _errors(office, query)

    assert {error.message.split(".")[0] for error in errors} == {
        "Cannot query field 'nonsense' on type 'Query'",
        "Variable '$unused' is never used",
        'first: Int is wanted, not "many"',
    }


async def test_a_subscription_is_told_likewise(office: Office) -> None:
    stream = await office.schema.subscribe(
        "subscription { followUpChanged(id: 7.5) { id } }", context_value=await office.context()
    )

    async for result in stream:
        (error,) = result.errors or []
        assert (error.extensions or {})["path"] == ["id"]
