"""The bus that pokes subscribers after a commit. It may lose anything: the truth is the rows and their revisions."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from typing import Protocol, cast

import structlog
from sqlalchemy import text

from invito.services.background import end, poked_within
from invito.services.ids import FollowUpId
from invito.services.storage.database import Database

_CHANNEL = "invito_changes"
_REREAD_SECONDS = 5.0
_RECONNECT_SECONDS = 1.0
# PostgreSQL takes less than 8,000 bytes.
_MOST_BYTES_A_NOTIFY = 7_900

log = structlog.get_logger(__name__)


def follow_up_topic(follow_up: FollowUpId) -> str:
    return f"follow_up:{follow_up}"


def notification_topic(reference: str) -> str:
    return f"notification:{reference}"


class ChangeBus:
    """Pokes whoever looks at a topic: in this process at once, in other replicas through LISTEN/NOTIFY (PostgreSQL)."""

    def __init__(self, database: Database, *, reread_seconds: float = _REREAD_SECONDS) -> None:
        self._database = database
        self._reread_seconds = reread_seconds
        self._subscribers: dict[str, set[asyncio.Event]] = defaultdict(set)
        self._listener: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listen to other replicas, where the database can tell of them."""
        if not self._database.is_sqlite:
            self._listener = asyncio.create_task(self._listen(), name="invito change listener")

    async def stop(self) -> None:
        await end(self._listener)

    @contextlib.asynccontextmanager
    async def subscribe(self, topic: str) -> AsyncIterator[AsyncIterator[None]]:
        """Pokes on a topic, and one every few seconds besides, since the bus may lose any."""
        poked = asyncio.Event()
        self._subscribers[topic].add(poked)
        try:
            yield self._pokes(poked)
        finally:
            self._subscribers[topic].discard(poked)
            if not self._subscribers[topic]:
                del self._subscribers[topic]

    async def tell(self, topics: Iterable[str]) -> None:
        """Poke the topics' subscribers, here and elsewhere, the first topic first.

        Called after commit; what fails here fails nobody.
        """
        told = list(topics)
        for topic in told:
            self._poke(topic)
        if self._database.is_sqlite or not told:
            return
        try:
            async with self._database.write() as connection:
                for payload in _payloads(told):
                    await connection.execute(
                        text("SELECT pg_notify(:channel, :payload)"), {"channel": _CHANNEL, "payload": payload}
                    )
        except Exception as failure:  # a lost poke is made good by the next re-read
            log.warning("change notification lost", error=type(failure).__name__)

    async def _pokes(self, poked: asyncio.Event) -> AsyncIterator[None]:
        while True:
            await poked_within(poked, self._reread_seconds)
            poked.clear()
            yield

    def _poke(self, topic: str) -> None:
        for poked in self._subscribers.get(topic, ()):
            poked.set()

    def _poke_all(self, payload: str) -> None:
        for topic in payload.split("\n"):
            self._poke(topic)

    async def _listen(self) -> None:
        while True:
            try:
                await self._listen_until_lost()
            except asyncio.CancelledError:
                raise
            except Exception as failure:  # the database may be away for a while
                log.warning("change listener lost its connection", error=type(failure).__name__)
            for topic in list(self._subscribers):
                self._poke(topic)
            await asyncio.sleep(_RECONNECT_SECONDS)

    async def _listen_until_lost(self) -> None:
        lost = asyncio.Event()
        async with self._database.engine.connect() as connection:
            raw = await connection.get_raw_connection()
            driver = cast(_AsyncpgConnection, raw.driver_connection)
            driver.add_termination_listener(lambda _: lost.set())
            await driver.add_listener(_CHANNEL, lambda _connection, _pid, _channel, payload: self._poke_all(payload))
            try:
                await lost.wait()
            finally:
                await connection.invalidate()


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
