"""What waits to be sent (ITIP.md, Out): queued, taken back, replaced. The test plays the sender."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from invito.services.follow_ups.commands import (
    Answer,
    CancelFollowUp,
    EmailChoice,
    FieldChanges,
    InviteeWish,
    InviteParticipants,
    NotifyInvitees,
    ParticipantChanges,
    RemoveParticipants,
    StatusChoice,
    UpdateFollowUp,
)
from invito.services.follow_ups.values import EmailDelivery, ParticipantStatus
from invito.services.ids import FollowUpId
from invito.services.invitations.answering import respond_to_invitation
from invito.services.invitations.cancelling import cancel_follow_up
from invito.services.invitations.changing import invite_participants, remove_participants, update_follow_up
from invito.services.invitations.changing_one import set_email_invitation, set_participant_status
from invito.services.mail.outbox import queue_mail
from invito.services.mail.values import MailMethod
from invito.services.storage.mail_tables import OutboxRow

if TYPE_CHECKING:
    from tests.services.conftest import Office

REQUEST, CANCEL = MailMethod.REQUEST, MailMethod.CANCEL


async def invite(office: Office, made: FollowUpId, reference: str) -> None:
    wish = InviteParticipants(made, (InviteeWish(reference),), email_invitations=True)
    await invite_participants(office.house, office.kari, wish)


async def remove(office: Office, made: FollowUpId, name: str) -> None:
    one = (await office.participant(made, name)).id
    await remove_participants(office.house, office.kari, RemoveParticipants(made, (one,)))


async def numbers(office: Office) -> list[int]:
    async with office.house.database.read() as connection:
        return list((await connection.execute(select(OutboxRow.id).order_by(OutboxRow.id))).scalars())


async def remove_quietly(office: Office, made: FollowUpId, name: str) -> None:
    changes = ParticipantChanges(remove=((await office.participant(made, name)).id,))
    wish = UpdateFollowUp(made, participants=changes, notify=NotifyInvitees.NONE)
    await update_follow_up(office.house, office.kari, wish)


async def queue(office: Office, made: FollowUpId, name: str, method: MailMethod) -> None:
    there, to = await office.follow_up(made), await office.participant(made, name)
    async with office.house.database.write() as connection:
        await queue_mail(connection, office.house.rules, there, to, method, office.clock())


async def turn(office: Office, made: FollowUpId, name: str, *, on: bool) -> None:
    one = (await office.participant(made, name)).id
    await set_email_invitation(office.house, office.kari, EmailChoice(one, enabled=on))


async def delivery(office: Office, made: FollowUpId, name: str) -> EmailDelivery:
    return (await office.participant(made, name)).email_delivery


async def test_an_invitation_waits_with_all_that_its_sender_needs(office: Office) -> None:
    made = await office.create(office.ref.per, email_invitations=True)

    async with office.house.database.read() as connection:
        (row,) = (await connection.execute(select(*OutboxRow.__table__.columns))).all()

    assert (row.method, row.sequence, row.to_address, row.to_name) == (
        REQUEST, 0, "per@kunde.example", "Per Ødegård",
    )  # fmt: skip
    assert row.message_id.startswith("<")
    assert row.message_id.endswith("@nordlys.example>")
    assert await delivery(office, made, "Per") is EmailDelivery.QUEUED


async def test_changes_before_it_is_sent_become_one_mail(office: Office) -> None:
    made = await office.create(office.ref.per, email_invitations=True)

    await office.update(made, title="Other")
    await office.update(made, location="Kaien")
    await office.update(made, start="2026-12-02T09:00")

    assert await office.outbox(made) == [("Per", REQUEST, 2)]


async def test_a_request_not_yet_sent_and_its_cancel_annul_each_other(office: Office) -> None:
    made = await office.create(office.ref.per, office.ref.ola, email_invitations=True)

    await remove(office, made, "Per")
    await cancel_follow_up(office.house, office.kari, CancelFollowUp(made))

    assert await office.outbox(made) == []
    assert await delivery(office, made, "Per") is EmailDelivery.NOT_SENT


async def test_who_holds_a_request_gets_a_cancel_when_removed_and_a_request_when_invited_again(
    office: Office,
) -> None:
    made = await office.create(office.ref.per, email_invitations=True)
    await office.send_all(made)

    await remove(office, made, "Per")
    removed = await office.outbox(made)
    await office.send_all(made)
    await invite(office, made, office.ref.per)

    assert removed == [("Per", CANCEL, 1)]
    assert await office.outbox(made) == [("Per", REQUEST, 2)]


async def test_whoever_comes_back_before_their_cancel_was_sent_still_holds_the_first_request(
    office: Office,
) -> None:
    made = await office.create(office.ref.per, email_invitations=True)
    await office.send_all(made)
    await remove(office, made, "Per")

    await invite(office, made, office.ref.per)
    back = await office.outbox(made)
    await remove(office, made, "Per")

    assert back == [("Per", REQUEST, 2)]
    assert await office.outbox(made) == [("Per", CANCEL, 3)]


async def test_a_changed_time_and_a_cancel_reach_who_turned_mail_off_and_a_changed_text_does_not(
    office: Office,
) -> None:
    made = await office.create(office.ref.per, email_invitations=True)
    await office.send_all(made)
    await turn(office, made, "Per", on=False)

    await office.update(made, title="Other")
    text = await office.outbox(made)
    await office.update(made, start="2026-12-02T09:00")
    time = await office.outbox(made)
    await cancel_follow_up(office.house, office.kari, CancelFollowUp(made))

    assert text == []
    assert time == [("Per", REQUEST, 1)]
    assert await office.outbox(made) == [("Per", CANCEL, 2)]


async def test_turning_mail_off_takes_back_what_waits_and_turning_it_on_queues_it_again(office: Office) -> None:
    made = await office.create(office.ref.per, email_invitations=True)

    await turn(office, made, "Per", on=False)
    off = (await office.outbox(made), await delivery(office, made, "Per"))
    await turn(office, made, "Per", on=True)

    assert off == ([], EmailDelivery.NOT_SENT)
    assert await office.outbox(made) == [("Per", REQUEST, 0)]


async def test_everyone_who_holds_a_request_is_told_that_it_is_cancelled_and_why(office: Office) -> None:
    made = await office.create(office.ref.per, office.ref.ola, office.ref.eva, email_invitations=True)
    await office.send_all(made)
    await invite(office, made, office.ref.admin)

    await cancel_follow_up(office.house, office.kari, CancelFollowUp(made, "snow"))

    assert await office.outbox(made) == [("Eva", CANCEL, 1), ("Ola", CANCEL, 1), ("Per", CANCEL, 1)]
    async with office.house.database.read() as connection:
        comments = (await connection.execute(select(OutboxRow.comment).where(OutboxRow.method == CANCEL))).scalars()
        assert set(comments) == {"snow"}


async def test_no_mail_gets_the_number_of_one_that_was_taken_back(office: Office) -> None:
    made = await office.create(office.ref.per, email_invitations=True)
    taken_back = await numbers(office)

    await remove(office, made, "Per")
    left = await numbers(office)
    await office.create(office.ref.ola, email_invitations=True)

    assert left == []
    assert await numbers(office) > taken_back


async def test_a_quiet_save_tells_nobody_and_the_next_one_carries_it_along(office: Office) -> None:
    made = await office.create(office.ref.per, office.ref.ola, email_invitations=True)
    await office.send_all(made)
    told = await office.told(office.ola)

    fields = FieldChanges(start="2026-12-02T09:00")
    await update_follow_up(office.house, office.kari, UpdateFollowUp(made, fields, notify=NotifyInvitees.NONE))
    quiet = (await office.outbox(made), await office.told(office.ola))
    await office.update(made, is_completed=True)

    assert quiet == ([], told)
    assert (await office.follow_up(made)).sequence == 1
    assert await office.outbox(made) == [("Ola", REQUEST, 1), ("Per", REQUEST, 1)]


async def test_what_a_quiet_save_told_nobody_is_not_told_by_an_answer(office: Office) -> None:
    made = await office.create(office.ref.per, office.ref.ola, email_invitations=True)
    await office.send_all(made)
    fields = FieldChanges(start="2026-12-02T09:00")
    await update_follow_up(office.house, office.kari, UpdateFollowUp(made, fields, notify=NotifyInvitees.NONE))
    there = await office.participants(made)

    await respond_to_invitation(office.house, office.ola, Answer(there["Ola"].id, ParticipantStatus.ACCEPTED))
    await set_participant_status(office.house, office.kari, StatusChoice(there["Per"].id, ParticipantStatus.ACCEPTED))

    assert await office.outbox(made) == []


async def test_who_was_removed_quietly_gets_a_cancel_with_the_next_change_and_only_once(office: Office) -> None:
    made = await office.create(office.ref.per, office.ref.ola, email_invitations=True)
    await office.send_all(made)

    await remove_quietly(office, made, "Per")
    quiet = await office.outbox(made)
    await office.update(made, start="2026-12-02T09:00")
    moved = await office.outbox(made)
    await office.send_all(made)
    await cancel_follow_up(office.house, office.kari, CancelFollowUp(made))

    assert quiet == []
    assert moved == [("Ola", REQUEST, 2), ("Per", CANCEL, 2)]
    assert await office.outbox(made) == [("Ola", CANCEL, 3)]


async def test_a_refused_proposal_is_told_though_the_text_changes_meanwhile(office: Office) -> None:
    made = await office.create(office.ref.per, email_invitations=True)
    await office.send_all(made)
    await queue(office, made, "Per", MailMethod.DECLINECOUNTER)

    await office.update(made, title="Other")

    assert await office.outbox(made) == [("Per", MailMethod.DECLINECOUNTER, 0), ("Per", REQUEST, 0)]


async def test_who_is_removed_while_there_is_no_mailbox_gets_no_invitation_once_there_is_one(office: Office) -> None:
    made = await office.create(office.ref.per, office.ref.ola, email_invitations=True)
    office.house = replace(office.house, rules=replace(office.house.rules, mail_from=None))

    await remove(office, made, "Per")
    await turn(office, made, "Ola", on=False)

    assert await office.outbox(made) == []
    assert await delivery(office, made, "Per") is EmailDelivery.NOT_SENT


async def test_a_quiet_cancelling_tells_nobody_and_leaves_nothing_waiting(office: Office) -> None:
    made = await office.create(office.ref.per, email_invitations=True)
    await office.send_all(made)
    await invite(office, made, office.ref.ola)

    await cancel_follow_up(office.house, office.kari, CancelFollowUp(made, notify=NotifyInvitees.NONE))

    assert await office.outbox(made) == []


async def test_what_is_just_being_sent_stays_and_a_cancel_follows_it(office: Office) -> None:
    made = await office.create(office.ref.per, email_invitations=True)
    async with office.house.database.write() as connection:
        await connection.execute(update(OutboxRow).values(claimed_by="a worker"))

    await remove(office, made, "Per")

    assert await office.outbox(made) == [("Per", REQUEST, 0), ("Per", CANCEL, 1)]


async def test_the_wait_begins_with_the_first_of_several_changes(office: Office) -> None:
    made = await office.create(office.ref.per, email_invitations=True)
    office.clock.go_on(seconds=20)

    await office.update(made, title="Other")

    async with office.house.database.read() as connection:
        (row,) = (await connection.execute(select(*OutboxRow.__table__.columns))).all()
    assert (row.next_at - office.clock.present).total_seconds() == 10
