"""How many invitations an owner may send, and how many mails an address gets, within an hour."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from invito.services.errors import Refusal, UserErrorCode
from invito.services.follow_ups.commands import (
    CancelFollowUp,
    CreateFollowUp,
    EmailChoice,
    InviteeWish,
    InviteParticipants,
    ParticipantChanges,
    RemoveParticipants,
    SaveParticipants,
    TypedEmail,
)
from invito.services.follow_ups.values import FollowUpType
from invito.services.invitations.cancelling import cancel_follow_up
from invito.services.invitations.changing import invite_participants, remove_participants, save_participants
from invito.services.invitations.changing_one import set_email_invitation, set_email_invitations
from invito.services.invitations.previewing import preview_creation, preview_save
from invito.services.mail.delivery_queue import claim_ready, give_back
from invito.services.mail.values import MailState
from invito.services.rules import Rules
from tests.services.mail.conftest import LEASE

if TYPE_CHECKING:
    from tests.services.conftest import Office
    from tests.services.mail.conftest import Post, Sink

TOO_MANY = UserErrorCode.TOO_MANY


def limited(office: Office, *, invitations: int = 5_000, to_address: int = 100) -> Office:
    """The same office, whose operator allows less."""
    rules = office.house.rules
    mail = replace(rules.mail, most_invitations_an_hour=invitations, most_mails_to_address_an_hour=to_address)
    return replace(office, house=replace(office.house, rules=replace(rules, mail=mail)))


def guests(*numbers: int) -> list[InviteeWish]:
    return [InviteeWish(TypedEmail(f"guest{number}@kunde.example"), wants_email=True) for number in numbers]


def test_the_limits_let_the_largest_call_through() -> None:
    rules = Rules()

    assert rules.mail.most_invitations_an_hour >= rules.most_invitees_a_call


async def test_an_owner_invites_as_many_as_are_allowed_and_no_more(office: Office) -> None:
    here = limited(office, invitations=3)
    made = await here.create(*guests(1, 2))

    refused = await here.refused(here.create(*guests(3, 4)))
    await here.create(*guests(3))

    assert refused == [(TOO_MANY, ("invitees",))]
    assert len(await here.outbox(made)) == 2


async def test_a_refusal_says_how_many_and_when_there_is_room(office: Office) -> None:
    here = limited(office, invitations=3)
    await here.create(*guests(1))
    here.clock.go_on(minutes=10)
    await here.create(*guests(2, 3))
    here.clock.go_on(minutes=1)

    with pytest.raises(Refusal) as refusal:
        await here.create(*guests(4, 5))

    assert refusal.value.errors[0].message == (
        "With these 2 you would have invited 5 by e-mail within the hour, and at most 3 are sent for one owner: try "
        "again after 14:10 (Europe/Oslo)."
    )


async def test_there_is_room_again_after_an_hour(office: Office) -> None:
    here = limited(office, invitations=2)
    await here.create(*guests(1, 2))
    here.clock.go_on(minutes=59)
    early = await here.refused(here.create(*guests(3)))

    here.clock.go_on(minutes=1)
    await here.create(*guests(3))

    assert early == [(TOO_MANY, ("invitees",))]


async def test_more_than_fit_into_any_hour_are_told_so(office: Office) -> None:
    here = limited(office, invitations=2)

    with pytest.raises(Refusal) as refusal:
        await here.create(*guests(1, 2, 3))

    assert "These are 3 invitations by e-mail; at most 2 an hour" in refusal.value.errors[0].message


async def test_every_way_to_invite_counts_and_says_where(office: Office) -> None:
    here = limited(office, invitations=1)
    made = await here.create(*guests(1), office.ref.per)
    per = (await here.participant(made, "Per")).id
    many = tuple(guests(2))

    assert await here.refused(invite_participants(here.house, here.kari, InviteParticipants(made, many))) == [
        (TOO_MANY, ("invitees",))
    ]
    assert await here.refused(
        save_participants(here.house, here.kari, SaveParticipants(made, ParticipantChanges(add=many)))
    ) == [(TOO_MANY, ("changes", "add"))]
    assert await here.refused(set_email_invitation(here.house, here.kari, EmailChoice(per, enabled=True))) == [
        (TOO_MANY, ("participantId",))
    ]
    assert await here.refused(set_email_invitations(here.house, here.kari, made, enabled=True)) == [
        (TOO_MANY, ("followUpId",))
    ]


async def test_a_preview_says_what_saving_would_be_refused_for(office: Office) -> None:
    here = limited(office, invitations=1)
    made = await here.create(*guests(1))
    command = CreateFollowUp(
        type=FollowUpType.APPOINTMENT, title="Budget", start="2026-12-01T09:00", invitees=tuple(guests(2))
    )

    created = await preview_creation(here.house, here.kari, command)
    saved = await preview_save(here.house, here.kari, SaveParticipants(made, ParticipantChanges(add=tuple(guests(2)))))

    assert [(one.code, one.path) for one in created.errors] == [(TOO_MANY, ("invitees",))]
    assert [(one.code, one.path) for one in saved.errors] == [(TOO_MANY, ("changes", "add"))]


async def test_other_owners_and_invitations_on_screen_are_not_counted(office: Office) -> None:
    here = limited(office, invitations=1)
    await here.create(*guests(1))

    await here.create(*guests(2), by=here.eva)
    await here.create(office.ref.ola, office.ref.eva)


async def test_a_change_that_waits_to_be_sent_is_counted_once(office: Office) -> None:
    here = limited(office, invitations=2)
    made = await here.create(*guests(1, 2))

    await here.update(made, title="Other")
    await here.update(made, start="2026-12-02T09:00")

    assert len(await here.outbox(made)) == 2


async def test_whom_an_invitation_reached_hears_of_changes_whatever_was_invited(office: Office) -> None:
    here = limited(office, invitations=2)
    made = await here.create(*guests(1, 2))
    await here.send_all(made)

    here.clock.go_on(minutes=59)
    await here.update(made, start="2026-12-02T09:00")
    moved = await here.outbox(made)
    here.clock.go_on(minutes=2)
    # The change was no invitation: there is room again.
    await here.create(*guests(3, 4))
    await cancel_follow_up(here.house, here.kari, CancelFollowUp(made))

    assert len(moved) == len(await here.outbox(made)) == 2


async def test_an_invitation_that_is_taken_back_unsent_leaves_room(office: Office) -> None:
    here = limited(office, invitations=1)
    made = await here.create(*guests(1))
    guest = next(one for one in await here.everyone(made) if one.wants_email)
    await remove_participants(here.house, here.kari, RemoveParticipants(made, (guest.id,)))

    await here.create(*guests(2))


async def test_two_that_invite_at_once_do_not_both_find_the_last_room(office: Office) -> None:
    here = limited(office, invitations=5)
    made = [await here.create(title=f"Meeting {number}") for number in range(4)]

    outcomes = await asyncio.gather(
        *(
            invite_participants(here.house, here.kari, InviteParticipants(one, tuple(guests(*range(4)))))
            for one in made
        ),
        return_exceptions=True,
    )

    assert sum(isinstance(one, Refusal) for one in outcomes) == 3
    assert not [one for one in outcomes if isinstance(one, BaseException) and not isinstance(one, Refusal)]


async def flood(office: Office, count: int) -> None:
    """So many invitations to Per, whatever the case of his address."""
    for number in range(count):
        guest = "PER@Kunde.example" if number % 2 else "per@kunde.example"
        await office.create(InviteeWish(TypedEmail(guest), wants_email=True))


async def test_what_is_too_much_for_one_address_is_put_off_and_other_mail_goes_on(
    office: Office, post: Post, sink: Sink
) -> None:
    here = limited(office, to_address=2)
    post = replace(post, office=here)
    await flood(here, 5)
    await here.create(*guests(1))

    await post.send_later()
    first = [taken.rcpt_to.lower() for taken in sink.taken]
    waiting = [row for row in await post.rows() if row.state is MailState.QUEUED]
    here.clock.go_on(minutes=59)
    await post.send()
    before_the_hour = len(sink.taken)
    here.clock.go_on(minutes=1)
    await post.send()

    assert sorted(first) == ["guest1@kunde.example", "per@kunde.example", "per@kunde.example"]
    # Nothing was tried, so nothing is late: they wait for the hour to pass.
    assert {(row.attempts, row.claimed_by, row.next_at - here.clock()) for row in waiting} == {(0, None, timedelta())}
    assert before_the_hour == 3
    assert len(sink.taken) == 5


async def test_what_is_just_going_out_to_an_address_counts_too(office: Office, post: Post, sink: Sink) -> None:
    here = limited(office, to_address=2)
    await flood(here, 5)
    await here.create(*guests(1))
    here.clock.go_on(minutes=1)

    first, second = [await claim_ready(here.house, LEASE, 4) for _ in range(2)]
    await give_back(here.house, first)
    here.clock.go_on(minutes=1)
    third = await claim_ready(here.house, LEASE, 4)

    assert [mail.to_address.lower() for mail in first] == ["per@kunde.example"] * 2
    assert [mail.to_address for mail in second] == ["guest1@kunde.example"]
    assert [mail.to_address.lower() for mail in third] == ["per@kunde.example"] * 2


async def test_what_is_put_off_gives_way_to_what_comes_later(office: Office, post: Post, sink: Sink) -> None:
    here = limited(office, to_address=1)
    post = replace(post, office=here)
    await flood(here, 1)
    made = await here.create(office.ref.per, email_invitations=True)
    await post.send_later()

    await here.update(made, title="Other")
    await here.update(made, title="Another")

    assert len(await here.outbox(made)) == 1
    assert len(sink.taken) == 1
