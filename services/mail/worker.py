"""The worker that sends what waits in the outbox; several of them, in as many processes, share one (F17–F19)."""

import asyncio
from contextlib import suppress
from datetime import timedelta

import structlog

from invito.services.background import poked_within
from invito.services.house import House
from invito.services.mail.building import Delivery, prepared
from invito.services.mail.delivering import Term, deliver
from invito.services.mail.delivery_queue import claim_ready, give_back
from invito.services.mail.own_servers import OwnServers
from invito.services.mail.passed_over import PassedOver
from invito.services.mail.result_book import ResultBook
from invito.services.mail.routes import MailRoutes

_LEASE = timedelta(minutes=15)
# More than a server takes at once, so that some are handed over while others are written down.
_AT_ONCE = 12
# So that what is claimed and read together costs little of each, and a worker that ends holds up few.
_MOST_CLAIMED = 20
_LOOK_AGAIN_SECONDS = 5.0
_GRACE_SECONDS = 10.0

log = structlog.get_logger(__name__)


class MailWorker:
    """Looks for mails when the outbox is poked, and every few seconds; `at_once` of them go out side by side.

    `most_claimed` of them are claimed, read and built together. A slow server of viewers' own mailboxes holds a part
    of them alone, so that others' mails pass it.
    """

    def __init__(
        self,
        house: House,
        routes: MailRoutes,
        *,
        lease: timedelta = _LEASE,
        at_once: int = _AT_ONCE,
        most_claimed: int = _MOST_CLAIMED,
        look_again_seconds: float = _LOOK_AGAIN_SECONDS,
    ) -> None:
        self._house = house
        self._routes = routes
        self._lease = lease
        self._look_again_seconds = look_again_seconds
        self._most_claimed = most_claimed
        self._book = ResultBook(house)
        self._room = asyncio.Semaphore(at_once)
        self._own_servers = OwnServers(at_once)
        self._passed = PassedOver()
        self._deliveries: set[asyncio.Task[None]] = set()
        self._task: asyncio.Task[None] | None = None
        self._is_ending = False

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="invito mail worker")

    async def stop(self) -> None:
        """Take no new mails, and end when those that are going out are written down."""
        self._is_ending = True
        self._house.outbox_poked.set()
        self._room.release()  # whoever waits for room is to see that
        if self._task is not None:
            await _end({self._task})
        await _end(self._deliveries)
        await self._routes.close()

    async def _run(self) -> None:
        while not self._is_ending:
            self._house.outbox_poked.clear()
            try:
                while await self._take_some():
                    pass
            except Exception as failure:  # the database may be away for a while
                log.warning("mail waits", error=type(failure).__name__)
            await poked_within(self._house.outbox_poked, self._look_again_seconds)

    async def _take_some(self) -> bool:
        """Claim what is ready, and send it as there is room; whether there was any."""
        # Nothing is claimed before it can go out.
        if not await self._has_room():
            return False
        self._room.release()
        term = Term.beginning(self._lease)
        mails = await claim_ready(self._house, self._lease, self._most_claimed, self._own_servers.room, self._passed)
        for mail in mails:
            self._own_servers.take(mail.own_server)
        begun = 0
        try:
            # What waits for room longer than this can no longer be sent within half its lease.
            with suppress(TimeoutError):
                async with asyncio.timeout_at(term.send_until):
                    for delivery in await prepared(self._house, mails) if mails else ():
                        if not await self._has_room():
                            break
                        self._begin(delivery, term)
                        begun += 1
            if begun < len(mails):
                await give_back(self._house, mails[begun:])
                self._passed.forget()
        finally:
            for mail in mails[begun:]:
                self._own_servers.let_go(mail.own_server)
        return bool(mails)

    async def _has_room(self) -> bool:
        """Once there is room for a delivery; False where the worker ends meanwhile."""
        await self._room.acquire()
        return not self._is_ending

    def _begin(self, delivery: Delivery, term: Term) -> None:
        task = asyncio.create_task(self._deliver(delivery, term), name=f"invito mail {delivery.mail.id}")
        self._deliveries.add(task)
        task.add_done_callback(self._deliveries.discard)

    async def _deliver(self, delivery: Delivery, term: Term) -> None:
        try:
            await deliver(self._house, self._routes, self._book, delivery, term)
        except Exception as failure:  # the claim runs out, and the mail is sent again
            log.warning("mail stays claimed", mail=delivery.mail.id, error=type(failure).__name__)
        finally:
            self._room.release()
            self._own_servers.let_go(delivery.mail.own_server)
            # The next mail to the same invitee may be waiting behind this one.
            self._house.outbox_poked.set()


async def _end(tasks: set[asyncio.Task[None]]) -> None:
    """Wait for these, but not forever: a mail that is cut off is sent again once its claim has run out."""
    if tasks:
        _, late = await asyncio.wait(tasks, timeout=_GRACE_SECONDS)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
