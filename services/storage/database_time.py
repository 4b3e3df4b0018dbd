"""The database's own clock, by which leases are judged: those of several workers differ."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Interval, func, literal
from sqlalchemy.ext.asyncio import AsyncConnection

from invito.services.storage.columns import UtcInstant


def from_now(connection: AsyncConnection, length: timedelta = timedelta()) -> ColumnElement[datetime]:
    """The present and a while; on SQLite the clock is this machine's."""
    if connection.dialect.name == "sqlite":
        return literal(datetime.now(UTC) + length, UtcInstant)
    return func.now() + literal(length, Interval)
