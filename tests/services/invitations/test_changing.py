"""What an owner does to a follow-up (F2, F4, F10, F14–F16, F21): one transaction each, all of it or nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from invito.services.busy.references import intern_groups
from invito.services.caller import Caller
from invito.services.directory.writing import NewEntry, add_entries
from invito.services.errors import UserErrorCode
from invito.services.follow_ups.commands import (
    Answer,
    CancelFollowUp,
    EmailChoice,
    FieldChanges,
    InviteeWish,
    InviteParticipants,
    ParticipantChanges,
    RemoveParticipants,
    SaveParticipants,
    StatusChoice,
    ToggleEmail,
    ToggleStatus,
    TypedEmail,
    UpdateFollowUp,
)
from invito.services.follow_ups.envelopes import EmailInvitationDisabledReason, email_control
from invito.services.follow_ups.values import EmailInvitationState, ParticipantStatus, StatusOrigin, Visibility
from invito.services.ids import FollowUpId, ParticipantId
from invito.services.invitations.answering import mark_invitation_seen, respond_to_invitation
from invito.services.invitations.cancelling import cancel_follow_up
from invito.services.invitations.changing import (
    invite_participants,
    remove_participants,
    save_participants,
    update_follow_up,
)
from invito.services.invitations.changing_one import (
    set_email_invitation,
    set_email_invitations,
    set_participant_status,
    toggle_email_invitation,
    toggle_participant_status,
)
from invito.services.mail.values import MailMethod
from invito.services.notifications.values import NotificationKind
from invito.services.storage.directory_tables import EntryKind, ResourceType

if TYPE_CHECKING:
    from tests.services.conftest import Office

NOT_SEEN, SEEN, ACCEPTED, TENTATIVE, DECLINED = ParticipantStatus
CHANGED = NotificationKind.CHANGED


async def owners_calls(office: Office, caller: Caller, made: FollowUpId, ola: ParticipantId) -> list[UserErrorCode]:
    """The refusal of each thing that only an owner does."""
    house = office.house
    calls = [
        update_follow_up(house, caller, UpdateFollowUp(made, FieldChanges(title="Mine"))),
        save_participants(house, caller, SaveParticipants(made, ParticipantChanges(remove=(ola,)))),
        invite_participants(house, caller, InviteParticipants(made, (InviteeWish(office.ref.eva),))),
        remove_participants(house, caller, RemoveParticipants(made, (ola,))),
        cancel_follow_up(house, caller, CancelFollowUp(made)),
        set_email_invitations(house, caller, made, enabled=True),
        set_email_invitation(house, caller, EmailChoice(ola, enabled=True)),
        toggle_email_invitation(house, caller, ToggleEmail(ola)),
        set_participant_status(house, caller, StatusChoice(ola, ACCEPTED)),
        toggle_participant_status(house, caller, ToggleStatus(ola)),
    ]
    return [code for call in calls for code, _ in await office.refused(call)]


async def test_a_place_goes_with_the_room_that_it_was_filled_with(office: Office) -> None:
    made = await office.create(office.ref.hall, office.ref.per, email_invitations=True)
    await office.send_all(made)
    filled = (await office.follow_up(made)).location
    hall = (await office.participant(made, "Storsalen")).id

    await office.update(made, location=filled, title="What a form sends")
    await remove_participants(office.house, office.kari, RemoveParticipants(made, (hall,)))

    after = await office.follow_up(made)
    assert (filled, after.location, after.sequence) == ("Storsalen, Kaien 1", None, 1)
    assert await office.outbox(made) == [("Per", MailMethod.REQUEST, 1)]
    await invite_participants(office.house, office.kari, InviteParticipants(made, (InviteeWish(office.ref.hall),)))
    assert (await office.follow_up(made)).location == filled


async def with_two_rooms(office: Office) -> tuple[FollowUpId, str, str]:
    """A follow-up in the hall and in Lilla, and the references of Lilla and of a third room."""
    rooms = [NewEntry(EntryKind.RESOURCE, name, resource_type=ResourceType.LOCATION) for name in ("Lilla", "Grønn")]
    async with office.house.database.write() as connection:
        lilla, green = (f"resource:{number}" for number in await add_entries(connection, rooms))
    return await office.create(office.ref.projector, office.ref.hall, lilla), lilla, green


async def swap(office: Office, made: FollowUpId, gone: str, *new: str) -> str | None:
    """The place, once one participant is removed and others are invited in the same save."""
    changes = ParticipantChanges(add=tuple(map(InviteeWish, new)), remove=((await office.participant(made, gone)).id,))
    await save_participants(office.house, office.kari, SaveParticipants(made, changes))
    return (await office.follow_up(made)).location


async def test_a_room_that_stays_fills_the_place_of_one_that_is_removed(office: Office) -> None:
    made, lilla, _ = await with_two_rooms(office)

    assert await swap(office, made, "Storsalen") == "Lilla"
    assert (await office.follow_up(made)).location_from == lilla
    assert await swap(office, made, "Lilla") is None


async def test_a_room_that_is_new_goes_before_one_that_stays(office: Office) -> None:
    made, _, green = await with_two_rooms(office)

    assert await swap(office, made, "Storsalen", green) == "Grønn"


async def test_a_place_that_was_emptied_stays_empty_when_a_room_is_removed(office: Office) -> None:
    made, _, _ = await with_two_rooms(office)
    await office.update(made, location="")

    assert await swap(office, made, "Storsalen") is None


async def test_a_place_that_was_typed_stays_when_the_room_is_removed(office: Office) -> None:
    made = await office.create(office.ref.hall)
    await office.update(made, location="Kaien")
    hall = (await office.participant(made, "Storsalen")).id

    await remove_participants(office.house, office.kari, RemoveParticipants(made, (hall,)))

    assert (await office.follow_up(made)).location == "Kaien"


async def test_who_sees_it_but_does_not_own_it_is_refused_and_who_does_not_see_it_finds_nothing(
    office: Office,
) -> None:
    made = await office.create(office.ref.ola, visibility=Visibility.OWNER)
    ola = (await office.participant(made, "Ola")).id

    assert await owners_calls(office, office.ola, made, ola) == [UserErrorCode.NOT_OWNER] * 10
    assert await owners_calls(office, office.eva, made, ola) == [UserErrorCode.NOT_FOUND] * 10
    assert await owners_calls(office, office.admin, made, ola) == [UserErrorCode.NOT_FOUND] * 10
    assert await owners_calls(office, office.stranger, made, ola) == [UserErrorCode.FORBIDDEN] * 10
    assert await owners_calls(office, office.kari, FollowUpId(0), ParticipantId(0)) == [UserErrorCode.NOT_FOUND] * 10


async def test_an_older_version_is_refused_by_every_call_that_names_one(office: Office) -> None:
    made = await office.create(office.ref.ola)
    ola = (await office.participant(made, "Ola")).id
    await office.update(made, title="Other")
    house, kari = office.house, office.kari

    for call in (
        update_follow_up(house, kari, UpdateFollowUp(made, FieldChanges(title="Mine"), expected_version=1)),
        save_participants(house, kari, SaveParticipants(made, ParticipantChanges(), expected_version=1)),
        invite_participants(house, kari, InviteParticipants(made, (InviteeWish(office.ref.eva),), expected_version=1)),
        remove_participants(house, kari, RemoveParticipants(made, (ola,), expected_version=1)),
        cancel_follow_up(house, kari, CancelFollowUp(made, expected_version=1)),
    ):
        assert await office.refused(call) == [(UserErrorCode.STALE_VERSION, ("expectedVersion",))]


async def test_an_answer_raises_the_revision_and_spoils_nobodys_save(office: Office) -> None:
    made = await office.create(office.ref.ola)
    ola = (await office.participant(made, "Ola")).id
    before = await office.follow_up(made)
    await mark_invitation_seen(office.house, office.ola, ola)
    await respond_to_invitation(office.house, office.ola, Answer(ola, ACCEPTED))

    answered = await office.follow_up(made)
    await save_participants(
        office.house, office.kari,
        SaveParticipants(made, ParticipantChanges(add=(InviteeWish(office.ref.eva),)), before.version),
    )  # fmt: skip

    assert (answered.version, answered.revision) == (before.version, before.revision + 2)
    assert (await office.follow_up(made)).version == before.version + 1


async def test_saving_what_is_there_already_changes_nothing(office: Office) -> None:
    made = await office.create(office.ref.ola)
    office.clock.go_on(hours=1)
    before = await office.state()

    await office.update(made, title="Budget", start="2026-12-01T09:00", end="2026-12-01T10:00")

    assert await office.state() == before


async def test_one_save_does_all_of_it(office: Office) -> None:
    made = await office.create(office.ref.ola, office.ref.per, office.ref.eva)
    there = await office.participants(made)
    changes = ParticipantChanges(
        add=(InviteeWish(TypedEmail("ny@kunde.example", "Ny Kunde"), wants_email=True),),
        remove=(there["Ola"].id,),
        emails=(EmailChoice(there["Per"].id, enabled=True),),
        statuses=(StatusChoice(there["Eva"].id, DECLINED, "away"),),
    )

    await update_follow_up(office.house, office.kari, UpdateFollowUp(made, FieldChanges(location="Kaien"), changes))

    after = await office.participants(made)
    assert list(after) == ["Kari", "Per", "Eva", "Ny"]
    assert [to for to, _, _ in await office.outbox(made)] == ["Ny", "Per"]
    assert (after["Eva"].status, after["Eva"].decline_reason) == (DECLINED, "away")
    assert after["Eva"].status_origin is StatusOrigin.ON_BEHALF
    assert (await office.follow_up(made)).version == 2


async def test_one_mistake_and_none_of_it_is_done(office: Office) -> None:
    made = await office.create(office.ref.ola, office.ref.nils)
    there = await office.participants(made)
    changes = ParticipantChanges(
        add=(InviteeWish("employee:999"), InviteeWish(office.ref.eva)),
        remove=(there["Ola"].id, there["Ola"].id, ParticipantId(12345), there["Kari"].id),
        emails=(EmailChoice(there["Nils"].id, enabled=True),),
        statuses=(StatusChoice(there["Kari"].id, DECLINED),),
    )

    refused = await office.refused(
        update_follow_up(office.house, office.kari, UpdateFollowUp(made, FieldChanges(title=""), changes))
    )

    assert set(refused) == {
        (UserErrorCode.NOT_FOUND, ("participants", "add", "0", "participant", "reference")),
        (UserErrorCode.INVALID_INPUT, ("title",)),
        (UserErrorCode.DUPLICATE, ("participants", "remove", "1")),
        (UserErrorCode.NOT_FOUND, ("participants", "remove", "2")),
        (UserErrorCode.IS_VIEWER, ("participants", "remove", "3")),
        (UserErrorCode.NO_VALID_EMAIL, ("participants", "emailInvitations", "0", "participantId")),
        (UserErrorCode.IS_VIEWER, ("participants", "statuses", "0", "participantId")),
    }


async def test_who_is_named_twice_in_a_list_is_told_that_and_nothing_else(office: Office) -> None:
    made = await office.create(office.ref.ola)
    ola = (await office.participants(made))["Ola"].id
    elsewhere = (await office.participants(await office.create(office.ref.eva)))["Eva"].id
    duplicate, not_found = UserErrorCode.DUPLICATE, UserErrorCode.NOT_FOUND

    removing = RemoveParticipants(made, (ola, ola, elsewhere, elsewhere))
    choices = ParticipantChanges(
        emails=tuple(EmailChoice(elsewhere, enabled=True) for _ in range(2)),
        statuses=tuple(StatusChoice(elsewhere, ACCEPTED) for _ in range(2)),
    )

    assert await office.refused(remove_participants(office.house, office.kari, removing)) == [
        (duplicate, ("participantIds", "1")),
        (not_found, ("participantIds", "2")),
        (duplicate, ("participantIds", "3")),
    ]
    assert await office.refused(save_participants(office.house, office.kari, SaveParticipants(made, choices))) == [
        (not_found, ("changes", "emailInvitations", "0", "participantId")),
        (duplicate, ("changes", "emailInvitations", "1", "participantId")),
        (not_found, ("changes", "statuses", "0", "participantId")),
        (duplicate, ("changes", "statuses", "1", "participantId")),
    ]


async def test_who_is_invited_already_is_no_error_and_stays_as_they_are(office: Office) -> None:
    made = await office.create(office.ref.ola)
    ola = await office.participant(made, "Ola")

    outcome = await invite_participants(
        office.house, office.kari,
        InviteParticipants(made, (InviteeWish(office.ref.ola), InviteeWish(office.ref.eva))),
    )  # fmt: skip

    assert outcome.already_invited == (ola.id,)
    assert outcome.invited == ((await office.participant(made, "Eva")).id,)
    assert await office.participant(made, "Ola") == ola


async def test_who_is_invited_by_one_reference_is_invited_already_by_each_that_is_known_of_them(office: Office) -> None:
    made = await office.create(office.ref.ola)
    ola = await office.participant(made, "Ola")
    async with office.house.database.write() as connection:
        await intern_groups(connection, [(office.ref.ola, office.ref.per)])

    outcome = await invite_participants(
        office.house, office.kari, InviteParticipants(made, (InviteeWish(office.ref.per),))
    )
    refused = await office.refused(office.create(office.ref.ola, office.ref.per))

    assert (outcome.already_invited, outcome.invited) == ((ola.id,), ())
    assert refused == [(UserErrorCode.DUPLICATE, ("invitees", "1"))]


async def test_removing_and_adding_the_same_one_in_one_call_is_a_duplicate(office: Office) -> None:
    made = await office.create(office.ref.ola)
    ola = (await office.participant(made, "Ola")).id
    changes = ParticipantChanges(remove=(ola,), add=(InviteeWish(office.ref.ola),))

    refused = await office.refused(save_participants(office.house, office.kari, SaveParticipants(made, changes)))

    assert refused == [(UserErrorCode.DUPLICATE, ("changes", "add", "0"))]


async def test_who_is_invited_again_gets_their_old_row_at_the_end_of_the_list_and_is_asked_anew(
    office: Office,
) -> None:
    made = await office.create(office.ref.ola, office.ref.eva)
    ola = await office.participant(made, "Ola")
    await respond_to_invitation(office.house, office.ola, Answer(ola.id, DECLINED, "ill"))
    await remove_participants(office.house, office.kari, RemoveParticipants(made, (ola.id,)))

    await invite_participants(office.house, office.kari, InviteParticipants(made, (InviteeWish(office.ref.ola),)))

    again = (await office.participants(made))["Ola"]
    assert list(await office.participants(made)) == ["Kari", "Eva", "Ola"]
    assert (again.id, again.status, again.decline_reason) == (ola.id, NOT_SEEN, None)
    assert (await office.follow_up(made)).sequence == 2


async def test_a_changed_time_tells_the_invitees_and_asks_them_again(office: Office) -> None:
    made = await office.create(office.ref.ola, office.ref.eva, office.ref.hall)
    there = await office.participants(made)
    await respond_to_invitation(office.house, office.ola, Answer(there["Ola"].id, DECLINED, "ill"))
    await respond_to_invitation(office.house, office.eva, Answer(there["Eva"].id, ACCEPTED))

    after = await office.update(made, start="2026-12-02T09:00")

    statuses = {name: (one.status, one.decline_reason) for name, one in (await office.participants(made)).items()}
    assert statuses == {
        "Kari": (ACCEPTED, None), "Ola": (NOT_SEEN, None), "Eva": (NOT_SEEN, None), "Storsalen": (ACCEPTED, None),
    }  # fmt: skip
    assert after.sequence == 1
    assert CHANGED in await office.told(office.ola)
    assert CHANGED not in await office.told(office.kari)


async def test_a_status_that_is_saved_with_a_changed_time_is_kept(office: Office) -> None:
    made = await office.create(office.ref.ola, office.ref.eva)
    there = await office.participants(made)
    accepted = ParticipantChanges(statuses=(StatusChoice(there["Ola"].id, ACCEPTED),))

    await update_follow_up(
        office.house, office.kari, UpdateFollowUp(made, FieldChanges(start="2026-12-02T09:00"), accepted)
    )

    after = await office.participants(made)
    assert (after["Ola"].status, after["Ola"].status_origin) == (ACCEPTED, StatusOrigin.ON_BEHALF)
    assert after["Eva"].status is NOT_SEEN


async def test_a_changed_place_tells_the_invitees_and_keeps_their_answers(office: Office) -> None:
    made = await office.create(office.ref.ola)
    ola = (await office.participant(made, "Ola")).id
    await respond_to_invitation(office.house, office.ola, Answer(ola, ACCEPTED))

    after = await office.update(made, location="Kaien")

    assert (await office.participant(made, "Ola")).status is ACCEPTED
    assert after.sequence == 1
    assert CHANGED in await office.told(office.ola)


async def test_what_is_cancelled_tells_the_invitees_why_and_is_never_changed_again(office: Office) -> None:
    made = await office.create(office.ref.ola)
    ola = (await office.participant(made, "Ola")).id

    await cancel_follow_up(office.house, office.kari, CancelFollowUp(made, "snow"))

    there = await office.follow_up(made)
    assert (there.is_cancelled, there.sequence) == (True, 1)
    assert await office.told(office.ola) == [NotificationKind.INVITED, NotificationKind.CANCELLED]
    assert await owners_calls(office, office.kari, made, ola) == [UserErrorCode.CANCELLED] * 10
    refused = await office.refused(respond_to_invitation(office.house, office.ola, Answer(ola, ACCEPTED)))
    assert refused == [(UserErrorCode.CANCELLED, ("participantId",))]


async def test_a_repeat_under_the_same_key_does_nothing_more(office: Office) -> None:
    made = await office.create(office.ref.ola)
    invite = InviteParticipants(made, (InviteeWish(office.ref.eva),), idempotency_key="invite")
    cancel = CancelFollowUp(made, idempotency_key="cancel", expected_version=2)
    first = await invite_participants(office.house, office.kari, invite)
    await cancel_follow_up(office.house, office.kari, cancel)
    before = await office.state()

    assert await invite_participants(office.house, office.kari, invite) == first
    assert await cancel_follow_up(office.house, office.kari, cancel) == made
    assert await office.state() == before
    other = replace(invite, invitees=(InviteeWish(office.ref.per),))
    assert await office.refused(invite_participants(office.house, office.kari, other)) == [
        (UserErrorCode.IDEMPOTENCY_MISMATCH, ("idempotencyKey",))
    ]


async def test_a_follow_up_has_no_more_participants_than_it_may(office: Office) -> None:
    house = replace(office.house, rules=replace(office.house.rules, most_participants=3))
    made = await office.create(office.ref.ola)
    wish = InviteParticipants(made, (InviteeWish(office.ref.eva), InviteeWish(office.ref.per)))

    refused = await office.refused(invite_participants(house, office.kari, wish))

    assert refused == [(UserErrorCode.TOO_MANY, ("invitees", "1"))]


async def test_toggling_the_status_once_accepts_twice_declines_a_third_time_unanswers(office: Office) -> None:
    made = await office.create(office.ref.ola, office.ref.hall)
    there = await office.participants(made)
    seen = []

    for _ in range(3):
        await toggle_participant_status(office.house, office.kari, ToggleStatus(there["Ola"].id))
        seen.append((await office.participant(made, "Ola")).status)
    await toggle_participant_status(office.house, office.kari, ToggleStatus(there["Storsalen"].id))

    assert seen == [ACCEPTED, DECLINED, NOT_SEEN]
    assert (await office.participant(made, "Storsalen")).status is DECLINED


async def test_the_owners_own_status_is_never_set(office: Office) -> None:
    made = await office.create(office.ref.ola)
    kari = (await office.participant(made, "Kari")).id

    toggled = await office.refused(toggle_participant_status(office.house, office.kari, ToggleStatus(kari)))
    set_to = await office.refused(set_participant_status(office.house, office.kari, StatusChoice(kari, DECLINED)))
    answered = await office.refused(respond_to_invitation(office.house, office.kari, Answer(kari, DECLINED)))

    assert toggled == set_to == [(UserErrorCode.IS_VIEWER, ("participantId",))]
    assert answered == [(UserErrorCode.FORBIDDEN, ("participantId",))]


async def test_two_clicks_at_once_toggle_once(office: Office) -> None:
    made = await office.create(office.ref.ola)
    ola = (await office.participant(made, "Ola")).id
    await toggle_participant_status(office.house, office.kari, ToggleStatus(ola, NOT_SEEN))
    await toggle_email_invitation(office.house, office.kari, ToggleEmail(ola, EmailInvitationState.INACTIVE))

    status = await office.refused(toggle_participant_status(office.house, office.kari, ToggleStatus(ola, NOT_SEEN)))
    email = await office.refused(
        toggle_email_invitation(office.house, office.kari, ToggleEmail(ola, EmailInvitationState.INACTIVE))
    )

    assert status == email == [(UserErrorCode.STALE_VERSION, ("from",))]


async def test_the_button_turns_mail_on_for_everyone_who_can_get_it_and_off_again(office: Office) -> None:
    made = await office.create(office.ref.ola, office.ref.per, office.ref.nils, office.ref.hall)

    await set_email_invitations(office.house, office.kari, made, enabled=True)
    on = {name for name, one in (await office.participants(made)).items() if one.wants_email}
    await set_email_invitations(office.house, office.kari, made, enabled=False)

    assert on == {"Ola", "Per"}
    assert not any(one.wants_email for one in await office.everyone(made))
    assert await office.outbox(made) == []


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Nils", UserErrorCode.NO_VALID_EMAIL),
        ("Berit", UserErrorCode.NO_VALID_EMAIL),
        ("Storsalen", UserErrorCode.NO_VALID_EMAIL),
        ("Kari", UserErrorCode.IS_VIEWER),
    ],
)
async def test_an_envelope_that_cannot_be_turned_on_says_why(office: Office, name: str, code: UserErrorCode) -> None:
    made = await office.create(office.ref.nils, office.ref.berit, office.ref.hall)
    one = (await office.participant(made, name)).id

    pressed = await office.refused(toggle_email_invitation(office.house, office.kari, ToggleEmail(one)))
    turned_on = await office.refused(set_email_invitation(office.house, office.kari, EmailChoice(one, enabled=True)))

    assert pressed == turned_on == [(code, ("participantId",))]
    await set_email_invitation(office.house, office.kari, EmailChoice(one, enabled=False))


async def test_without_a_mailbox_nothing_is_turned_on_and_nothing_is_queued(office: Office) -> None:
    house = replace(office.house, rules=replace(office.house.rules, mail_from=None))
    made = await office.create(office.ref.ola, email_invitations=True)
    ola = (await office.participant(made, "Ola")).id
    await office.send_all(made)
    delivery = (await office.participant(made, "Ola")).email_delivery
    kari = replace(office.kari, can_send=False)

    button = await office.refused(set_email_invitations(house, kari, made, enabled=True))
    envelope = await office.refused(toggle_email_invitation(house, kari, ToggleEmail(ola)))
    await update_follow_up(house, office.kari, UpdateFollowUp(made, FieldChanges(location="Kaien")))

    assert button == [(UserErrorCode.MAIL_NOT_CONFIGURED, ("enabled",))]
    assert envelope == [(UserErrorCode.MAIL_NOT_CONFIGURED, ("participantId",))]
    assert await office.outbox(made) == []
    assert (await office.participant(made, "Ola")).email_delivery is delivery


async def test_the_button_says_why_it_does_not_work(office: Office) -> None:
    made = await office.create(office.ref.ola)
    there = await office.follow_up(made)
    why = EmailInvitationDisabledReason

    without_mailbox = replace(office.kari, can_send=False)
    assert email_control(office.kari).is_enabled
    assert email_control(office.kari, there).is_enabled
    assert email_control(without_mailbox).disabled_reason is why.MAIL_NOT_CONFIGURED
    assert email_control(office.ola, there).disabled_reason is why.NOT_OWNER
    cancelled = replace(there, is_cancelled=True)
    assert email_control(office.kari, cancelled).disabled_reason is why.FOLLOW_UP_CANCELLED
