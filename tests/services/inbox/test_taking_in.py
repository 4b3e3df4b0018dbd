"""Answers that come by mail change the status, and nobody else's (ITIP.md, In; F17, F23, F28)."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from invito.services.busy.references import intern
from invito.services.errors import Refusal, UserErrorCode
from invito.services.follow_ups.commands import RemoveParticipants, StatusChoice, TypedEmail
from invito.services.follow_ups.values import EmailDelivery, ParticipantStatus, StatusOrigin, Visibility
from invito.services.ids import FollowUpId, InboxId
from invito.services.inbox.applying import apply_inbound_message, retry_inbound_message
from invito.services.inbox.reading import inbound_page
from invito.services.inbox.receiving import MOST_BYTES, Envelope, receive
from invito.services.inbox.values import MailOrigin
from invito.services.invitations.changing import remove_participants
from invito.services.invitations.changing_one import set_participant_status
from invito.services.invitations.conflicts import conflicting_participants
from invito.services.itip.verdicts import InboundOutcome
from invito.services.mail.values import MailMethod
from invito.services.notifications.values import NotificationKind
from invito.services.paging import PageAsk
from invito.services.proposals.reading import proposals
from invito.services.signing import Purpose
from invito.services.storage.mail_tables import InboxRow, OutboxRow

if TYPE_CHECKING:
    from tests.services.conftest import Office
    from tests.services.inbox.conftest import Post

ACCEPTED, TENTATIVE, DECLINED = ParticipantStatus.ACCEPTED, ParticipantStatus.TENTATIVE, ParticipantStatus.DECLINED
NOT_SEEN = ParticipantStatus.NOT_SEEN
APPLIED, OUTDATED, UNVERIFIED = InboundOutcome.APPLIED, InboundOutcome.OUTDATED, InboundOutcome.UNVERIFIED


async def invited(office: Office, *references: str) -> FollowUpId:
    """A follow-up of Kari's whose invitees hold a REQUEST."""
    made = await office.create(*(references or (office.ref.per,)), email_invitations=True)
    await office.send_all(made)
    return made


async def status(office: Office, made: FollowUpId, name: str) -> ParticipantStatus:
    return (await office.participant(made, name)).status


@pytest.mark.parametrize(
    ("partstat", "expected"), [("ACCEPTED", ACCEPTED), ("TENTATIVE", TENTATIVE), ("DECLINED", DECLINED)]
)
async def test_an_answer_becomes_the_status_and_the_owner_is_told(
    office: Office, post: Post, partstat: str, expected: ParticipantStatus
) -> None:
    made = await invited(office)
    revision = (await office.follow_up(made)).revision

    effect = await post.answer(made, "Per", partstat, comment="Er bortreist")

    there = await office.participant(made, "Per")
    assert (effect.outcome, effect.follow_up, effect.participant, effect.status) == (APPLIED, made, there.id, expected)
    assert (there.status, there.status_origin) == (expected, StatusOrigin.EMAIL_REPLY)
    assert there.decline_reason == ("Er bortreist" if expected is DECLINED else None)
    assert await office.told(office.kari) == [NotificationKind[expected.name]]
    assert (await office.follow_up(made)).revision == revision + 1


async def test_whoever_declined_by_mail_is_no_longer_busy(office: Office, post: Post) -> None:
    made = await invited(office, office.ref.ola)

    await post.answer(made, "Ola", "DECLINED")

    other = await office.create(office.ref.ola, by=office.eva)
    ola = (await office.participant(other, "Ola")).id
    conflicting = await conflicting_participants(office.house, office.eva, [other])
    assert ola not in conflicting[other]


async def test_the_answer_given_last_stands_whichever_arrives_first(office: Office, post: Post) -> None:
    given = [("ACCEPTED", 1), ("DECLINED", 2), ("TENTATIVE", 3)]
    for order in itertools.permutations(given):
        made = await invited(office)
        follow_up, per = await office.follow_up(made), await office.participant(made, "Per")
        sent = office.clock.present
        office.clock.go_on(hours=1)

        mails = [post.reply(follow_up, per, said, at=sent + timedelta(minutes=minute)) for said, minute in order]
        outcomes = [(await post.brings(mail)).outcome for mail in mails]
        repeated = [await post.brings(mail) for mail in mails]

        assert await status(office, made, "Per") is TENTATIVE
        latest = list(itertools.accumulate((minute for _, minute in order), max))
        in_time = [minute == last for (_, minute), last in zip(order, latest, strict=True)]
        assert outcomes == [APPLIED if is_last else OUTDATED for is_last in in_time]
        assert repeated[-1].participant == per.id


async def test_the_same_answer_a_hundred_times_tells_once_and_changes_once(office: Office, post: Post) -> None:
    made = await invited(office)
    mail = post.reply(await office.follow_up(made), await office.participant(made, "Per"), "ACCEPTED")
    await post.brings(mail)
    after_one = await office.follow_up(made)

    for number in range(100):
        # Another mail server wrote another footer below the same answer of the same program.
        await post.brings(mail if number % 2 else mail + b"-- %d" % number)

    assert await office.follow_up(made) == after_one
    assert await office.told(office.kari) == [NotificationKind.ACCEPTED]


async def test_an_answer_to_an_earlier_time_is_kept_and_told_but_not_applied(office: Office, post: Post) -> None:
    made = await invited(office)
    await office.update(made, start="2026-12-02T09:00")

    effect = await post.answer(made, "Per", "ACCEPTED", sequence=0)

    assert effect.outcome is OUTDATED
    assert await status(office, made, "Per") is NOT_SEEN
    assert await office.told(office.kari) == [NotificationKind.OUTDATED_ANSWER]


async def test_an_answer_to_an_earlier_text_or_a_later_sequence_is_applied(office: Office, post: Post) -> None:
    made = await invited(office, office.ref.per, office.ref.ola)
    await office.update(made, location="Kaien")

    earlier = await post.answer(made, "Per", "ACCEPTED", sequence=0)
    later = await post.answer(made, "Ola", "ACCEPTED", sequence=7)

    assert (earlier.outcome, later.outcome) == (APPLIED, APPLIED)
    assert (await office.follow_up(made)).sequence == 1


async def test_a_status_set_by_hand_later_stands_until_a_later_answer(office: Office, post: Post) -> None:
    made = await invited(office)
    per, answered = await office.participant(made, "Per"), office.clock.present
    office.clock.go_on(hours=1)
    await set_participant_status(office.house, office.kari, StatusChoice(per.id, DECLINED, "rang"))
    office.clock.go_on(hours=1)

    before = await post.answer(made, "Per", "ACCEPTED", at=answered)
    by_hand = await status(office, made, "Per")
    after = await post.answer(made, "Per", "TENTATIVE")

    assert (before.outcome, by_hand) == (OUTDATED, DECLINED)
    assert (after.outcome, await status(office, made, "Per")) == (APPLIED, TENTATIVE)


async def test_a_status_confirmed_by_hand_stands_against_what_was_said_before(office: Office, post: Post) -> None:
    made = await invited(office)
    per = await office.participant(made, "Per")
    await post.answer(made, "Per", "ACCEPTED")
    declined = office.clock.go_on(hours=1)
    office.clock.go_on(hours=1)
    await set_participant_status(office.house, office.kari, StatusChoice(per.id, ACCEPTED, None))

    late = await post.answer(made, "Per", "DECLINED", at=declined)

    there = await office.participant(made, "Per")
    assert (late.outcome, there.status, there.status_origin) == (OUTDATED, ACCEPTED, StatusOrigin.ON_BEHALF)


async def test_who_answers_by_mail_as_was_set_on_their_behalf_gives_their_own_answer(
    office: Office, post: Post
) -> None:
    made = await invited(office)
    per = await office.participant(made, "Per")
    await set_participant_status(office.house, office.kari, StatusChoice(per.id, ACCEPTED))
    office.clock.go_on(hours=1)

    effect = await post.answer(made, "Per", "ACCEPTED")

    there = await office.participant(made, "Per")
    assert (effect.outcome, there.status, there.status_origin) == (APPLIED, ACCEPTED, StatusOrigin.EMAIL_REPLY)
    assert await office.told(office.kari) == [NotificationKind.ACCEPTED]


async def test_a_stranger_and_a_fellow_invitee_change_nobodys_status(office: Office, post: Post) -> None:
    made = await invited(office, office.ref.per, office.ref.ola)

    stranger = await post.answer(made, "Per", "DECLINED", sender="mallory@evil.example")
    fellow = await post.answer(made, "Per", "DECLINED", sender="ola@nordlys.example")
    other_name = await post.answer(made, "Per", "DECLINED", sender="mallory@evil.example", attendee="x@evil.example")

    assert [stranger.outcome, fellow.outcome] == [UNVERIFIED, UNVERIFIED]
    assert other_name.outcome is InboundOutcome.NOT_INVITED
    assert await status(office, made, "Per") is NOT_SEEN
    assert await office.told(office.kari) == [
        NotificationKind.UNVERIFIED_ANSWER, NotificationKind.UNVERIFIED_ANSWER, NotificationKind.UNINVITED_ANSWER,
    ]  # fmt: skip


async def test_what_lay_in_somebodys_own_mailbox_counts_for_what_they_own_alone(office: Office, post: Post) -> None:
    made = await invited(office)
    follow_up, per = await office.follow_up(made), await office.participant(made, "Per")
    async with office.house.database.write() as connection:
        owners = await intern(connection, [office.ref.kari, office.ref.ola])
    of_ola, of_kari = (Envelope(mailbox_owner=owners[one]) for one in (office.ref.ola, office.ref.kari))
    raw = post.reply(follow_up, per, "DECLINED")

    planted = await post.brings(raw, of_ola)
    between = await status(office, made, "Per")
    # Having been planted first makes no copy of the real one.
    real = await post.brings(raw, of_kari)

    assert (planted.outcome, planted.follow_up, between) == (InboundOutcome.NOT_OURS, None, NOT_SEEN)
    assert real.outcome is InboundOutcome.APPLIED
    assert await status(office, made, "Per") is ParticipantStatus.DECLINED


async def test_a_returned_mail_in_somebodys_own_mailbox_is_about_what_they_own_alone(
    office: Office, post: Post
) -> None:
    made = await invited(office)
    per = await office.participant(made, "Per")
    tag = office.house.keys.tag(Purpose.INVITEE_TAG, per.id)
    async with office.house.database.write() as connection:
        owners = await intern(connection, [office.ref.ola])
    returned = (
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=x\r\n\r\n--x\r\n"
        b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        b"Final-Recipient: rfc822; per@kunde.example\r\nAction: failed\r\nStatus: 5.1.1\r\n--x--\r\n"
    )

    envelope = Envelope("", (f"invito+{tag}@nordlys.example",), owners[office.ref.ola])
    effect = await post.brings(returned, envelope)

    assert (effect.outcome, effect.participant) == (InboundOutcome.BOUNCE, None)
    assert (await office.participant(made, "Per")).email_delivery is not EmailDelivery.FAILED


async def test_what_lay_in_somebodys_own_mailbox_and_is_about_nothing_of_theirs_is_forgotten(
    office: Office, post: Post
) -> None:
    async with office.house.database.write() as connection:
        owners = await intern(connection, [office.ref.ola])
    private = (
        b"From: lege@sykehus.example\r\nSubject: Time\r\nMessage-ID: <q@sykehus.example>\r\n"
        b"Content-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\n"
        b"UID:zz\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    envelope = Envelope(mailbox_owner=owners[office.ref.ola])

    effect = await post.brings(private, envelope)
    too_large = await receive(office.house, private + b"x" * MOST_BYTES, MailOrigin.IMAP, envelope)

    assert (effect.outcome, effect.follow_up) == (InboundOutcome.NOT_OURS, None)
    async with office.house.database.read() as connection:
        rows = (await connection.execute(select(InboxRow.id, InboxRow.raw, InboxRow.subject))).all()
    assert [tuple(row) for row in rows] == [(too_large, b"", None)]
    assert (await inbound_page(office.house, office.admin, None, None, PageAsk(10))).items == []


async def test_a_flood_of_doubtful_answers_tells_the_owner_once(office: Office, post: Post) -> None:
    made = await invited(office)

    for _ in range(20):
        await post.answer(made, "Per", "DECLINED", sender="mallory@evil.example")

    assert await office.told(office.kari) == [NotificationKind.UNVERIFIED_ANSWER]


async def test_a_calendar_service_of_the_same_company_is_believed_with_the_tag_alone(
    office: Office, post: Post
) -> None:
    made = await invited(office)

    without = await post.answer(made, "Per", "ACCEPTED", sender="calendar@kunde.example", tagged=False)
    with_tag = await post.answer(made, "Per", "ACCEPTED", sender="calendar@kunde.example")

    assert (without.outcome, with_tag.outcome) == (UNVERIFIED, APPLIED)


async def test_the_owner_believes_what_could_not_be_verified(office: Office, post: Post) -> None:
    made = await invited(office)
    await post.answer(made, "Per", "ACCEPTED", sender="per@privat.example")
    (message,) = (await inbound_page(office.house, office.kari, made, UNVERIFIED, PageAsk(10))).items

    refused = await office.refused(apply_inbound_message(office.house, office.ola, message.id))
    whose = await apply_inbound_message(office.house, office.kari, message.id)
    again = await office.refused(apply_inbound_message(office.house, office.kari, message.id))

    assert refused == [(UserErrorCode.NOT_FOUND, ("messageId",))]
    assert whose == (await office.participant(made, "Per")).id
    assert await status(office, made, "Per") is ACCEPTED
    assert again == [(UserErrorCode.INVALID_INPUT, ("messageId",))]


async def test_a_mail_is_understood_anew_for_whoever_may_see_it(office: Office, post: Post) -> None:
    made = await invited(office)
    await post.answer(made, "Per", "ACCEPTED", sender="per@privat.example")
    await post.brings(b"From: a@b.example\r\nSubject: Hei\r\n\r\nHei")
    (about,) = (await inbound_page(office.house, office.kari, None, None, PageAsk(10))).items
    (other,) = (await inbound_page(office.house, office.admin, None, None, PageAsk(10))).items

    await retry_inbound_message(office.house, office.kari, about.id)
    await retry_inbound_message(office.house, office.admin, other.id)

    assert (about.outcome, other.outcome) == (UNVERIFIED, InboundOutcome.NOT_OURS)
    (after,) = (await inbound_page(office.house, office.kari, None, None, PageAsk(10))).items
    assert after == about
    nobodys = [(UserErrorCode.NOT_FOUND, ("messageId",))]
    for caller, message in ((office.admin, about.id), (office.kari, other.id), (office.kari, InboxId(0))):
        assert await office.refused(retry_inbound_message(office.house, caller, message)) == nobodys


async def test_what_the_owner_believed_is_not_put_in_doubt_again(office: Office, post: Post) -> None:
    made = await invited(office)
    await post.answer(made, "Per", "ACCEPTED", sender="per@privat.example")
    (message,) = (await inbound_page(office.house, office.kari, made, UNVERIFIED, PageAsk(10))).items
    await apply_inbound_message(office.house, office.kari, message.id)

    refused = await office.refused(retry_inbound_message(office.house, office.kari, message.id))

    assert refused == [(UserErrorCode.INVALID_INPUT, ("messageId",))]
    assert (await inbound_page(office.house, office.kari, made, None, PageAsk(10))).items[0].outcome is APPLIED


async def test_what_the_owner_believes_too_late_is_refused_with_why(office: Office, post: Post) -> None:
    made = await invited(office)
    await post.answer(made, "Per", "ACCEPTED", sender="per@privat.example")
    (message,) = (await inbound_page(office.house, office.kari, made, UNVERIFIED, PageAsk(10))).items
    await office.update(made, start="2026-12-02T09:00")

    with pytest.raises(Refusal) as refusal:
        await apply_inbound_message(office.house, office.kari, message.id)

    assert [(one.code, one.path) for one in refusal.value.errors] == [(UserErrorCode.INVALID_INPUT, ("messageId",))]
    assert refusal.value.errors[0].message == "An earlier version was answered, before the time changed."
    assert (await inbound_page(office.house, office.kari, made, UNVERIFIED, PageAsk(10))).items == [message]
    assert await status(office, made, "Per") is NOT_SEEN


async def test_the_part_of_a_mail_that_is_in_doubt_waits_for_the_owner(office: Office, post: Post) -> None:
    made = await office.create(TypedEmail("a@firma.example"), TypedEmail("b@annen.example"), email_invitations=True)
    await office.send_all(made)
    a, b = (one for one in await office.everyone(made) if one.email and one.email[0] in "ab")
    both = ("ATTENDEE;PARTSTAT=DECLINED:mailto:b@annen.example",)
    raw = post.reply(await office.follow_up(made), a, "ACCEPTED", sender="kalender@firma.example", lines=both)

    effect = await post.brings(raw)
    between = [one.status for one in await office.everyone(made) if one.id in (a.id, b.id)]
    (message,) = (await inbound_page(office.house, office.kari, made, UNVERIFIED, PageAsk(10))).items
    whose = await apply_inbound_message(office.house, office.kari, message.id)

    assert (effect.outcome, effect.participant, between) == (UNVERIFIED, b.id, [ACCEPTED, NOT_SEEN])
    assert whose == b.id
    assert [one.status for one in await office.everyone(made) if one.id in (a.id, b.id)] == [ACCEPTED, DECLINED]
    assert (await inbound_page(office.house, office.kari, made, UNVERIFIED, PageAsk(10))).items == []


async def test_a_proposed_time_is_listed_once_and_told(office: Office, post: Post) -> None:
    made = await invited(office)
    times = ("DTSTART:20261203T120000Z", "DTEND:20261203T130000Z")

    first = await post.answer(made, "Per", "TENTATIVE", method="COUNTER", lines=times, comment="Heller da")
    again = await post.answer(made, "Per", "TENTATIVE", method="COUNTER", lines=times, comment="Heller da")

    per = await office.participant(made, "Per")
    ((proposal,),) = (await proposals(office.house, [per.id])).values()
    assert (proposal.start.isoformat(), proposal.comment, proposal.is_open) == (
        "2026-12-03T12:00:00+00:00", "Heller da", True,
    )  # fmt: skip
    assert (first.outcome, again.outcome) == (APPLIED, InboundOutcome.DUPLICATE)
    assert NotificationKind.PROPOSED_TIME in await office.told(office.kari)


async def test_whoever_asks_for_the_present_state_gets_it(office: Office, post: Post) -> None:
    made = await invited(office)

    effect = await post.answer(made, "Per", "NEEDS-ACTION", method="REFRESH")

    assert effect.outcome is APPLIED
    assert await office.outbox(made) == [("Per", MailMethod.REQUEST, 0)]


async def test_a_flood_of_questions_is_answered_once_in_ten_minutes(office: Office, post: Post) -> None:
    made = await invited(office)

    effects = [await post.answer(made, "Per", "NEEDS-ACTION", method="REFRESH", comment=str(n)) for n in range(3)]
    asked = await office.outbox(made)
    await office.send_all(made)
    async with office.house.database.write() as connection:
        await connection.execute(update(OutboxRow).values(finished_at=office.clock()))
    office.clock.go_on(minutes=9)
    await post.answer(made, "Per", "NEEDS-ACTION", method="REFRESH", comment="early")
    early = await office.outbox(made)
    office.clock.go_on(minutes=1)
    await post.answer(made, "Per", "NEEDS-ACTION", method="REFRESH", comment="late")

    assert [effect.outcome for effect in effects] == [APPLIED, InboundOutcome.DUPLICATE, InboundOutcome.DUPLICATE]
    assert {effect.reason for effect in effects[1:]} == {"ASKED_BEFORE"}
    assert asked == await office.outbox(made) == [("Per", MailMethod.REQUEST, 0)]
    assert early == []


async def test_whoever_was_removed_answers_in_vain(office: Office, post: Post) -> None:
    made = await invited(office)
    per = await office.participant(made, "Per")
    await remove_participants(office.house, office.kari, RemoveParticipants(made, (per.id,)))

    effect = await post.brings(post.reply(await office.follow_up(made), per, "ACCEPTED"))

    assert effect.outcome is InboundOutcome.NOT_INVITED
    assert (await office.participant(made, "Per")).status is NOT_SEEN


async def test_a_returned_mail_says_by_its_tag_whom_it_did_not_reach(office: Office, post: Post) -> None:
    made = await invited(office)
    per = await office.participant(made, "Per")
    tag = office.house.keys.tag(Purpose.INVITEE_TAG, per.id)
    returned = (
        b"From: MAILER-DAEMON@mx.example\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=x\r\n\r\n"
        b"--x\r\nContent-Type: text/plain\r\n\r\nSorry\r\n--x\r\nContent-Type: message/delivery-status\r\n\r\n"
        b"Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; per@kunde.example\r\nAction: failed\r\n"
        b"Status: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 no such user\r\n--x--\r\n"
    )

    effect = await post.brings(returned, Envelope("", (f"invito+{tag}@nordlys.example",)))

    there = await office.participant(made, "Per")
    assert (effect.outcome, effect.participant) == (InboundOutcome.BOUNCE, per.id)
    assert there.email_delivery is EmailDelivery.FAILED
    assert "550 5.1.1 no such user" in str(there.email_error)
    assert await office.told(office.kari) == [NotificationKind.EMAIL_FAILED]


async def test_who_sees_the_mails_that_came_in(office: Office, post: Post) -> None:
    made = await office.create(office.ref.per, email_invitations=True, visibility=Visibility.ALL)
    await post.answer(made, "Per", "ACCEPTED")
    await post.brings(b"From: a@b.example\r\n\r\nHei")

    seen = {
        name: [one.follow_up for one in (await inbound_page(office.house, who, None, None, PageAsk(10))).items]
        for name, who in {"kari": office.kari, "ola": office.ola, "admin": office.admin, "x": office.stranger}.items()
    }

    assert seen == {"kari": [made], "ola": [], "admin": [None], "x": []}
