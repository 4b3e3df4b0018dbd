"""A repeat is known by what it asks, in whichever version of the service."""

from dataclasses import field, make_dataclass, replace

import pytest

from invito.services.follow_ups.commands import (
    CreateFollowUp,
    EmailChoice,
    FieldChanges,
    InviteeWish,
    InviteParticipants,
    ParticipantChanges,
    TypedEmail,
    UpdateFollowUp,
)
from invito.services.follow_ups.inputs import input_digest, is_another_input
from invito.services.follow_ups.values import FollowUpType, ParticipantRole, Priority
from invito.services.ids import FollowUpId, ParticipantId

CREATE = CreateFollowUp(FollowUpType.TASK, "Budget", "2026-12-01T09:00", invitees=(InviteeWish("employee:2"),))
UPDATE = UpdateFollowUp(
    FollowUpId(7),
    FieldChanges(title="Budget", location=None),
    ParticipantChanges(emails=(EmailChoice(ParticipantId(3), enabled=False),)),
)


@pytest.mark.parametrize(
    ("command", "digest"),
    [
        (CREATE, "1:e11c8f5bc898a857e95412feead8052cdeeb17714059c0715f08504100ee"),
        (UPDATE, "1:afb0e29ff4be7d492a769211cdf2d9b7afd82a218b1367be995c2ae29ce1"),
    ],
)
def test_a_command_has_the_digest_that_it_always_had(command: object, digest: str) -> None:
    assert input_digest(command) == digest


@pytest.mark.parametrize(
    "wish", [InviteeWish("employee:2", ParticipantRole.OPTIONAL), InviteeWish(TypedEmail("a@b.no"))]
)
def test_a_field_that_a_later_version_adds_changes_nothing_for_those_who_do_not_name_it(wish: InviteeWish) -> None:
    now = InviteParticipants(FollowUpId(7), (wish,), idempotency_key="a")
    later_type = make_dataclass(
        "InviteParticipants",
        [
            ("id", int),
            ("invitees", tuple),
            ("email_invitations", bool, field(default=False)),
            ("notify", object, field(default=Priority.HIGH)),
            ("choices", tuple, field(default_factory=tuple)),
            ("idempotency_key", object, field(default=None)),
        ],
    )

    later = later_type(7, (wish,), idempotency_key="a")

    assert input_digest(later) == input_digest(now)
    assert input_digest(later_type(7, (wish,), notify=Priority.LOW, idempotency_key="a")) != input_digest(now)


@pytest.mark.parametrize(
    "other",
    [
        replace(CREATE, title="Other"),
        replace(CREATE, type=FollowUpType.APPOINTMENT),
        replace(CREATE, is_all_day=True),
        replace(CREATE, priority=Priority.HIGH),
        replace(CREATE, invitees=()),
        replace(CREATE, invitees=(InviteeWish("employee:3"),)),
        replace(CREATE, invitees=(InviteeWish(TypedEmail("employee:2")),)),
        replace(CREATE, invitees=(InviteeWish("employee:2", wants_email=False),)),
        UPDATE,
    ],
    ids=str,
)
def test_another_input_has_another_digest(other: object) -> None:
    assert is_another_input(input_digest(CREATE), input_digest(other))


def test_what_is_cleared_is_not_what_is_left_out() -> None:
    left_out = replace(UPDATE, fields=FieldChanges(title="Budget"))

    assert is_another_input(input_digest(UPDATE), input_digest(left_out))


def test_a_digest_of_another_form_shows_no_other_input() -> None:
    older = "0a" * 32

    assert not is_another_input(older, input_digest(CREATE))
    assert not is_another_input(input_digest(CREATE), input_digest(CREATE))
