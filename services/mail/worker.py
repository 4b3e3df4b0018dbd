"""The worker that sends what waits in the outbox; several of them, in as many processes, share one (F17–F19)."""

import asyncio
from datetime import timedelta

import structlog

from invito.services.background import poked_within
from invito.services.house import House
from invito.services.mail.delivering import deliver
from invito.services.mail.delivery_queue import claim_next
from invito.services.mail.routes import MailRoutes
from invito.services.mail.values import ClaimedMail

_LEASE = timedelta(minutes=15)
_AT_ONCE = 4
_LOOK_AGAIN_SECONDS = 5.0
_GRACE_SECONDS = 10.0

log = structlog.get_logger(__name__)


class MailWorker:
    """Looks for mails when the outbox is poked, and every few seconds; `at_once` of them go out side by side."""

    def __init__(
        self,
        house: House,
        routes: MailRoutes,
        *,
        lease: timedelta = _LEASE,
        at_once: int = _AT_ONCE,
        look_again_seconds: float = _LOOK_AGAIN_SECONDS,
    ) -> None:
        self._house = house
        self._routes = routes
        self._lease = lease
        self._look_again_seconds = look_again_seconds
        self._free = asyncio.Semaphore(at_once)
        self._deliveries: set[asyncio.Task[None]] = set()
        self._task: asyncio.Task[None] | None = None
        self._is_ending = False

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="invito mail worker")

    async def stop(self) -> None:
        """Take no new mails, and end when those that are going out are written down."""
        self._is_ending = True
        self._house.outbox_poked.set()
        if self._task is not None:
            await _end({self._task})
        await _end(self._deliveries)
        await self._routes.close()

    async def _run(self) -> None:
        while not self._is_ending:
            self._house.outbox_poked.clear()
            try:
                while await self._take_one():
                    pass
            except Exception as failure:  # the database may be away for a while
                log.warning("mail waits", error=type(failure).__name__)
            await poked_within(self._house.outbox_poked, self._look_again_seconds)

    async def _take_one(self) -> bool:
        await self._free.acquire()
        try:
            mail = None if self._is_ending else await claim_next(self._house, self._lease)
        except BaseException:
            self._free.release()
            raise
        if mail is None:
            self._free.release()
            return False
        delivery = asyncio.create_task(self._deliver(mail), name=f"invito mail {mail.id}")
        self._deliveries.add(delivery)
        delivery.add_done_callback(self._deliveries.discard)
        return True

    async def _deliver(self, mail: ClaimedMail) -> None:
        try:
            await deliver(self._house, self._routes, mail, self._lease)
        except Exception as failure:  # the claim runs out, and the mail is sent again
            log.warning("mail stays claimed", mail=mail.id, error=type(failure).__name__)
        finally:
            self._free.release()
            # The next mail to the same invitee may be waiting behind this one.
            self._house.outbox_poked.set()


async def _end(tasks: set[asyncio.Task[None]]) -> None:
    """Wait for these, but not forever: a mail that is cut off is sent again once its claim has run out."""
    if tasks:
        _, late = await asyncio.wait(tasks, timeout=_GRACE_SECONDS)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
