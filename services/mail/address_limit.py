"""How many mails an address gets within an hour, whoever sends them: what is too much waits, and goes later."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from invito.services.mail.values import MailState
from invito.services.storage.database_time import from_now
from invito.services.storage.mail_tables import OutboxRow

_HOUR = timedelta(hours=1)
# Whether what is going out was sent is known by then, but for a worker that ended.
_SOON = timedelta(minutes=1)


async def within_address_limit(
    connection: AsyncConnection, most: int, rows: Sequence[Row[Any]], now: datetime
) -> list[Row[Any]]:
    """Those of the rows of the outbox that may go out now, `most` to an address an hour, with those going out already.

    Mails to an address that has no room are put off; where some of these rows fill it, the rest stay as they are.
    Workers that look at the same moment do not see each other's.
    """
    counts = await _counts(connection, {row.address_key for row in rows if row.address_key is not None}, now)
    room = {address: most - taken for address, (_, taken) in counts.items()}
    for address, (sent, taken) in counts.items():
        if taken >= most:
            until = await _room_at(connection, address, most, now) if sent >= most else now + _SOON
            await _put_off(connection, [row.id for row in rows if row.address_key == address], address, until)
    chosen = Counter[str]()
    free = []
    for row in rows:
        if row.address_key is not None:
            chosen[row.address_key] += 1
        if row.address_key is None or chosen[row.address_key] <= room.get(row.address_key, most):
            free.append(row)
    return free


async def _counts(connection: AsyncConnection, addresses: Collection[str], now: datetime) -> dict[str, tuple[int, int]]:
    """How many each address got within the hour, and with those that workers are sending. On ix_outbox_address."""
    going_out = and_(OutboxRow.state == MailState.QUEUED, OutboxRow.claimed_until > from_now(connection))
    # One after the other, since SQLite rides on the index for each alone and not for both.
    sent, sending = (
        select(OutboxRow.address_key, OutboxRow.state, func.count())
        .where(OutboxRow.address_key.in_(addresses), state)
        .group_by(OutboxRow.address_key, OutboxRow.state)
        for state in (_sent_since(now), going_out)
    )
    counts: dict[str, tuple[int, int]] = {}
    for address, state, count in await connection.execute(sent.union_all(sending)):
        assert address is not None  # it is one of those
        before, taken = counts.get(address, (0, 0))
        counts[address] = (before + (count if state is MailState.SENT else 0), taken + count)
    return counts


async def _room_at(connection: AsyncConnection, address: str, most: int, now: datetime) -> datetime:
    """When an address that got as many as it may gets another."""
    newest = select(OutboxRow.finished_at).where(OutboxRow.address_key == address, _sent_since(now))
    query = newest.order_by(OutboxRow.finished_at.desc()).offset(most - 1).limit(1)
    filled_at = (await connection.execute(query)).scalar_one()
    assert filled_at is not None  # it was sent
    return filled_at + _HOUR


def _sent_since(now: datetime) -> ColumnElement[bool]:
    return and_(OutboxRow.state == MailState.SENT, OutboxRow.finished_at > now - _HOUR)


async def _put_off(connection: AsyncConnection, ids: Sequence[int], address: str, until: datetime) -> None:
    """Mails and all that waits for the same address: a flood is one statement. What another worker holds stays."""
    waiting = (
        select(OutboxRow.id)
        .where(
            OutboxRow.address_key == address,
            OutboxRow.state == MailState.QUEUED,
            OutboxRow.next_at < until,
            or_(OutboxRow.id.in_(ids), OutboxRow.claimed_by.is_(None)),
        )
        .with_for_update(skip_locked=True)
    )
    await connection.execute(update(OutboxRow).where(OutboxRow.id.in_(waiting)).values(next_at=until))
