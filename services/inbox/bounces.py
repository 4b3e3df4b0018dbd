"""What a returned mail does: the delivery has failed or is late, and the owner is told (F23)."""

from dataclasses import dataclass, replace

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from invito.services.follow_ups.participant_repository import participant_there, update_participants
from invito.services.follow_ups.present import time_of_change
from invito.services.follow_ups.repository import held_follow_up, raise_revisions
from invito.services.follow_ups.values import ANSWERS_TO_MAIL, EmailDelivery, FollowUp, Participant
from invito.services.house import House
from invito.services.ids import ParticipantId
from invito.services.itip.understood import UnderstoodBounce, UnderstoodMail
from invito.services.mail.values import MailMethod, MailState
from invito.services.notifications.repository import tell_owner_once
from invito.services.notifications.values import NotificationKind
from invito.services.storage.follow_up_tables import ParticipantRow
from invito.services.storage.mail_tables import OutboxRow


async def participant_of_message(connection: AsyncConnection, message_id: str | None) -> ParticipantId | None:
    """To whom the mail of this Message-ID went, which whoever saw the mail knows."""
    if message_id is None:
        return None
    query = (
        select(ParticipantRow.id)
        .join(
            OutboxRow,
            (OutboxRow.follow_up_id == ParticipantRow.follow_up_id)
            & (OutboxRow.reference_id == ParticipantRow.reference_id),
        )
        .where(OutboxRow.message_id == message_id)
    )
    found = (await connection.execute(query)).scalar_one_or_none()
    return None if found is None else ParticipantId(found)


async def take_bounce(
    connection: AsyncConnection, house: House, seen: Participant, bounce: UnderstoodBounce
) -> tuple[FollowUp, Participant] | None:
    """Write down that a mail did not arrive; None where there is no such participant any longer."""
    follow_up = await held_follow_up(connection, seen.follow_up_id)
    # Read again, now that nobody else can change it.
    there = await participant_there(connection, seen.id)
    if follow_up is None or there is None:
        return None
    now = time_of_change(house, follow_up)
    returned = await _returned_mail(connection, there, bounce)
    if bounce.is_delayed and not _is_under_way(there, returned):
        return follow_up, there
    if returned is not None and not bounce.is_delayed:
        await _mark_failed(connection, returned.id, bounce)
    if returned is not None and not returned.is_last:
        # A later mail has its own way: what came back says nothing of what they hold now.
        return follow_up, there
    delivery = EmailDelivery.DELAYED if bounce.is_delayed else EmailDelivery.FAILED
    after = replace(there, email_delivery=delivery, email_error=bounce.diagnosis)
    if not bounce.is_delayed:
        # They may hold it all the same: whoever saw the tag can say this, and a CANCEL too much does no harm.
        await tell_owner_once(
            connection, follow_up, NotificationKind.EMAIL_FAILED, there, there.name, bounce.diagnosis, now
        )
    await update_participants(connection, [after])
    await raise_revisions(connection, [follow_up.id], now)
    return follow_up, after


async def doubt_bounce(
    connection: AsyncConnection, house: House, about: Participant, mail: UnderstoodMail
) -> FollowUp | None:
    """Leave it to the owner whether a mail did not arrive, of which nobody vouches that it came back."""
    follow_up = await held_follow_up(connection, about.follow_up_id)
    if follow_up is not None:
        now, actor = time_of_change(house, follow_up), (mail.sender or mail.sender_name or "?")[:300]
        await tell_owner_once(connection, follow_up, NotificationKind.UNVERIFIED_ANSWER, about, actor, None, now)
    return follow_up


@dataclass(frozen=True, slots=True)
class _Returned:
    """A mail that came back. `is_last`: no REQUEST or CANCEL was handed over, or given up, after it.

    `is_certain`: it was named, or is the only one.
    """

    id: int
    method: MailMethod
    is_last: bool
    is_certain: bool


def _is_under_way(there: Participant, late: _Returned | None) -> bool:
    """Whether a mail that is said to be late may still be: nobody says when it arrives after all.

    Not if it was given up, a newer one waits, another than the last may be meant, or the invitee answered since by what
    they find in their mail.
    """
    is_shown = there.email_delivery in (EmailDelivery.SENT, EmailDelivery.DELAYED)
    if not is_shown or late is None or not late.is_certain:
        return False
    answered_at = there.status_changed_at if there.status_origin in ANSWERS_TO_MAIL else None
    return answered_at is None or there.email_sent_at is None or answered_at < there.email_sent_at


async def _returned_mail(connection: AsyncConnection, there: Participant, bounce: UnderstoodBounce) -> _Returned | None:
    """The mail that came back, or the last one that was handed over where the bounce does not say which.

    Rides on ix_outbox_pair.
    """
    query = (
        select(OutboxRow.id, OutboxRow.method, OutboxRow.message_id, OutboxRow.state)
        .where(
            OutboxRow.follow_up_id == there.follow_up_id,
            OutboxRow.reference_id == there.reference_id,
            OutboxRow.state.in_((MailState.SENT, MailState.FAILED)),
        )
        .order_by(OutboxRow.id.desc())
    )
    mails = (await connection.execute(query)).all()
    named = [one for one in mails if one.message_id == bounce.returned_message_id]
    returned = next(iter(named or (one for one in mails if one.state is MailState.SENT)), None)
    if returned is None:
        return None
    later = (one for one in mails if one.id > returned.id and one.method is not MailMethod.DECLINECOUNTER)
    is_certain = bool(named) or len(mails) == 1
    return _Returned(returned.id, returned.method, not any(later), is_certain)


async def _mark_failed(connection: AsyncConnection, returned: int, bounce: UnderstoodBounce) -> None:
    values = {"state": MailState.FAILED, "diagnosis": bounce.diagnosis}
    await connection.execute(update(OutboxRow).where(OutboxRow.id == returned).values(values))
