"""Writers that take turns at something that no single row stands for."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection


async def take_turn(connection: AsyncConnection, name: str) -> None:
    """Waits until nobody else is at what the name stands for, and holds it until the writing transaction ends.

    SQLite has one writer at a time anyway.
    """
    if connection.dialect.name == "postgresql":
        await connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


async def share_turn(connection: AsyncConnection, name: str) -> None:
    """Waits until nobody has taken the turn, and keeps it from being taken until the writing transaction ends.

    Any number share it. Who shares a turn cannot take it in the same transaction: two who tried would wait for ever.
    """
    if connection.dialect.name == "postgresql":
        await connection.execute(select(func.pg_advisory_xact_lock_shared(func.hashtextextended(name, 0))))
