"""The connection to the database: one pool, reading and writing transactions."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext

from sqlalchemy import Connection, event
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from invito.services.storage.reading import READS_ALONE
from invito.services.storage.rested_connections import replace_dead_connections
from invito.services.storage.resting_readers import RestingReaders

_BUSY_TIMEOUT_SECONDS = 30
_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}


class Database:
    """A database that is open. `close` it before the event loop ends: its threads hold the exit otherwise."""

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        """Open `sqlite:///path` or `postgresql://user@host/name`; connections are made when they are needed.

        :raises sqlalchemy.exc.ArgumentError: the URL cannot be read.
        """
        parsed = make_url(url)
        self.url = parsed.set(drivername=_DRIVERS.get(parsed.drivername, parsed.drivername))
        self.engine: AsyncEngine = create_async_engine(self.url, pool_size=pool_size, max_overflow=pool_size)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._writer = self.engine.execution_options(invito_writer=True)
        # Nothing is begun and nothing rolled back around reading, which would cost as much as a statement or two.
        self._reader = self.engine.execution_options(
            **{READS_ALONE: True}, **({} if self.is_sqlite else {"isolation_level": "AUTOCOMMIT"})
        )
        self._readers = RestingReaders(self._reader, most=pool_size // 2, room=2 * pool_size)
        # One writer at a time is all that SQLite has; waiting here is fair, waiting in SQLite is not.
        self._turn = asyncio.Lock() if self.is_sqlite else nullcontext()
        if self.is_sqlite:
            event.listen(self.engine.sync_engine, "connect", _prepare_sqlite)
            event.listen(self.engine.sync_engine, "begin", _begin_sqlite)
        else:
            replace_dead_connections(self.engine.sync_engine)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """For reading alone: each statement sees what was committed when it began, and no writer waits for it.

        Nothing may be set on the connection (`SET`, temporary tables), which others read by afterwards.
        """
        connection = await self._readers.take()
        try:
            yield connection
        except BaseException:
            await self._readers.let_go(connection)
            raise
        await self._readers.give_back(connection)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that is committed at the end, or rolled back where an exception leaves it."""
        async with self._turn:
            await self._readers.make_room()
            async with self._writer.begin() as connection:
                yield connection

    async def close(self) -> None:
        await self._readers.close()
        await self.engine.dispose()


def _prepare_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # BEGIN is ours: see _begin_sqlite
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout = {_BUSY_TIMEOUT_SECONDS * 1000}",
        "journal_mode = WAL",
        # On the disk before anybody hears of it: a mail that was answered 250 outlives a power cut.
        "synchronous = FULL",
        "foreign_keys = ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get(READS_ALONE, False):
        return
    # A deferred transaction that writes after it has read fails at once where another wrote between.
    immediate = options.get("invito_writer", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
