"""How many an owner may invite by mail within an hour, so that nobody sends the world mail by Invito.

Counted are invitations to who holds none yet. What tells of changes is not: it goes to who was counted before. The
rows of the outbox are what is counted, so that it is the same whichever process is asked.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from invito.services.errors import Path, Refusal, UserErrorCode, user_error
from invito.services.follow_ups.change import Change
from invito.services.ids import ReferenceId
from invito.services.mail.outbox import mail_domain
from invito.services.mail.planning import MailStep, mail_steps
from invito.services.mail.values import MailState
from invito.services.rules import Rules
from invito.services.storage.follow_up_tables import OwnerRow
from invito.services.storage.mail_tables import OutboxRow

WINDOW = timedelta(hours=1)


async def check_invitations(
    connection: AsyncConnection, rules: Rules, change: Change, owner: ReferenceId, at: Path, now: datetime
) -> None:
    """Whether the owner may invite as many as the change does; `at` is where the input asks for it.

    Until the transaction ends nobody else counts this owner's invitations: two at once would each see room.

    :raises Refusal: TOO_MANY, with how many were invited and when there is room again.
    """
    inviting = [step for step in mail_steps(change) if step.invites] if mail_domain(rules, change.after) else []
    if not inviting:
        return
    most = rules.mail.most_invitations_an_hour
    await connection.execute(
        select(OwnerRow.reference_id).where(OwnerRow.reference_id == owner).with_for_update(key_share=True)
    )
    theirs = _of(owner, now)
    before = (await connection.execute(select(func.count()).where(*theirs))).scalar_one()
    before -= await _replaced(connection, change, inviting, theirs)
    too_many = before + len(inviting) - most
    if too_many <= 0:
        return
    if too_many > before:
        message = "These are {count} invitations by e-mail; at most {most} an hour are sent for one owner."
        raise Refusal(user_error(UserErrorCode.TOO_MANY, at, message, count=len(inviting), most=most))
    oldest = select(OutboxRow.created_at).where(*theirs).order_by(OutboxRow.created_at).offset(too_many - 1).limit(1)
    room_at = (await connection.execute(oldest)).scalar_one() + WINDOW
    message = (
        "With these {count} you would have invited {value} by e-mail within the hour, and at most {most} are sent for "
        "one owner: try again after {time} ({zone})."
    )
    zone = change.after.time_zone
    time = room_at.astimezone(ZoneInfo(zone)).strftime("%H:%M")
    value = before + len(inviting)
    places = {"count": len(inviting), "value": value, "most": most, "time": time, "zone": zone}
    raise Refusal(user_error(UserErrorCode.TOO_MANY, at, message, **places))


def _of(owner: ReferenceId, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Rides on ix_outbox_invited_by."""
    return OutboxRow.invited_by_id == owner, OutboxRow.created_at > now - WINDOW


async def _replaced(
    connection: AsyncConnection, change: Change, inviting: Sequence[MailStep], theirs: tuple[ColumnElement[bool], ...]
) -> int:
    """How many of those that were counted wait, and give way to what is to be sent now."""
    if change.before is None:
        return 0
    waiting = select(OutboxRow.reference_id).where(
        *theirs,
        OutboxRow.follow_up_id == change.after.id,
        OutboxRow.state == MailState.QUEUED,
        OutboxRow.claimed_by.is_(None),
    )
    return len(
        {step.participant.reference_id for step in inviting}.intersection((await connection.execute(waiting)).scalars())
    )
