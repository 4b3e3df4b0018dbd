"""Connections for reading that rest, open, from one use to the next.

To take a connection out of SQLAlchemy's pool and to put it back takes as long as two or three statements that the
driver sends, and a page is read with five of them (docs/decisions.md).
"""

import asyncio
import time
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.pool import QueuePool

from invito.services.storage.rested_connections import PINGED_AFTER_SECONDS

# A server that vanished without a word says nothing to a ping either.
_PING_SECONDS = 2.0


class RestingReaders:
    """At most so many connections that nobody reads by at the moment; all others are the pool's.

    `engine` begins nothing by itself, and whoever reads sets nothing, so that one use leaves nothing for the next.
    """

    def __init__(self, engine: AsyncEngine, most: int, room: int) -> None:
        """`room` is how many connections there may be, of those who read and of those who write."""
        self._engine = engine
        # A database in memory is one connection, which is nobody's own.
        self._most = most if isinstance(engine.pool, QueuePool) else 0
        self._room = room
        # Each with the second of the monotonic clock since which it rests, the last one last.
        self._resting: list[tuple[AsyncConnection, float]] = []

    async def take(self) -> AsyncConnection:
        """One that rests and is alive, else one of the pool."""
        while self._resting:
            connection, since = self._resting.pop()
            try:
                if await _is_alive(connection, time.monotonic() - since):
                    return connection
            except BaseException:
                await self.let_go(connection)
                raise
            await self.let_go(connection)
        return await self._engine.connect()

    async def give_back(self, connection: AsyncConnection) -> None:
        """After it was read by, and nothing failed. It rests where nobody may be waiting for it."""
        if len(self._resting) < self._most and not connection.invalidated and self._is_room():
            self._resting.append((connection, time.monotonic()))
        else:
            await self.let_go(connection)

    async def let_go(self, connection: AsyncConnection) -> None:
        """Leave it to the pool, even where whoever had it is cancelled meanwhile."""
        await asyncio.shield(asyncio.ensure_future(connection.close()))

    async def make_room(self) -> None:
        """Before somebody else wants a connection: where there is none left, those that rest are the pool's again."""
        if not self._is_room():
            await self._let_all_go()

    async def close(self) -> None:
        """Leave all to the pool, those too that are read by now."""
        self._most = 0
        await self._let_all_go()

    def _is_room(self) -> bool:
        pool = self._engine.pool
        return not isinstance(pool, QueuePool) or pool.checkedout() < self._room

    async def _let_all_go(self) -> None:
        while self._resting:
            await self.let_go(self._resting.pop()[0])


async def _is_alive(connection: AsyncConnection, rested: float) -> bool:
    """As `rested_connections` has it for those of the pool."""
    own = connection.sync_connection
    driver: Any = None if own is None else own.connection.driver_connection
    if hasattr(driver, "is_closed") and driver.is_closed():
        await connection.invalidate()
        return False
    if rested <= PINGED_AFTER_SECONDS:
        return True
    try:
        async with asyncio.timeout(_PING_SECONDS):
            await connection.execute(text("SELECT 1"))
    except Exception:  # whatever it is, the connection cannot be used
        await connection.invalidate()
        return False
    return True
