"""Who looks at which topic in this process, and the listener that hears of the other replicas' changes."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable

import structlog

from invito.services.background import end, poked_within
from invito.services.changes.relay import Relay

_REREAD_SECONDS = 5.0
_RECONNECT_SECONDS = 1.0

log = structlog.get_logger(__name__)


class ChangeBus:
    """Pokes whoever looks at a topic; without a relay there are no other replicas."""

    def __init__(self, relay: Relay | None = None, *, reread_seconds: float = _REREAD_SECONDS) -> None:
        self._relay = relay
        self._reread_seconds = reread_seconds
        self._subscribers: dict[str, set[asyncio.Event]] = defaultdict(set)
        self._listener: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listen to the other replicas."""
        if self._relay is not None:
            self._listener = asyncio.create_task(self._listen(self._relay), name="invito change listener")

    async def stop(self) -> None:
        await end(self._listener)
        if self._relay is not None:
            await self._relay.close()

    @contextlib.asynccontextmanager
    async def subscribe(self, *topics: str) -> AsyncIterator[AsyncIterator[None]]:
        """Pokes on any of the topics, and one every few seconds besides, since the bus may lose any."""
        poked = asyncio.Event()
        for topic in topics:
            self._subscribers[topic].add(poked)
        try:
            yield self._pokes(poked)
        finally:
            for topic in topics:
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
        if self._relay is None or not told:
            return
        try:
            await self._relay.tell(told)
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

    async def _listen(self, relay: Relay) -> None:
        while True:
            try:
                await relay.listen(self._poke)
            except asyncio.CancelledError:
                raise
            except Exception as failure:  # it may be away for a while
                log.warning("change listener lost its connection", error=type(failure).__name__)
            for topic in list(self._subscribers):
                self._poke(topic)
            await asyncio.sleep(_RECONNECT_SECONDS)
