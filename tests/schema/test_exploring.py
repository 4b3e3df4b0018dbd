"""Where nobody explores, the schema tells nothing of itself; and no operation takes for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from invito.schema import build_schema
from invito.schema.operation_limits import OperationLimits

if TYPE_CHECKING:
    from tests.schema.conftest import Office

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

NAMES = "{ __schema { queryType { name } } }"
MISSPELT = "{ viewr { id } }"


async def test_the_schema_is_told_and_names_are_suggested_unless_it_is_switched_off(office: Office) -> None:
    told, suggested = await office.ask(NAMES), await office.ask(MISSPELT)
    office.schema = build_schema(limits=OperationLimits(explores=False))
    untold, silent = await office.ask(NAMES), await office.ask(MISSPELT)

    assert told.errors is None
    assert suggested.errors is not None
    assert "Did you mean 'viewer'" in suggested.errors[0].message
    assert untold.data is None
    assert untold.errors is not None
    assert untold.errors[0].extensions == {"code": "INTROSPECTION_DISABLED", "path": []}
    assert silent.errors is not None
    assert silent.errors[0].message == "Cannot query field 'viewr' on type 'Query'."


@pytest.mark.parametrize(
    ("query", "told", "untold"),
    [
        (
            "{ followUps(orderBy: LATER) { nodes { id } } }",
            "orderBy: FollowUpOrder has no value LATER: it is one of START, START_LATEST_FIRST, UPDATED_LATEST_FIRST.",
            "orderBy: FollowUpOrder has no value LATER.",
        ),
        (
            '{ followUps(filter: {serch: "x"}) { nodes { id } } }',
            "filter.serch: FollowUpFilter has no such field. Did you mean 'search'?",
            "filter.serch: FollowUpFilter has no such field.",
        ),
        (
            "{ followUps(filter: {participant: {}}) { nodes { id } } }",
            "filter.participant: ParticipantInput takes exactly one of reference and email, and here is none.",
            "filter.participant: ParticipantInput takes exactly one of its fields, and here is none.",
        ),
    ],
    ids=["enum", "field", "one of"],
)
async def test_a_wrong_value_is_told_with_the_names_that_there_are_unless_it_is_switched_off(
    office: Office, query: str, told: str, untold: str
) -> None:
    open_, office.schema = await office.ask(query), build_schema(limits=OperationLimits(explores=False))
    closed = await office.ask(query)

    assert [error.message for error in open_.errors or ()] == [told]
    assert [error.message for error in closed.errors or ()] == [untold]


async def test_types_can_be_named_where_nobody_explores(office: Office) -> None:
    office.schema = build_schema(limits=OperationLimits(explores=False))

    assert await office.answer("{ viewer { __typename } }") == {"viewer": {"__typename": "Viewer"}}


async def test_a_change_that_takes_too_long_is_given_up_as_a_whole(office: Office) -> None:
    patient, office.schema = office.schema, build_schema(limits=OperationLimits(seconds=0.05))

    with capture_logs() as logged:
        async with office.house.database.write():  # whose turn nobody else's change has
            error = await office.error(
                'mutation { createFollowUp(input: { type: TASK, title: "Late", start: "2027-03-01T10:00:00Z" })'
                " { errors { code } } }"
            )
    office.schema = patient
    kept = await office.answer("{ followUps { totalCount } }")

    assert (error["code"], error["limit"]) == ("LIMIT_EXCEEDED", 0.05)
    assert kept == {"followUps": {"totalCount": 0}}
    # A mutation's client may have left.
    assert [one["type"] for one in logged if one["event"] == "an operation was given up"] == ["mutation"]


async def test_over_a_stream_it_is_given_up_too(office: Office) -> None:
    office.schema = build_schema(limits=OperationLimits(seconds=0.05))

    async with office.house.database.write():
        (told,) = [
            one
            async for one in office.events(
                'mutation { createFollowUp(input: { type: TASK, title: "Late", start: "2027-03-01T10:00:00Z" })'
                " { errors { code } } }"
            )
        ]

    assert told.errors is not None
    assert (told.errors[0].extensions or {})["code"] == "LIMIT_EXCEEDED"
