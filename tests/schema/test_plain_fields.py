"""The short way of plain fields answers what the library's own way answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from invito.schema import build_schema
from invito.schema.available_participant import AvailableParticipant
from invito.schema.operation_limits import OperationLimits

if TYPE_CHECKING:
    from invito.services.participants.listing import ListedEntry
    from tests.schema.conftest import Office

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

BROAD = """{
    viewer { __typename id language timeZone isAdministrator employee { reference groups } }
    followUps { nodes {
        icalendar sequence id type title description start end timeZone isAllDay named: title location priority showAs
        visibility version uid owner { name email } participants { nodes { kind role status statusOrigin
        statusChangedAt reference source { key offersAll health plugin { name version isBuiltIn } }
        emailInvitation { state unavailableReason delivery lastSentAt lastError } } }
        statusCounts { total notSeen } emailInvitations { isEnabled disabledReason message } } }
    availableParticipants(source: "employees", first: 20) { pageInfo { hasNextPage endCursor } nodes {
        name @include(if: true) email @skip(if: true) availability { state conflicts { start } } isInvited } }
}"""
NAMES = '{ availableParticipants(source: "resource") { nodes { kind name } } viewer { language } }'


async def test_both_ways_answer_the_same_in_the_same_order(office: Office) -> None:
    await office.follow_up("employee:2", "resource:1", description="Figures", emailInvitations=True)

    office.schema = build_schema(limits=OperationLimits(cost=1_000_000))
    short = await office.answer(BROAD)
    office.schema.execution_context_class = StrawberryGraphQLCoreExecutionContext
    long = await office.answer(BROAD)

    assert repr(short) == repr(long)


async def test_a_value_that_must_not_be_null_is_the_same_error_both_ways(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    well = AvailableParticipant.of

    def nameless(listed: ListedEntry) -> AvailableParticipant:
        participant = well(listed)
        participant.name = None  # type: ignore[assignment]  # what must not be
        return participant

    monkeypatch.setattr(AvailableParticipant, "of", nameless)

    short = await office.ask(NAMES)
    office.schema.execution_context_class = StrawberryGraphQLCoreExecutionContext
    long = await office.ask(NAMES)

    assert short.data == long.data
    assert [error.path for error in short.errors or ()] == [error.path for error in long.errors or ()]
    assert [error.path for error in short.errors or ()] == [["availableParticipants", "nodes", 0, "name"]]
