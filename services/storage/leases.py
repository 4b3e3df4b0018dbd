"""Until when a process has a row to itself, by one clock for all processes."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Interval, func, literal
from sqlalchemy.ext.asyncio import AsyncConnection

from invito.services.storage.columns import UtcInstant


def from_now(connection: AsyncConnection, length: timedelta = timedelta()) -> ColumnElement[datetime]:
    """An instant by the database's own clock, since those of several replicas differ; on SQLite, by this machine's."""
    if connection.dialect.name == "sqlite":
        return literal(datetime.now(UTC) + length, UtcInstant)
    return func.now() + literal(length, Interval)
