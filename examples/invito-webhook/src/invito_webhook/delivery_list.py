"""What an operator looks up in the outbox, and has posted anew."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from invito_webhook.outbox_database import from_now
from invito_webhook.outbox_tables import DeliveryRow, DeliveryState, GoneEndpointRow


@dataclass(frozen=True, slots=True)
class Delivery:
    """Without what it says, which is between Invito and the endpoint."""

    number: int
    occurred_at: datetime
    type: str
    follow_up_uid: str
    endpoint: str
    state: DeliveryState
    attempts: int
    next_at: datetime
    problem: str | None
    excerpt: str | None


async def latest_deliveries(
    connection: AsyncConnection,
    *,
    state: DeliveryState | None = None,
    event: str | None = None,
    endpoint: str | None = None,
    most: int = 50,
) -> list[Delivery]:
    """The newest last."""
    wanted: list[ColumnElement[bool]] = []
    if state is not None:
        wanted.append(DeliveryRow.state == state)
    if event is not None:
        wanted.append(DeliveryRow.type == event)
    if endpoint is not None:
        wanted.append(DeliveryRow.endpoint == endpoint)
    columns = [getattr(DeliveryRow, name) for name in Delivery.__slots__]
    query = select(*columns).where(*wanted).order_by(DeliveryRow.number.desc()).limit(most)
    return [Delivery(*row) for row in reversed((await connection.execute(query)).all())]


async def counts_of(connection: AsyncConnection, endpoint: str) -> dict[DeliveryState, int]:
    """How many deliveries of an endpoint are in each state."""
    query = select(DeliveryRow.state, func.count()).where(DeliveryRow.endpoint == endpoint)
    rows = await connection.execute(query.group_by(DeliveryRow.state))
    return dict(rows.all())


async def post_anew(connection: AsyncConnection, numbers: Sequence[int]) -> set[int]:
    """Have these be posted at once, whatever became of them before; which of them there are."""
    return await _post_anew(connection, DeliveryRow.number.in_(numbers))


async def post_failed_anew(connection: AsyncConnection) -> set[int]:
    """Likewise all that failed."""
    return await _post_anew(connection, DeliveryRow.state == DeliveryState.FAILED)


async def resume(connection: AsyncConnection, endpoint: str) -> bool:
    """Post to an endpoint again that answered 410 Gone; whether it had."""
    done = await connection.execute(delete(GoneEndpointRow).where(GoneEndpointRow.endpoint == endpoint))
    return bool(done.rowcount)


async def _post_anew(connection: AsyncConnection, which: ColumnElement[bool]) -> set[int]:
    present = from_now(connection)
    again = {
        "state": DeliveryState.WAITING,
        "next_at": present,
        "waits_since": present,
        "attempts": 0,
        "ended_at": None,
    }
    done = await connection.execute(update(DeliveryRow).where(which).values(again).returning(DeliveryRow.number))
    return set(done.scalars())
