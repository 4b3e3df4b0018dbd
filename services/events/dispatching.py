"""Tells the plugins of what happened, after commit, until each has been told; what a crash left untold too."""

import asyncio
from datetime import timedelta

import structlog

from invito.plugins.plugin_manager import PluginManager
from invito.services.background import end, poked_within
from invito.services.events.recording import HOOKS, ClaimedEvent, claim_events, forget_event, keep_event
from invito.services.storage.database import Database

_LOOK_AGAIN_SECONDS = 5.0
_AT_ONCE = 10
# What is left of a claim for the database, after all plugins took all the time that they may.
_SPARE = timedelta(minutes=1)
# A plugin that failed is told again: after so long at first, then twice as long each time, for about a day.
_FIRST_PAUSE = timedelta(seconds=2)
_LONGEST_PAUSE = timedelta(minutes=5)
_MOST_ATTEMPTS = 300
_MOST_DOUBLINGS = 10

log = structlog.get_logger(__name__)


class EventDispatcher:
    """Looks for events when it is poked, and every few seconds; several replicas share the work by claiming rows."""

    def __init__(self, database: Database, plugins: PluginManager) -> None:
        self._database = database
        self._plugins = plugins
        self._poked = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        if any(self._plugins.hooks.listens(hook) for hook in HOOKS):
            self._task = asyncio.create_task(self._run(), name="invito event dispatcher")

    async def stop(self) -> None:
        await end(self._task)

    def poke(self) -> None:
        """Something was committed that the plugins may want to know."""
        self._poked.set()

    async def _run(self) -> None:
        while True:
            try:
                while await self._dispatch_some():
                    pass
            except Exception as failure:  # the database may be away for a while
                log.warning("events wait", error=type(failure).__name__)
            await poked_within(self._poked, _LOOK_AGAIN_SECONDS)
            self._poked.clear()

    async def _dispatch_some(self) -> bool:
        async with self._database.write() as connection:
            claimed = await claim_events(connection, self._lease, _AT_ONCE)
        for one in claimed:
            failed = await self._plugins.hooks.tell(one.hook, one.event, one.owed_to)
            async with self._database.write() as connection:
                if failed and one.attempts + 1 < _MOST_ATTEMPTS:
                    await keep_event(connection, one, [failure.plugin for failure in failed], _pause_after(one))
                else:
                    await forget_event(connection, one.number)
            if failed:
                log.warning(
                    "plugins failed at an event",
                    hook=one.hook,
                    plugins=[failure.plugin for failure in failed],
                    attempt=one.attempts + 1,
                )
        return bool(claimed)

    @property
    def _lease(self) -> timedelta:
        """As long as all that is claimed can take: another replica would tell it again otherwise."""
        return _AT_ONCE * timedelta(seconds=self._plugins.limits.call_seconds) + _SPARE


def _pause_after(claimed: ClaimedEvent) -> timedelta:
    doubled: timedelta = _FIRST_PAUSE * 2 ** min(claimed.attempts, _MOST_DOUBLINGS)
    return min(doubled, _LONGEST_PAUSE)
