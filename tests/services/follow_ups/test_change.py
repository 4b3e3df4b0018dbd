"""What follows from a change: SEQUENCE, DTSTAMP, version, revision (F4; ITIP.md, Out).

Each row of that table is a row here, with who gets which mail and who is told what.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from invito.services.follow_ups.change import Change, settle
from invito.services.follow_ups.values import (
    EmailDelivery,
    FollowUp,
    Participant,
    ParticipantStatus,
    Priority,
    ShowAs,
    Visibility,
)
from invito.services.mail.planning import mail_steps
from invito.services.notifications.planning import notices_of

if TYPE_CHECKING:
    from tests.services.conftest import Make

LATER = timedelta(minutes=5)


@dataclass(frozen=True)
class Row:
    """What is done, and what must follow: rises of SEQUENCE and version, a new DTSTAMP, mails and notices by name."""

    done: dict[str, Any]
    sequence: int = 0
    stamped: bool = False
    version: int = 1
    mails: str = ""
    told: str = ""


# 2 holds a REQUEST and wants more; 3 wants mail that still waits; 4 holds one, turned off; 5 never wanted any; 6 was
# removed, and got the CANCEL.
def roster(make: Make) -> list[Participant]:
    sent = {"email_sent_at": make.now, "held_sequence": 0, "email_delivery": EmailDelivery.SENT}
    answered = {"status": ParticipantStatus.DECLINED, "was_seen": True, "decline_reason": "ill"}
    told = {"told_sequence": 0}
    return [
        make.owner(),
        make.participant(2, wants_email=True, **sent, **answered, **told),
        make.participant(3, wants_email=True, email_delivery=EmailDelivery.QUEUED, **told),
        make.participant(4, wants_email=False, **sent, **told),
        make.participant(5, **told),
        make.participant(6, removed_at=make.now, **sent | {"held_sequence": None}),
        make.resource(),
    ]


def invited(make: Make, number: int, **fields: Any) -> dict[str, Any]:
    return {"add": make.participant(number, **fields)}


ROWS = {
    "nothing": Row({}, version=0),
    "priority changed": Row({"fields": {"priority": Priority.HIGH}}),
    "visibility changed": Row({"fields": {"visibility": Visibility.OWNER}}),
    "shown as free": Row({"fields": {"show_as": ShowAs.FREE}}),
    "completed": Row({"fields": {"is_completed": True}}),
    "start changed": Row(
        {"move": {"start": -1}}, 1, stamped=True, mails="R2 R3 R4", told="CHANGED 2 3 4 5"
    ),
    "end changed": Row({"move": {"end": 1}}, 1, stamped=True, mails="R2 R3 R4", told="CHANGED 2 3 4 5"),
    "zone changed": Row(
        {"fields": {"time_zone": "UTC"}}, 1, stamped=True, mails="R2 R3 R4", told="CHANGED 2 3 4 5"
    ),
    "all day": Row({"fields": {"is_all_day": True}}, 1, stamped=True, mails="R2 R3 R4", told="CHANGED 2 3 4 5"),
    "place changed": Row({"fields": {"location": "Kaien"}}, 1, stamped=True, mails="R2 R3 R4", told="CHANGED 2 3 4 5"),
    "title changed": Row({"fields": {"title": "Other"}}, 0, stamped=True, mails="R2 R3"),
    "description changed": Row({"fields": {"description": "More"}}, 0, stamped=True, mails="R2 R3"),
    "place and title changed": Row(
        {"fields": {"location": "Kaien", "title": "Other"}}, 1, stamped=True, mails="R2 R3 R4", told="CHANGED 2 3 4 5"
    ),
    "cancelled": Row(
        {"fields": {"is_cancelled": True}}, 1, stamped=True, mails="C2 W3 C4", told="CANCELLED 2 3 4 5"
    ),
    "invited without mail": Row({"add": {}}, 0, told="INVITED 7"),
    "invited with mail": Row({"add": {"wants_email": True}}, 0, mails="R7", told="INVITED 7"),
    "removed who holds a REQUEST": Row({"remove": 2}, 1, stamped=True, mails="C2", told="REMOVED 2"),
    "removed who holds a REQUEST, turned off": Row({"remove": 4}, 1, stamped=True, mails="C4", told="REMOVED 4"),
    "removed whose REQUEST waits": Row({"remove": 3}, 1, stamped=True, mails="W3", told="REMOVED 3"),
    "removed who never wanted any": Row({"remove": 5}, 1, stamped=True, told="REMOVED 5"),
    "invited again with mail": Row(
        {"change": {6: {"removed_at": None, "wants_email": True, "held_sequence": None}}},
        1, stamped=True, mails="R6", told="INVITED 6",
    ),
    "invited again without mail": Row(
        {"change": {6: {"removed_at": None, "held_sequence": None}}}, 1, stamped=True, told="INVITED 6"
    ),
    "e-mail turned on later": Row({"change": {5: {"wants_email": True}}}, 0, mails="R5"),
    "e-mail turned off, REQUEST held": Row({"change": {2: {"wants_email": False}}}),
    "e-mail turned off, REQUEST waits": Row({"change": {3: {"wants_email": False}}}, mails="T3"),
    "e-mail turned off while the place changes": Row(
        {"change": {2: {"wants_email": False}, 3: {"wants_email": False}}, "fields": {"location": "Kaien"}},
        1, stamped=True, mails="R2 T3 R4", told="CHANGED 2 3 4 5",
    ),
    "e-mail turned off while the title changes": Row(
        {"change": {2: {"wants_email": False}}, "fields": {"title": "Other"}}, 0, stamped=True, mails="R3"
    ),
    "a status set on behalf": Row({"change": {5: {"status": ParticipantStatus.ACCEPTED}}}, version=0),
    "removed while the place changes": Row(
        {"remove": 2, "fields": {"location": "Kaien"}},
        1, stamped=True, mails="C2 R3 R4", told="REMOVED 2 CHANGED 3 4 5",
    ),
}  # fmt: skip


def changed(make: Make, there: list[Participant], done: dict[str, Any]) -> Change:
    before = make.follow_up()
    hours = {name: getattr(before, name) + timedelta(hours=by) for name, by in done.get("move", {}).items()}
    after = replace(before, **done.get("fields", {}), **hours)
    changes = done.get("change", {}) | ({done["remove"]: {"removed_at": make.now + LATER}} if "remove" in done else {})
    rows = [replace(one, **changes.get(one.id, {})) for one in there]
    if "add" in done:
        rows.append(make.participant(7, **done["add"]))
    return Change(before, after, tuple(there), tuple(rows))


@pytest.mark.parametrize("name", ROWS)
def test_each_row_of_the_table(make: Make, name: str) -> None:
    row, there = ROWS[name], roster(make)

    change = settle(changed(make, there, row.done), make.now + LATER)

    before, after = make.follow_up(), change.after
    is_nothing = name == "nothing"
    assert after.sequence == before.sequence + row.sequence
    assert after.stamped_at == before.stamped_at + (LATER if row.stamped else timedelta(0))
    assert after.version == before.version + row.version
    assert after.revision == before.revision + (0 if is_nothing else 1)
    assert after.updated_at == before.updated_at + (timedelta(0) if is_nothing else LATER)
    assert " ".join(f"{step.action.name[0]}{step.participant.id}" for step in mail_steps(change)) == row.mails
    told: dict[str, str] = {}
    for notice in notices_of(change):
        told[notice.kind.name] = f"{told.get(notice.kind.name, notice.kind.name)} {notice.participant.id}"
    assert " ".join(told.values()) == row.told


@pytest.mark.parametrize("name", ROWS)
def test_one_save_never_causes_two_mails_to_one_participant(make: Make, name: str) -> None:
    steps = mail_steps(settle(changed(make, roster(make), ROWS[name].done), make.now))

    assert len({step.participant.reference for step in steps}) == len(steps)


def test_a_new_follow_up_begins_at_version_one_and_sequence_nought(make: Make) -> None:
    new: FollowUp = make.follow_up()

    change = settle(Change(None, new, (), (make.owner(), make.participant(2, wants_email=True))), make.now + LATER)

    assert change.after == new
    assert [step.participant.id for step in mail_steps(change)] == [2]
    assert [notice.participant.id for notice in notices_of(change)] == [2]


def test_only_who_has_a_calendar_and_has_not_declined_is_busy(make: Make) -> None:
    there = tuple(roster(make))
    outside = make.participant(8, kind=make.participant().kind.__class__.PERSON)
    change = Change(make.follow_up(), make.follow_up(), there, (*there, outside))

    assert change.busy_after == {1, 3, 4, 5, 9}
    assert replace(change, after=make.follow_up(show_as=ShowAs.FREE)).busy_after == set()
    assert replace(change, after=make.follow_up(is_cancelled=True)).busy_after == set()
