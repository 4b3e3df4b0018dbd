"""The worker that understands mails and lets them act, one after the other, in the order in which they came."""

import asyncio
from datetime import timedelta

import structlog

from invito.services.background import end, poked_within
from invito.services.house import House
from invito.services.inbox.attempts import MOST_ATTEMPTS, give_back, set_aside
from invito.services.inbox.repository import ReceivedMail, claim_one
from invito.services.inbox.taking_in import take_in
from invito.services.inbox.understanding_pool import UnderstandingPool
from invito.services.itip.understood import UnderstoodMail
from invito.services.storage.faults import is_of_the_machine

_LOOK_AGAIN_SECONDS = 5.0
_LEASE = timedelta(minutes=2)

log = structlog.get_logger(__name__)


class InboxProcessor:
    """Looks for mails when it is poked, and every few seconds; several processes share the work by claiming rows.

    A mail over which it fails is tried again once its claim has run out, and set aside after a few attempts.
    """

    def __init__(
        self, house: House, *, lease: timedelta = _LEASE, look_again_seconds: float = _LOOK_AGAIN_SECONDS
    ) -> None:
        self._house = house
        self._lease, self._look_again_seconds = lease, look_again_seconds
        self._pool = UnderstandingPool()
        self._task: asyncio.Task[None] | None = None

    def start(self, *, expects_mail: bool = False) -> None:
        """`expects_mail`: be ready for the first one, rather than spare what that takes until one comes."""
        self._task = asyncio.create_task(self._run(expects_mail), name="invito inbox processor")

    async def stop(self) -> None:
        await end(self._task)
        self._pool.close()

    async def _run(self, expects_mail: bool) -> None:
        while True:
            try:
                if expects_mail:
                    await self._pool.prepare()
                    expects_mail = False
                while (received := await self._claim()) is not None:
                    await self._take(received)
            except Exception as failure:  # the database may be away for a while
                log.warning("received mails wait", error=type(failure).__name__)
            await self._poked()

    async def _take(self, received: ReceivedMail) -> None:
        """
        :raises Exception: the machine failed: the mail is as if it had not been claimed.
        """
        understood = None
        try:
            if received.attempts > MOST_ATTEMPTS:
                # Whoever claimed it so often ended without a word.
                await set_aside(self._house, received, None, None)
                return
            understood = await self._pool.understand(received.raw)
            await take_in(self._house, received, understood)
        except Exception as problem:
            if is_of_the_machine(problem):
                await self._give_back(received)
                raise
            await self._failed(received, understood, problem)

    async def _failed(self, received: ReceivedMail, understood: UnderstoodMail | None, problem: Exception) -> None:
        log.warning("a mail failed", mail=received.id, attempt=received.attempts, error=type(problem).__name__)
        if received.attempts >= MOST_ATTEMPTS:
            await set_aside(self._house, received, understood, problem)

    async def _give_back(self, received: ReceivedMail) -> None:
        """Once that can be written down: nothing else can be done before either."""
        while True:
            try:
                return await give_back(self._house, received)
            except Exception as failure:
                log.warning("received mails wait", error=type(failure).__name__)
                await self._poked()

    async def _poked(self) -> None:
        await poked_within(self._house.inbox_poked, self._look_again_seconds)
        self._house.inbox_poked.clear()

    async def _claim(self) -> ReceivedMail | None:
        async with self._house.database.write() as connection:
            return await claim_one(connection, self._lease)
