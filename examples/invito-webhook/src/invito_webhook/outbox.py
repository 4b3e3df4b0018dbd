"""What waits to be posted, what is under way, and what became of the rest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import ColumnElement, delete, exists, or_, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from invito_webhook.messages import Message
from invito_webhook.outbox_database import from_now
from invito_webhook.outbox_tables import Base, DeliveryRow, DeliveryState, GoneEndpointRow
from invito_webhook.posting import Outcome


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that is the caller's to make, until the lease is over. `waited` is how long it has been tried."""

    number: int
    claim: str
    message_id: str
    body: str
    attempts: int
    waited: timedelta


async def put_in(connection: AsyncConnection, message: Message, endpoints: Sequence[str]) -> None:
    """One delivery for each endpoint; none where the same message is there already."""
    present = from_now(connection)
    row = {
        "message_id": message.id,
        "type": message.type,
        "follow_up_uid": message.follow_up_uid,
        "occurred_at": message.occurred_at,
        "body": message.body,
        "state": DeliveryState.WAITING,
        "attempts": 0,
        "waits_since": present,
        "next_at": present,
    }
    for endpoint in endpoints:
        await _insert_new(connection, DeliveryRow, row | {"endpoint": endpoint})


async def claim_next(connection: AsyncConnection, endpoint: str, lease: timedelta) -> Claimed | None:
    """The delivery that is due next, which nobody makes at the moment. Of one follow-up it is the oldest that waits.

    Rides on ix_invito_webhook_delivery_due, and for those before it on ix_invito_webhook_delivery_order.
    """
    earlier = aliased(DeliveryRow)
    present = from_now(connection)
    is_behind = exists().where(
        earlier.endpoint == DeliveryRow.endpoint,
        earlier.follow_up_uid == DeliveryRow.follow_up_uid,
        earlier.state == DeliveryState.WAITING,
        tuple_(earlier.occurred_at, earlier.number) < tuple_(DeliveryRow.occurred_at, DeliveryRow.number),
    )
    query = (
        select(DeliveryRow)
        .where(
            *_waiting(endpoint),
            DeliveryRow.next_at <= present,
            or_(DeliveryRow.claimed_until.is_(None), DeliveryRow.claimed_until < present),
            ~is_behind,
            ~exists().where(GoneEndpointRow.endpoint == DeliveryRow.endpoint),
        )
        .order_by(DeliveryRow.next_at, DeliveryRow.number)
        .limit(1)
        .with_for_update(skip_locked=True, of=DeliveryRow)
        .add_columns(present.label("present"))
    )
    found = (await connection.execute(query)).first()
    if found is None:
        return None
    claim = uuid4().hex
    await connection.execute(
        update(DeliveryRow)
        .where(DeliveryRow.number == found.number)
        .values(claim=claim, claimed_until=from_now(connection, lease), attempts=DeliveryRow.attempts + 1)
    )
    waited = found.present - found.waits_since
    return Claimed(found.number, claim, found.message_id, found.body, found.attempts + 1, waited)


async def seconds_until_due(connection: AsyncConnection, endpoint: str) -> float | None:
    """How long until the next one is due that is put off; None where none is."""
    present = from_now(connection)
    query = select(DeliveryRow.next_at, present).where(*_waiting(endpoint), DeliveryRow.next_at > present)
    found = (await connection.execute(query.order_by(DeliveryRow.next_at).limit(1))).first()
    return None if found is None else (found[0] - found[1]).total_seconds()


async def is_delivered(connection: AsyncConnection, claimed: Claimed, outcome: Outcome) -> None:
    """It was taken."""
    await _write(connection, claimed, outcome, state=DeliveryState.DELIVERED, ended_at=from_now(connection))


async def put_off(connection: AsyncConnection, claimed: Claimed, outcome: Outcome, pause: timedelta) -> None:
    """It is to be tried again after the pause."""
    await _write(connection, claimed, outcome, next_at=from_now(connection, pause))


async def give_up(connection: AsyncConnection, claimed: Claimed, outcome: Outcome) -> None:
    """It was tried for long enough."""
    await _write(connection, claimed, outcome, state=DeliveryState.FAILED, ended_at=from_now(connection))


async def release(connection: AsyncConnection, claims: Sequence[str]) -> None:
    """Nobody makes these any more: they are for the next who comes."""
    await connection.execute(
        update(DeliveryRow).where(DeliveryRow.claim.in_(claims)).values(claim=None, claimed_until=None)
    )


async def mark_gone(connection: AsyncConnection, endpoint: str) -> None:
    """Post nothing more to it: it answered 410 Gone."""
    await _insert_new(connection, GoneEndpointRow, {"endpoint": endpoint, "since": from_now(connection)})


async def gone_endpoints(connection: AsyncConnection) -> dict[str, datetime]:
    """Which endpoints answered 410 Gone, and when."""
    rows = await connection.execute(select(GoneEndpointRow.endpoint, GoneEndpointRow.since))
    return dict(rows.all())


async def sweep(connection: AsyncConnection, give_up_after: timedelta, keep: timedelta) -> None:
    """Give up what nobody could try for so long, and delete what ended long ago."""
    await connection.execute(
        update(DeliveryRow)
        .where(
            DeliveryRow.state == DeliveryState.WAITING,
            DeliveryRow.waits_since < from_now(connection, -give_up_after),
            or_(DeliveryRow.claimed_until.is_(None), DeliveryRow.claimed_until < from_now(connection)),
        )
        .values(state=DeliveryState.FAILED, ended_at=from_now(connection), claim=None, claimed_until=None)
    )
    await connection.execute(delete(DeliveryRow).where(DeliveryRow.ended_at < from_now(connection, -keep)))


async def _insert_new(connection: AsyncConnection, table: type[Base], row: dict[str, object]) -> None:
    """Unless what may be there but once is there."""
    if connection.dialect.name == "sqlite":
        await connection.execute(sqlite.insert(table).values(row).on_conflict_do_nothing())
    else:
        await connection.execute(postgresql.insert(table).values(row).on_conflict_do_nothing())


async def _write(connection: AsyncConnection, claimed: Claimed, outcome: Outcome, **values: object) -> None:
    """Whoever took too long has lost the claim, and writes nothing."""
    await connection.execute(
        update(DeliveryRow)
        .where(DeliveryRow.number == claimed.number, DeliveryRow.claim == claimed.claim)
        .values(
            claim=None,
            claimed_until=None,
            status=outcome.status,
            problem=outcome.problem,
            excerpt=outcome.excerpt,
            **values,
        )
    )


def _waiting(endpoint: str) -> tuple[ColumnElement[bool], ...]:
    return DeliveryRow.endpoint == endpoint, DeliveryRow.state == DeliveryState.WAITING
