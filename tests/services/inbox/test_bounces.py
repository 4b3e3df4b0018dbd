"""A returned mail says that one mail did not arrive, and not that no other did (F23)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from invito.services.busy.references import intern
from invito.services.errors import Refusal
from invito.services.follow_ups.commands import CancelFollowUp, RemoveParticipants
from invito.services.follow_ups.values import EmailDelivery
from invito.services.ids import FollowUpId
from invito.services.inbox.applying import apply_inbound_message, retry_as_operator
from invito.services.inbox.reading import inbound_page
from invito.services.inbox.receiving import Envelope
from invito.services.inbox.repository import Effect
from invito.services.invitations.cancelling import cancel_follow_up
from invito.services.invitations.changing import remove_participants
from invito.services.itip.verdicts import InboundOutcome
from invito.services.mail.values import MailMethod, MailState
from invito.services.notifications.values import NotificationKind
from invito.services.paging import PageAsk
from invito.services.signing import Purpose
from invito.services.storage.follow_up_tables import ParticipantRow
from invito.services.storage.mail_tables import OutboxRow

if TYPE_CHECKING:
    from tests.services.conftest import Office
    from tests.services.inbox.conftest import Post


async def invited(office: Office) -> FollowUpId:
    """A follow-up of Kari's, to which Per holds a REQUEST."""
    made = await office.create(office.ref.per, email_invitations=True)
    await office.send_all(made)
    return made


async def mails(office: Office, made: FollowUpId) -> list[tuple[str, MailState]]:
    """Message-ID and state of each, oldest first."""
    query = select(OutboxRow.message_id, OutboxRow.state).where(OutboxRow.follow_up_id == made)
    async with office.house.database.read() as connection:
        return [(row[0], row[1]) for row in await connection.execute(query.order_by(OutboxRow.id))]


async def comes_back(
    office: Office, post: Post, made: FollowUpId, message_id: str | None = None, *, action: str = "failed"
) -> Effect:
    """Per's mail server returns a mail, and says which where a Message-ID is given."""
    per = await office.participant(made, "Per")
    to = f"invito+{office.house.keys.tag(Purpose.INVITEE_TAG, per.id)}@nordlys.example"
    post.count += 1
    returned = f"--x\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: {message_id}\r\nSubject: Budget\r\n\r\nHei\r\n"
    raw = (
        f"From: MAILER-DAEMON@mx.example\r\nTo: {to}\r\nMessage-ID: <b{post.count}@mx.example>\r\n"
        "MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=x\r\n\r\n"
        "--x\r\nContent-Type: text/plain\r\n\r\nSorry\r\n--x\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; per@kunde.example\r\n"
        f"Action: {action}\r\nStatus: 4.4.7\r\n{returned if message_id else ''}--x--\r\n"
    )
    return await post.brings(raw.encode(), Envelope("", (to,)))


async def test_an_old_mail_that_comes_back_late_takes_nothing_from_the_one_after_it(office: Office, post: Post) -> None:
    made = await invited(office)
    await office.update(made, start="2026-12-02T09:00")
    await office.send_all(made)
    before = await office.participant(made, "Per")
    ((first, _), _) = await mails(office, made)

    effect = await comes_back(office, post, made, first)

    assert (effect.outcome, effect.participant) == (InboundOutcome.BOUNCE, before.id)
    assert [state for _, state in await mails(office, made)] == [MailState.FAILED, MailState.SENT]
    assert await office.participant(made, "Per") == before
    assert await office.told(office.kari) == []
    await remove_participants(office.house, office.kari, RemoveParticipants(made, (before.id,)))
    assert await office.outbox(made) == [("Per", MailMethod.CANCEL, 2)]


async def test_an_old_mail_that_is_late_says_nothing_of_the_one_after_it(office: Office, post: Post) -> None:
    made = await invited(office)
    await office.update(made, start="2026-12-02T09:00")
    await office.send_all(made)
    ((first, _), _) = await mails(office, made)

    await comes_back(office, post, made, first, action="delayed")

    assert (await office.participant(made, "Per")).email_delivery is EmailDelivery.SENT


async def test_a_mail_that_is_late_shows_as_late(office: Office, post: Post) -> None:
    made = await invited(office)

    await comes_back(office, post, made, action="delayed")

    assert (await office.participant(made, "Per")).email_delivery is EmailDelivery.DELAYED


async def test_a_mail_that_was_answered_is_late_no_more(office: Office, post: Post) -> None:
    made = await invited(office)
    await post.answer(made, "Per", "ACCEPTED")
    ((sent, _),) = await mails(office, made)

    await comes_back(office, post, made, sent, action="delayed")

    assert (await office.participant(made, "Per")).email_delivery is EmailDelivery.SENT


async def test_a_late_mail_has_arrived_once_it_is_answered(office: Office, post: Post) -> None:
    made = await invited(office)
    await comes_back(office, post, made, action="delayed")

    await post.answer(made, "Per", "ACCEPTED")

    per = await office.participant(made, "Per")
    assert (per.email_delivery, per.email_error) == (EmailDelivery.SENT, None)


async def test_a_mail_that_waits_is_late_though_an_earlier_one_was_answered(office: Office, post: Post) -> None:
    made = await invited(office)
    await office.update(made, location="Kaien")
    async with office.house.database.write() as connection:
        await connection.execute(update(ParticipantRow).values(email_delivery=EmailDelivery.DELAYED))

    await post.answer(made, "Per", "ACCEPTED", sequence=0)

    assert (await office.participant(made, "Per")).email_delivery is EmailDelivery.DELAYED


async def test_a_mail_that_is_late_says_nothing_of_the_one_that_waits_behind_it(office: Office, post: Post) -> None:
    made = await invited(office)
    ((sent, _),) = await mails(office, made)
    await office.update(made, start="2026-12-02T09:00")

    await comes_back(office, post, made, sent, action="delayed")

    assert (await office.participant(made, "Per")).email_delivery is EmailDelivery.QUEUED


async def test_of_several_mails_none_is_late_where_nobody_says_which(office: Office, post: Post) -> None:
    made = await invited(office)
    await office.update(made, start="2026-12-02T09:00")
    await office.send_all(made)

    await comes_back(office, post, made, action="delayed")

    assert (await office.participant(made, "Per")).email_delivery is EmailDelivery.SENT


async def test_the_last_mail_that_comes_back_has_failed_whether_it_is_named_or_not(office: Office, post: Post) -> None:
    for is_named in (True, False):
        made = await invited(office)
        await office.update(made, start="2026-12-02T09:00")
        await office.send_all(made)
        _, (last, _) = await mails(office, made)

        await comes_back(office, post, made, last if is_named else None)

        assert (await office.participant(made, "Per")).email_delivery is EmailDelivery.FAILED
        assert [state for _, state in await mails(office, made)] == [MailState.SENT, MailState.FAILED]


async def test_whoever_a_mail_is_said_not_to_have_reached_is_told_of_its_end_all_the_same(
    office: Office, post: Post
) -> None:
    made = await invited(office)
    await comes_back(office, post, made)

    await cancel_follow_up(office.house, office.kari, CancelFollowUp(made))

    assert await office.outbox(made) == [("Per", MailMethod.CANCEL, 1)]


def told_by_mallory(message_id: str) -> bytes:
    """What anybody can write who saw a mail of ours."""
    return (
        "From: mallory@evil.example\r\nTo: invito@nordlys.example\r\nX-Failed-Recipients: per@kunde.example\r\n"
        f"Message-ID: <1@evil.example>\r\nSubject: Failed\r\n\r\n550 no such user\r\n\r\nMessage-ID: {message_id}\r\n"
    ).encode()


@pytest.mark.parametrize("envelope_sender", ["mallory@evil.example", ""])
async def test_a_returned_mail_without_our_tag_waits_for_the_owners_word(
    office: Office, post: Post, envelope_sender: str
) -> None:
    made = await invited(office)
    before = await office.participant(made, "Per")
    ((sent, _),) = await mails(office, made)

    effect = await post.brings(told_by_mallory(sent), Envelope(envelope_sender, ("invito@nordlys.example",)))

    assert (effect.outcome, effect.reason) == (InboundOutcome.UNVERIFIED, "RETURNED_WITHOUT_TAG")
    assert (effect.follow_up, effect.participant) == (made, before.id)
    assert await office.participant(made, "Per") == before
    assert [state for _, state in await mails(office, made)] == [MailState.SENT]
    assert await office.told(office.kari) == [NotificationKind.UNVERIFIED_ANSWER]


async def test_an_owner_believes_a_returned_mail_without_our_tag(office: Office, post: Post) -> None:
    made = await invited(office)
    ((sent, _),) = await mails(office, made)
    await post.brings(told_by_mallory(sent))
    page = await inbound_page(office.house, office.kari, made, None, PageAsk(10))

    await apply_inbound_message(office.house, office.kari, page.items[0].id)

    assert (await office.participant(made, "Per")).email_delivery is EmailDelivery.FAILED
    page = await inbound_page(office.house, office.kari, made, None, PageAsk(10))
    assert page.items[0].outcome is InboundOutcome.BOUNCE
    with pytest.raises(Refusal):
        await retry_as_operator(office.house, page.items[0].id)


async def test_what_comes_back_to_an_owners_own_mailbox_has_no_tag(office: Office, post: Post) -> None:
    made = await invited(office)
    ((sent, _),) = await mails(office, made)
    async with office.house.database.write() as connection:
        kari = (await intern(connection, [office.ref.kari]))[office.ref.kari]

    effect = await post.brings(told_by_mallory(sent), Envelope(mailbox_owner=kari))

    assert effect.outcome is InboundOutcome.BOUNCE
    assert (await office.participant(made, "Per")).email_delivery is EmailDelivery.FAILED


async def test_the_same_mail_that_comes_back_twice_is_not_taken_for_another(office: Office, post: Post) -> None:
    made = await invited(office)
    await office.update(made, start="2026-12-02T09:00")
    await office.send_all(made)
    _, (last, _) = await mails(office, made)

    for _ in range(2):
        await comes_back(office, post, made, last)

    assert [state for _, state in await mails(office, made)] == [MailState.SENT, MailState.FAILED]


async def test_a_returned_mail_on_a_clock_behind_does_not_put_the_follow_up_back(office: Office, post: Post) -> None:
    made = await invited(office)
    before = await office.follow_up(made)
    office.clock.go_on(minutes=-1)

    await comes_back(office, post, made)

    after = await office.follow_up(made)
    assert (after.updated_at, after.revision) == (before.updated_at, before.revision + 1)
