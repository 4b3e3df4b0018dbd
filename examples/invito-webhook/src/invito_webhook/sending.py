"""Makes the deliveries to one endpoint, so that a slow one holds up no other."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any

from invito_webhook.outbox import (
    Claimed,
    claim_next,
    give_up,
    is_delivered,
    mark_gone,
    put_off,
    release,
    seconds_until_due,
)
from invito_webhook.outbox_database import OutboxDatabase
from invito_webhook.pauses import pause_after
from invito_webhook.posting import Outcome, Poster, poster_to
from invito_webhook.settings import Endpoint, WebhookSettings

# Other replicas and the command line put deliveries in, too.
_LOOK_AGAIN_SECONDS = 5.0
_LEAST_SECONDS = 0.01
# Beside the request, for the database; a lease is twice as long as both.
_SPARE_SECONDS = 2.0


class EndpointSender:
    """Looks for deliveries when it is poked, when one is due, and every few seconds."""

    def __init__(self, endpoint: Endpoint, database: OutboxDatabase, settings: WebhookSettings, logger: Any) -> None:
        self.endpoint, self._database, self._settings = endpoint, database, settings
        self._log = logger.bind(endpoint=endpoint.name)
        self._lease = timedelta(seconds=2 * (settings.request_seconds + _SPARE_SECONDS))
        self._slots = asyncio.Semaphore(settings.requests_at_once)
        self._poked = asyncio.Event()
        self._under_way: dict[asyncio.Task[None], Claimed] = {}
        # Until when the endpoint wants nothing at all: it said so by Retry-After. An instant of the loop's clock.
        self._rests_until = 0.0

    def poke(self) -> None:
        """There may be something to post."""
        self._poked.set()

    async def run(self) -> None:
        """Until it is cancelled; what is under way then is left to be posted again."""
        async with poster_to(self.endpoint, self._settings.request_seconds) as poster:
            try:
                while True:
                    await self._slots.acquire()
                    if not await self._start_next(poster):
                        self._slots.release()
                        await self._wait()
            finally:
                await self._leave()

    async def _start_next(self, poster: Poster) -> bool:
        """Whether anything was due."""
        if self._rests_until > asyncio.get_running_loop().time():
            return False
        self._poked.clear()
        try:
            async with self._database.transaction() as connection:
                claimed = await claim_next(connection, self.endpoint.name, self._lease)
        except Exception as failure:  # the database may be away for a while
            self._log.warning("deliveries wait", problem=type(failure).__name__)
            return False
        if claimed is None:
            return False
        task = asyncio.create_task(self._deliver(poster, claimed), name=f"invito webhook {claimed.message_id}")
        self._under_way[task] = claimed
        task.add_done_callback(self._has_ended)
        return True

    def _has_ended(self, task: asyncio.Task[None]) -> None:
        self._under_way.pop(task, None)
        self._slots.release()
        # What comes behind it of the same follow-up may go now.
        self.poke()
        if not task.cancelled() and (failure := task.exception()) is not None:
            self._log.warning("delivery is to be repeated", problem=type(failure).__name__)

    async def _deliver(self, poster: Poster, claimed: Claimed) -> None:
        outcome = await poster.post(claimed.message_id, claimed.body)
        if outcome.wished_pause is not None:
            now = asyncio.get_running_loop().time()
            self._rests_until = max(self._rests_until, now + outcome.wished_pause.total_seconds())
        await self._write_down(claimed, outcome)

    async def _write_down(self, claimed: Claimed, outcome: Outcome) -> None:
        pause = max(pause_after(claimed.attempts, self._settings.first_pause), outcome.wished_pause or timedelta())
        async with self._database.transaction() as connection:
            if outcome.is_taken:
                became = "delivered"
                await is_delivered(connection, claimed, outcome)
            elif outcome.is_gone:
                became = "endpoint wants nothing more: `invito webhook resume` posts to it again"
                await mark_gone(connection, self.endpoint.name)
                await put_off(connection, claimed, outcome, timedelta())
            elif claimed.waited + pause > self._settings.give_up_after:
                became = "delivery given up"
                await give_up(connection, claimed, outcome)
            else:
                became = "delivery put off"
                await put_off(connection, claimed, outcome, pause)
        tell = self._log.debug if outcome.is_taken else self._log.warning
        tell(became, id=claimed.message_id, attempt=claimed.attempts, problem=outcome.problem)

    async def _wait(self) -> None:
        """Until it is poked or something is due. Being poked does not shorten a rest that the endpoint asked for."""
        rest = self._rests_until - asyncio.get_running_loop().time()
        if rest > 0:
            await asyncio.sleep(rest)
            return
        seconds = _LOOK_AGAIN_SECONDS
        with suppress(Exception):  # what is wrong with the database is said where deliveries are looked for
            async with self._database.transaction() as connection:
                due = await seconds_until_due(connection, self.endpoint.name)
            seconds = seconds if due is None else min(seconds, max(due, _LEAST_SECONDS))
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._poked.wait()

    async def _leave(self) -> None:
        """What was under way may have arrived: it is posted again under its id."""
        under_way = dict(self._under_way)
        for task in under_way:
            task.cancel()
        if under_way:
            await asyncio.wait(under_way)
            async with self._database.transaction() as connection:
                await release(connection, [claimed.claim for claimed in under_way.values()])
