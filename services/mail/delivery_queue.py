"""The outbox as a queue: one worker at a time has a mail, and mails to one invitee keep their order.

A worker that ends leaves its claim, which runs out; the mail is then sent again with the same Message-ID.
"""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import Row, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from invito.services.house import House
from invito.services.ids import FollowUpId, ReferenceId
from invito.services.mail.values import ClaimedMail, ClaimId, MailId, MailState
from invito.services.storage.database_time import from_now
from invito.services.storage.mail_tables import OutboxRow

_HOUR = timedelta(hours=1)

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

    Those to an address that got as many as it may within the hour are put off on the way.
    """
    while True:
        now, claim = house.now(), ClaimId(str(uuid4()))
        async with house.database.write() as connection:
            row = await _next_ready(connection, now)
            if row is None:
                return None
            room_at = await _room_at(connection, house, row.address_key, now)
            if room_at is None:
                await connection.execute(
                    update(OutboxRow)
                    .where(OutboxRow.id == row.id)
                    .values(claimed_by=claim, claimed_until=from_now(connection, lease), attempts=row.attempts + 1)
                )
                return _claimed(row, claim)
            await _put_off(connection, row, room_at)


async def _next_ready(connection: AsyncConnection, now: datetime) -> Row[Any] | None:
    """Rides on ix_outbox_ready: what was sent before costs nothing."""
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
    return (await connection.execute(query)).first()


async def _room_at(connection: AsyncConnection, house: House, address: str | None, now: datetime) -> datetime | None:
    """When another mail may go to an address that got too many within the hour; None where one may go now.

    What is just going out is not counted: as many too many may go as are sent at once. Rides on ix_outbox_address.
    """
    most = house.rules.mail.most_mails_to_address_an_hour
    sent = (
        select(OutboxRow.finished_at)
        .where(
            OutboxRow.address_key == address,
            OutboxRow.state == MailState.SENT,
            OutboxRow.finished_at > now - _HOUR,
        )
        .order_by(OutboxRow.finished_at.desc())
        .offset(most - 1)
        .limit(1)
    )
    oldest: datetime | None = (await connection.execute(sent)).scalar_one_or_none()
    return None if oldest is None else oldest + _HOUR


async def _put_off(connection: AsyncConnection, row: Row[Any], until: datetime) -> None:
    """A mail and all that waits for the same address: a flood is one statement. What another worker holds stays."""
    waiting = (
        select(OutboxRow.id)
        .where(
            OutboxRow.address_key == row.address_key,
            OutboxRow.state == MailState.QUEUED,
            OutboxRow.next_at < until,
            or_(OutboxRow.id == row.id, OutboxRow.claimed_by.is_(None)),
        )
        .with_for_update(skip_locked=True)
    )
    await connection.execute(update(OutboxRow).where(OutboxRow.id.in_(waiting)).values(next_at=until))


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
