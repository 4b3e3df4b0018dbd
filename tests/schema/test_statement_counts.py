"""The number of SQL statements of a query does not grow with the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invito.schema import build_schema
from invito.schema.operation_limits import OperationLimits
from invito.services.follow_ups.commands import CreateFollowUp, InviteeWish
from invito.services.follow_ups.values import FollowUpType
from invito.services.invitations.creating import create_follow_up
from tests.statements import statements_of

if TYPE_CHECKING:
    from invito.services.storage.database import Database
    from tests.schema.conftest import Office

_MANY = 500
KARI, OLA = "kari@office.example", "ola@office.example"

FOLLOW_UPS = """query ($first: Int) { followUps(first: $first) { totalCount nodes {
    owner { groups } hasConflict canEdit emailInvitations { isEnabled }
    statusCounts { total accepted conflicts emailActive }
    participants { totalCount nodes {
        isViewer hasConflict declineReason source { label } emailInvitation { state lastError } followUp { title }
        availability { state conflicts { start followUp { title } } } } }
} } }"""
INVITATIONS = """query ($first: Int) { invitations(first: $first) { totalCount nodes {
    hasConflict followUp { title owner { name } statusCounts { total } }
    participant { status availability { state } } } } }"""
NOTIFICATIONS = """query ($first: Int) { viewer { notifications(first: $first) { totalCount nodes {
    message followUp { title hasConflict } participant { name declineReason hasConflict } } } } }"""
ENTRIES = """query ($first: Int, $during: TimeSpanInput) {
    availableParticipants(source: "employees", first: $first, during: $during) { nodes {
        name source { label health } availability { state conflicts { start title followUp { title } } } } } }"""
ROSTER = """query ($first: Int) { followUps(first: 1, orderBy: START_LATEST_FIRST) { nodes {
    participants(first: $first) { nodes {
        name source { key } declineReason hasConflict availability { conflicts { title } } } } } } }"""


async def test_the_number_of_statements_does_not_grow_with_the_page(office: Office, database: Database) -> None:
    office.schema = build_schema(limits=OperationLimits(cost=1_000_000))
    await _crowd(office)
    during = {"start": "2027-03-01T00:00:00Z", "end": "2027-03-08T00:00:00Z"}
    asked = {
        "followUps": (FOLLOW_UPS, KARI, {}),
        "invitations": (INVITATIONS, OLA, {}),
        "notifications": (NOTIFICATIONS, OLA, {}),
        "availableParticipants": (ENTRIES, KARI, {"during": during}),
        "participants": (ROSTER, KARI, {}),
    }

    counted: dict[str, list[int]] = {}
    for name, (query, viewer, variables) in asked.items():
        for first in (10, _MANY):
            with statements_of(database) as statements:
                await office.answer(query, viewer, first=first, **variables)
            counted.setdefault(name, []).append(len(statements))

    assert {name: few for name, (few, _) in counted.items()} == {name: many for name, (_, many) in counted.items()}
    assert max(many for _, many in counted.values()) <= 22


async def _crowd(office: Office) -> None:
    """500 follow-ups to which Ola is invited, at times that make everyone busy, and a last one with 500 invitees."""
    caller = (await office.context()).caller
    assert caller is not None
    for number in range(_MANY):
        start = f"2027-03-0{1 + number % 7}T{number % 24:02}:00:00Z"
        await create_follow_up(office.house, caller, _meeting(start, "employee:2", f"employee:{100 + number}"))
    crowd = (f"employee:{100 + number}" for number in range(_MANY))
    await create_follow_up(office.house, caller, _meeting("2027-03-07T23:30:00Z", *crowd))


def _meeting(start: str, *references: str) -> CreateFollowUp:
    invitees = tuple(InviteeWish(reference) for reference in references)
    return CreateFollowUp(FollowUpType.APPOINTMENT, "Meeting", start, invitees=invitees)
