"""The outbox as a queue: one worker at a time has a mail, and mails to one invitee keep their order.

A worker that ends leaves its claim, which runs out; the mail is then sent again with the same Message-ID.
"""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import Row, exists, or_, select, update
from sqlalchemy.orm import aliased

from invito.services.house import House
from invito.services.ids import FollowUpId, ReferenceId
from invito.services.mail.values import ClaimedMail, ClaimId, MailId, MailState
from invito.services.storage.database_time import from_now
from invito.services.storage.mail_tables import OutboxRow

_Earlier = aliased(OutboxRow)
# A mail that waits behind another to the same invitee, whatever became of that one's claim. On ix_outbox_pair.
_IS_BEHIND = exists().where(
    _Earlier.follow_up_id == OutboxRow.follow_up_id,
    _Earlier.reference_id == OutboxRow.reference_id,
    _Earlier.state == MailState.QUEUED,
    _Earlier.id < OutboxRow.id,
)


async def claim_next(house: House, lease: timedelta) -> ClaimedMail | None:
    """Claim the mail that has been ready the longest, for as long as the lease lasts; None where none is ready.

    Rides on ix_outbox_ready: what was sent before costs nothing.
    """
    now, claim = house.now(), ClaimId(str(uuid4()))
    async with house.database.write() as connection:
        query = (
            select(*OutboxRow.__table__.columns)
            .where(
                OutboxRow.state == MailState.QUEUED,
                OutboxRow.next_at <= now,
                or_(OutboxRow.claimed_by.is_(None), OutboxRow.claimed_until < from_now(connection)),
                ~_IS_BEHIND,
            )
            .order_by(OutboxRow.next_at, OutboxRow.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        row = (await connection.execute(query)).first()
        if row is None:
            return None
        await connection.execute(
            update(OutboxRow)
            .where(OutboxRow.id == row.id)
            .values(claimed_by=claim, claimed_until=from_now(connection, lease), attempts=row.attempts + 1)
        )
    return _claimed(row, claim)


def _claimed(row: Row[Any], claim: ClaimId) -> ClaimedMail:
    return ClaimedMail(
        id=MailId(row.id),
        claim=claim,
        follow_up=FollowUpId(row.follow_up_id),
        invitee=ReferenceId(row.reference_id),
        method=row.method,
        sequence=row.sequence,
        stamped_at=row.stamped_at,
        occurrence=_instant(row.recurrence_id),
        message_id=row.message_id,
        to_address=row.to_address,
        to_name=row.to_name,
        comment=row.comment,
        created_at=row.created_at,
        attempts=row.attempts + 1,
        may_be_out=row.claimed_by is not None,
    )


def _instant(recurrence_id: str) -> datetime | None:
    """The instant that a RECURRENCE-ID in UTC form names (RFC 5545 §3.3.5)."""
    return datetime.strptime(recurrence_id, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) if recurrence_id else None
