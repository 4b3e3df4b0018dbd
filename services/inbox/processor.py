"""The worker that understands mails and lets them act, one after the other, in the order in which they came."""

import asyncio
from datetime import timedelta

import structlog

from invito.services.background import end, poked_within
from invito.services.house import House
from invito.services.inbox.repository import ReceivedMail, claim_one
from invito.services.inbox.taking_in import take_in
from invito.services.inbox.understanding_pool import UnderstandingPool

_LOOK_AGAIN_SECONDS = 5.0
_LEASE = timedelta(minutes=2)

log = structlog.get_logger(__name__)


class InboxProcessor:
    """Looks for mails when it is poked, and every few seconds; several processes share the work by claiming rows."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._pool = UnderstandingPool()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="invito inbox processor")

    async def stop(self) -> None:
        await end(self._task)
        self._pool.close()

    async def _run(self) -> None:
        while True:
            try:
                while (received := await self._claim()) is not None:
                    await take_in(self._house, received, await self._pool.understand(received.raw))
            except Exception as failure:  # the database may be away for a while; the claim is given back in time
                log.warning("received mails wait", error=type(failure).__name__)
            await poked_within(self._house.inbox_poked, _LOOK_AGAIN_SECONDS)
            self._house.inbox_poked.clear()

    async def _claim(self) -> ReceivedMail | None:
        async with self._house.database.write() as connection:
            return await claim_one(connection, _LEASE)
