"""The outbox as a queue: one worker at a time has a mail, and mails to one invitee keep their order.

A worker that ends leaves its claims, which run out; the mails are then sent, again where they were, with the same
Message-IDs.
"""

import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Row, ScalarSelect, Select, exists, func, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from invito.services.house import House
from invito.services.ids import FollowUpId, ReferenceId
from invito.services.mail.address_limit import within_address_limit
from invito.services.mail.own_servers import OwnServersRoom
from invito.services.mail.passed_over import PassedOver, QueuePlace
from invito.services.mail.values import ClaimedMail, ClaimId, MailId, MailState
from invito.services.mailboxes.ownership import own_server_of
from invito.services.rules import Rules
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
_ANY_ROOM = OwnServersRoom(sys.maxsize, sys.maxsize)
# What a row says of its claim where nobody has it, and where whoever had it may have sent the mail.
UNCLAIMED: dict[str, object] = {"claimed_by": None, "claimed_until": None}
RUN_OUT: dict[str, object] = {"claimed_until": datetime(2000, 1, 1, tzinfo=UTC)}


async def claim_ready(
    house: House,
    lease: timedelta,
    most: int,
    room: OwnServersRoom = _ANY_ROOM,
    passed: PassedOver | None = None,
) -> list[ClaimedMail]:
    """Claim the mails that have been ready the longest, one to an invitee, for as long as the lease lasts.

    Those to an address that got as many as it may within the hour are put off on the way, and those whose owners'
    own servers have no `room` stay for a later claim. `passed` are those that earlier claims of the worker left so.
    """
    passed = passed or PassedOver()
    while True:
        now, claim = house.now(), ClaimId(str(uuid4()))
        start = await _start(house, now, room, passed)
        async with house.database.write() as connection:
            ready = (await connection.execute(_ready(connection, house.rules, now, most, room, start))).all()
            if start is not None:
                passed.keep(room, _place_of(ready, now), now)
            rows = room.chosen(ready, _own_server)
            free = await within_address_limit(connection, house.rules.mail.most_mails_to_address_an_hour, rows, now)
            if free:
                claiming = update(OutboxRow).where(OutboxRow.id.in_([row.id for row in free]))
                until, attempts = from_now(connection, lease), OutboxRow.attempts + 1
                await connection.execute(claiming.values(claimed_by=claim, claimed_until=until, attempts=attempts))
        if free or not rows:
            return [_claimed(row, claim) for row in free]


async def give_back(house: House, mails: Sequence[ClaimedMail]) -> None:
    """Let others have mails that were claimed and not tried, at once."""
    async with house.database.write() as connection:
        for may_be_out, values in ((False, UNCLAIMED), (True, RUN_OUT)):
            given = [mail for mail in mails if mail.may_be_out is may_be_out]
            if given:
                await connection.execute(
                    update(OutboxRow)
                    .where(
                        OutboxRow.id.in_([mail.id for mail in given]),
                        OutboxRow.claimed_by.in_({mail.claim for mail in given}),
                        OutboxRow.state == MailState.QUEUED,
                    )
                    .values(values | {"attempts": OutboxRow.attempts - 1})
                )


async def _start(house: House, now: datetime, room: OwnServersRoom, passed: PassedOver) -> QueuePlace | None:
    """Where the first mail is that has room, where a server is full: found by reading, which holds nobody up."""
    if not room.is_full and not room.full_servers:
        return None
    start = passed.place(room, now)
    if start is None:
        async with house.database.read() as connection:
            query = _ready(connection, house.rules, now, 1, room, None, is_claim=False)
            start = _place_of((await connection.execute(query)).all(), now)
        passed.keep(room, start, now)
    return start


def _place_of(ready: Sequence[Row[Any]], now: datetime) -> QueuePlace:
    return QueuePlace(ready[0].next_at, ready[0].id) if ready else QueuePlace.after_all(now)


def _ready(
    connection: AsyncConnection,
    rules: Rules,
    now: datetime,
    most: int,
    room: OwnServersRoom,
    start: QueuePlace | None,
    *,
    is_claim: bool = True,
) -> Select[Any]:
    """Rides on ix_outbox_ready: what was sent before costs nothing, nor what is before `start`."""
    own_server = own_server_of(OutboxRow.follow_up_id, rules)
    query = (
        select(*OutboxRow.__table__.columns)
        .add_columns(own_server.label("own_server"))
        .where(
            OutboxRow.state == MailState.QUEUED,
            OutboxRow.next_at <= now,
            or_(OutboxRow.claimed_by.is_(None), OutboxRow.claimed_until < from_now(connection)),
            ~_IS_BEHIND,
            *_where_there_is_room(own_server, room),
        )
        .order_by(OutboxRow.next_at, OutboxRow.id)
        .limit(most)
    )
    if start is not None:
        query = query.where(tuple_(OutboxRow.next_at, OutboxRow.id) >= (start.next_at, start.id))
    return query.with_for_update(skip_locked=True) if is_claim else query


def _where_there_is_room(own_server: ScalarSelect[str], room: OwnServersRoom) -> Iterator[ColumnElement[bool]]:
    """So that what waits for a slow server hides nothing behind it. Nothing is asked where none is full."""
    if room.is_full:
        yield own_server.is_(None)
    elif room.full_servers:
        yield func.coalesce(own_server, "").not_in(room.full_servers)


def _own_server(row: Row[Any]) -> str | None:
    server: str | None = row.own_server
    return server


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
        own_server=row.own_server,
    )


def _instant(recurrence_id: str) -> datetime | None:
    """The instant that a RECURRENCE-ID in UTC form names (RFC 5545 §3.3.5)."""
    return datetime.strptime(recurrence_id, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) if recurrence_id else None
