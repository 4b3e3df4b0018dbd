"""What became of a mail that was claimed, written down where it is still ours, and shown to who looks (F23)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import and_, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from invito.services.changes import follow_up_topic, notification_topic
from invito.services.follow_ups.participant_repository import participant_of, participants_select, update_participants
from invito.services.follow_ups.repository import follow_up_of, follow_ups_select
from invito.services.follow_ups.values import EmailDelivery, Participant
from invito.services.house import House
from invito.services.mail.retrying import pause_after
from invito.services.mail.transports import TemporaryFailure
from invito.services.mail.values import ClaimedMail, MailMethod, MailState
from invito.services.notifications.repository import tell_owner
from invito.services.notifications.values import NotificationKind
from invito.services.storage.follow_up_tables import FollowUpRow, ParticipantRow
from invito.services.storage.mail_tables import OutboxRow

_MOST_WORDS = 1_000


async def record_sent(house: House, mail: ClaimedMail) -> bool:
    """The mail was handed over. False where the claim had run out, and another worker has the mail."""
    now = house.now()

    def outcome(there: Participant) -> Participant:
        held = mail.sequence if mail.method is MailMethod.REQUEST else there.held_sequence
        return replace(
            there,
            email_delivery=EmailDelivery.SENT,
            email_sent_at=now,
            email_error=None,
            held_sequence=None if mail.method is MailMethod.CANCEL else held,
        )

    values = {"state": MailState.SENT, "finished_at": now, "diagnosis": None}
    return await _finish(house, mail, values | _UNCLAIMED, outcome)


async def record_delay(house: House, mail: ClaimedMail, failure: TemporaryFailure) -> bool:
    """The mail could not be handed over now: it is tried again later, or given up where it has been tried too long.

    One that may be out stays claimed, so that it is sent again as it is, and never changed or taken back.
    """
    now = house.now()
    if now - mail.created_at >= house.rules.mail.greatest_age:
        return await record_failure(house, mail, failure.words)
    words = failure.words[:_MOST_WORDS]

    def outcome(there: Participant) -> Participant:
        return replace(there, email_delivery=EmailDelivery.DELAYED, email_error=words)

    values = {"next_at": now + pause_after(mail.attempts), "diagnosis": words}
    may_be_out = mail.may_be_out or failure.may_be_out
    return await _finish(house, mail, values | (_RUN_OUT if may_be_out else _UNCLAIMED), outcome)


async def record_failure(house: House, mail: ClaimedMail, words: str) -> bool:
    """The mail is given up, for what the server said, and the owner is told."""
    now, words = house.now(), words[:_MOST_WORDS]

    def outcome(there: Participant) -> Participant:
        return replace(there, email_delivery=EmailDelivery.FAILED, email_error=words)

    values = {"state": MailState.FAILED, "finished_at": now, "diagnosis": words}
    return await _finish(house, mail, values | _UNCLAIMED, outcome, tells_owner=True)


async def drop(house: House, mail: ClaimedMail) -> None:
    """Forget a CANCEL to somebody who holds no invitation."""

    def outcome(there: Participant) -> Participant:
        # Nothing was sent, for the reason that an earlier mail was refused for where there was one.
        return replace(there, email_delivery=EmailDelivery.FAILED if there.email_error else EmailDelivery.NOT_SENT)

    await _finish(house, mail, None, outcome)


_UNCLAIMED: dict[str, object] = {"claimed_by": None, "claimed_until": None}
_RUN_OUT: dict[str, object] = {"claimed_until": datetime(2000, 1, 1, tzinfo=UTC)}


async def _finish(
    house: House,
    mail: ClaimedMail,
    values: dict[str, object] | None,
    outcome: Callable[[Participant], Participant],
    *,
    tells_owner: bool = False,
) -> bool:
    """Write down what became of a mail, None for nothing to keep, if it is still ours."""
    told = [follow_up_topic(mail.follow_up)]
    try:
        async with house.database.write() as connection:
            # The follow-up first, as changes do, so that neither waits for the other forever.
            await connection.execute(
                update(FollowUpRow)
                .where(FollowUpRow.id == mail.follow_up)
                .values(revision=FollowUpRow.revision + 1, updated_at=house.now())
            )
            await _keep(connection, mail, values)
            after = outcome(await _invitee_of(connection, mail))
            if after.email_delivery is not EmailDelivery.DELAYED and await _waits_for(connection, mail):
                # Of several mails the envelope shows the last, which can still be taken back.
                after = replace(after, email_delivery=EmailDelivery.QUEUED)
            await update_participants(connection, [after])
            if tells_owner:
                told.append(notification_topic(await _tell_owner(connection, after, house.now())))
    except _ClaimLost:
        return False
    await house.changes.tell(told)
    return True


class _ClaimLost(Exception):
    """Another worker has the mail: nothing of ours is written."""


async def _keep(connection: AsyncConnection, mail: ClaimedMail, values: dict[str, object] | None) -> None:
    ours = and_(OutboxRow.id == mail.id, OutboxRow.claimed_by == mail.claim, OutboxRow.state == MailState.QUEUED)
    statement = delete(OutboxRow).where(ours) if values is None else update(OutboxRow).where(ours).values(values)
    if (await connection.execute(statement)).rowcount == 0:
        raise _ClaimLost


async def _tell_owner(connection: AsyncConnection, invitee: Participant, now: datetime) -> str:
    """Tell the owner that a mail failed; the owner's reference."""
    query = follow_ups_select().where(FollowUpRow.id == invitee.follow_up_id)
    follow_up = follow_up_of((await connection.execute(query)).one())
    await tell_owner(connection, follow_up, NotificationKind.EMAIL_FAILED, invitee, now)
    return follow_up.owner.reference


async def _invitee_of(connection: AsyncConnection, mail: ClaimedMail) -> Participant:
    """The row of the one whom the mail is to, who may have been removed."""
    query = participants_select().where(
        ParticipantRow.follow_up_id == mail.follow_up, ParticipantRow.reference_id == mail.invitee
    )
    return participant_of((await connection.execute(query)).one())


async def _waits_for(connection: AsyncConnection, mail: ClaimedMail) -> bool:
    query = select(OutboxRow.id).where(
        OutboxRow.follow_up_id == mail.follow_up,
        OutboxRow.reference_id == mail.invitee,
        OutboxRow.state == MailState.QUEUED,
    )
    return (await connection.execute(query.limit(1))).first() is not None
