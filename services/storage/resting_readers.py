"""Connections for reading that rest, open, from one use to the next.

To take a connection out of SQLAlchemy's pool and to put it back takes as long as two or three statements that the
driver sends, and a page is read with five of them (docs/decisions.md).
"""

import asyncio
import time
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from invito.services.storage.rested_connections import PINGED_AFTER_SECONDS


class RestingReaders:
    """At most so many connections that nobody reads by at the moment; all others are the pool's.

    `engine` begins nothing by itself, so that one use leaves nothing behind for the next.
    """

    def __init__(self, engine: AsyncEngine, most: int) -> None:
        self._engine = engine
        self._most = most
        # Each with the second of the monotonic clock since which it rests, the last one last.
        self._resting: list[tuple[AsyncConnection, float]] = []

    async def take(self) -> AsyncConnection:
        """One that rests and is alive, else one of the pool."""
        while self._resting:
            connection, since = self._resting.pop()
            if await _is_alive(connection, time.monotonic() - since):
                return connection
            await connection.close()
        return await self._engine.connect()

    async def give_back(self, connection: AsyncConnection) -> None:
        """After it was read by, and nothing failed."""
        if len(self._resting) < self._most and not connection.invalidated:
            self._resting.append((connection, time.monotonic()))
        else:
            await connection.close()

    async def let_go(self, connection: AsyncConnection) -> None:
        """After something failed: the pool sees to it, even where whoever reads is cancelled once more."""
        await asyncio.shield(asyncio.ensure_future(connection.close()))

    async def close(self) -> None:
        """Leave all that rest to the pool."""
        while self._resting:
            connection, _ = self._resting.pop()
            await connection.close()


async def _is_alive(connection: AsyncConnection, rested: float) -> bool:
    """As `rested_connections` has it for those of the pool."""
    own = connection.sync_connection
    driver: Any = None if own is None else own.connection.driver_connection
    if hasattr(driver, "is_closed") and driver.is_closed():
        await connection.invalidate()
        return False
    if rested > PINGED_AFTER_SECONDS:
        try:
            await connection.execute(text("SELECT 1"))
        except DBAPIError:
            return False
    return True
