"""Replicas poke each other through the database that they share (LISTEN and NOTIFY)."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol, cast

from sqlalchemy import text

from invito.services.changes.relay import Poke
from invito.services.storage.database import Database

_CHANNEL = "invito_changes"
# PostgreSQL takes less than 8,000 bytes.
_MOST_BYTES_A_NOTIFY = 7_900


class PostgresRelay:
    """Needs nothing besides the database, which each replica keeps one connection to for it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def listen(self, poke: Poke) -> None:
        lost = asyncio.Event()

        def arrived(_connection: object, _pid: int, _channel: str, payload: str) -> None:
            for topic in payload.split("\n"):
                poke(topic)

        async with self._database.engine.connect() as connection:
            raw = await connection.get_raw_connection()
            driver = cast(_AsyncpgConnection, raw.driver_connection)
            driver.add_termination_listener(lambda _: lost.set())
            await driver.add_listener(_CHANNEL, arrived)
            try:
                await lost.wait()
            finally:
                await connection.invalidate()

    async def tell(self, topics: Sequence[str]) -> None:
        async with self._database.write() as connection:
            for payload in _payloads(topics):
                await connection.execute(
                    text("SELECT pg_notify(:channel, :payload)"), {"channel": _CHANNEL, "payload": payload}
                )

    async def close(self) -> None:
        """The database is closed by whoever opened it."""


def _payloads(topics: Iterable[str]) -> Iterator[str]:
    """The topics in as many notifications as they need, in their order; one that fits into none is left out."""
    batch: list[str] = []
    room = _MOST_BYTES_A_NOTIFY
    for topic in topics:
        size = len(topic.encode()) + 1
        if size > _MOST_BYTES_A_NOTIFY:
            continue
        if size > room:
            yield "\n".join(batch)
            batch, room = [], _MOST_BYTES_A_NOTIFY
        batch.append(topic)
        room -= size
    if batch:
        yield "\n".join(batch)


class _AsyncpgConnection(Protocol):
    """What is used of asyncpg's connection, which has no types."""

    def add_termination_listener(self, callback: Callable[[object], None]) -> None: ...

    async def add_listener(self, channel: str, callback: Callable[[object, int, str, str], None]) -> None: ...
