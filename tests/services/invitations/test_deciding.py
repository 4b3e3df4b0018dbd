"""What an owner's ask comes to: who is asked anew, and what is set in the same save (F4, F10)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from invito.plugins.contract import Entry, Language, ParticipantKind, ViewerIdentity
from invito.services.caller import Caller
from invito.services.follow_ups.commands import FieldChanges
from invito.services.follow_ups.values import ParticipantRole, ParticipantStatus
from invito.services.ids import FollowUpId, ParticipantId
from invito.services.invitations.deciding import Ask, Decision, Standing, decide
from invito.services.invitations.roster import Candidate, RosterWish, StatusWish
from invito.services.rules import Rules

if TYPE_CHECKING:
    from tests.services.conftest import Make

ACCEPTED, DECLINED, NOT_SEEN = ParticipantStatus.ACCEPTED, ParticipantStatus.DECLINED, ParticipantStatus.NOT_SEEN
OWNER = Caller(ViewerIdentity("kari@nordlys.example", ("employee:1",)), None, Language.EN, "Europe/Oslo")
LATER = timedelta(minutes=5)
MOVED = FieldChanges(start="2026-12-02T09:00")


def decided(make: Make, fields: FieldChanges, wish: RosterWish) -> Decision:
    """What becomes of a follow-up that 2 declined and 3 accepted, in a hall."""
    there = [
        make.owner(),
        make.participant(2, status=DECLINED, was_seen=True, decline_reason="ill"),
        make.participant(3, status=ACCEPTED, was_seen=True),
        make.resource(),
    ]
    ask = Ask(FollowUpId(1), ("id",), wish, fields)
    return decide(ask, Standing(make.follow_up(), there, {}), OWNER, Rules(), make.now + LATER)


def statuses(decision: Decision) -> list[tuple[ParticipantStatus, str | None]]:
    return [(one.status, one.decline_reason) for one in decision.change.participants]


@pytest.mark.parametrize("fields", [MOVED, FieldChanges(end="2026-12-02T09:00"), FieldChanges(time_zone="Asia/Tokyo")])
def test_a_changed_time_asks_everyone_anew_but_owner_and_resources(make: Make, fields: FieldChanges) -> None:
    assert statuses(decided(make, fields, RosterWish())) == [
        (ACCEPTED, None),
        (NOT_SEEN, None),
        (NOT_SEEN, None),
        (ACCEPTED, None),
    ]


@pytest.mark.parametrize("fields", [FieldChanges(), FieldChanges(location="Kaien"), FieldChanges(title="Other")])
def test_whatever_else_changes_asks_nobody_anew(make: Make, fields: FieldChanges) -> None:
    assert statuses(decided(make, fields, RosterWish())) == [
        (ACCEPTED, None),
        (DECLINED, "ill"),
        (ACCEPTED, None),
        (ACCEPTED, None),
    ]


def test_a_status_that_is_set_while_the_time_changes_is_meant_for_the_new_time(make: Make) -> None:
    wish = RosterWish(
        statuses=[
            StatusWish(ParticipantId(2), ACCEPTED, None, ("statuses", "0")),
            StatusWish(ParticipantId(3), DECLINED, "away", ("statuses", "1")),
        ]
    )

    assert statuses(decided(make, MOVED, wish))[1:3] == [(ACCEPTED, None), (DECLINED, "away")]


def test_whoever_is_invited_while_the_time_changes_stands_as_invited(make: Make) -> None:
    invitees = [Entry("resource:10", ParticipantKind.RESOURCE, "Rom"), Entry("person:1", ParticipantKind.PERSON, "Per")]
    role = ParticipantRole.REQUIRED
    wish = RosterWish(add=[Candidate(one, None, role, wants_email=False, path=()) for one in invitees])

    assert statuses(decided(make, MOVED, wish))[4:] == [(ACCEPTED, None), (NOT_SEEN, None)]
