"""The outbox's database, open: SQLite or PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import ColumnElement, Connection, Interval, func, literal, text
from sqlalchemy import event as listen
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from invito_webhook.outbox_tables import Base, Instant

_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}
_BUSY_SECONDS = 10
# Any number that nobody else takes: of several replicas that start, one makes the tables at a time.
_MAKING_TABLES = 7_735_201


def check_file(url: str) -> None:
    """That an SQLite database's file can be written, or made.

    Looked at before a command opens it: a thread of the driver outlives a connection that fails, and dies with a stack
    trace.

    :raises OSError: it cannot.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database not in (None, "", ":memory:"):
        with Path(str(parsed.database)).open("ab"):
            pass


class OutboxDatabase:
    """Connections are made as they are needed. `close` it before the loop ends."""

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        self._engine = create_async_engine(
            parsed.set(drivername=_DRIVERS.get(parsed.drivername, parsed.drivername)),
            pool_size=5,
            # A database that was started anew has closed those that rest here.
            pool_pre_ping=not parsed.drivername.startswith("sqlite"),
        )
        self._is_sqlite = self._engine.dialect.name == "sqlite"
        # One writer at a time is all that SQLite has, and waiting here is fair.
        self._turn = asyncio.Lock() if self._is_sqlite else None
        if self._is_sqlite:
            listen.listen(self._engine.sync_engine, "connect", _prepare_sqlite)
            listen.listen(self._engine.sync_engine, "begin", _begin_sqlite)

    async def make_tables(self) -> None:
        """Those that are not there yet."""
        async with self.transaction() as connection:
            if not self._is_sqlite:
                await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MAKING_TABLES})
            await connection.run_sync(Base.metadata.create_all)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        async with AsyncExitStack() as stack:
            if self._turn is not None:
                await stack.enter_async_context(self._turn)
            yield await stack.enter_async_context(self._engine.begin())

    async def close(self) -> None:
        await self._engine.dispose()


def from_now(connection: AsyncConnection, length: timedelta = timedelta()) -> ColumnElement[datetime]:
    """The present and a while, by the database's clock: those of several machines differ."""
    if connection.dialect.name == "sqlite":
        return literal(datetime.now(UTC) + length, Instant)
    return func.now() + literal(length, Interval)


def _prepare_sqlite(connection: DBAPIConnection, _: object) -> None:
    connection.isolation_level = None  # BEGIN is ours: see _begin_sqlite
    cursor = connection.cursor()
    for pragma in (f"busy_timeout = {_BUSY_SECONDS * 1000}", "journal_mode = WAL", "synchronous = FULL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # One that writes after it has read would fail at once where another wrote between.
    connection.exec_driver_sql("BEGIN IMMEDIATE")
