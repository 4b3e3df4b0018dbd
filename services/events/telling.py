"""Tells one plugin of what happened, until it has taken it."""

import asyncio
from datetime import timedelta
from time import monotonic

import structlog

from invito.plugins.plugin_manager import PluginManager
from invito.services.background import poked_within
from invito.services.events.recording import (
    HOOKS,
    ClaimedEvent,
    UnreadableEvent,
    claim_events,
    event_of,
    forget_event,
    keep_event,
    put_back_events,
)
from invito.services.storage.database import Database

_LOOK_AGAIN_SECONDS = 5.0
_AT_ONCE = 10
# What is left of a claim for the database, after the plugin took all the time that it may.
_SPARE = timedelta(minutes=1)
# A plugin that failed is told again: after so long at first, then twice as long each time.
_FIRST_PAUSE = timedelta(seconds=2)
_LONGEST_PAUSE = timedelta(minutes=5)
_MOST_DOUBLINGS = 10

log = structlog.get_logger(__name__)


class EventTeller:
    """Looks for events of one plugin when it is poked, and every few seconds. Several replicas share the work by
    claiming rows.
    """

    def __init__(self, database: Database, plugins: PluginManager, plugin: str) -> None:
        self._database, self._plugins, self._plugin = database, plugins, plugin
        self._hooks = [hook for hook in HOOKS if plugin in plugins.hooks.listeners(hook)]
        # The hooks that the plugin is left alone with, and until when.
        self._resting: dict[str, float] = {}
        self.poked = asyncio.Event()

    async def run(self) -> None:
        while True:
            try:
                while await self.tell_some():
                    pass
            except Exception as failure:  # the database may be away for a while
                log.warning("events wait", plugin=self._plugin, error=type(failure).__name__)
            await poked_within(self.poked, _LOOK_AGAIN_SECONDS)
            self.poked.clear()

    async def tell_some(self) -> bool:
        """Tell of those that are the longest due; whether there were any."""
        hooks = [hook for hook in self._hooks if not self._rests(hook)]
        if not hooks:
            return False
        async with self._database.write() as connection:
            claimed = await claim_events(connection, self._plugin, hooks, self._lease, _AT_ONCE)
        left = [one for one in claimed if not await self._tell(one)]
        if left:
            async with self._database.write() as connection:
                await put_back_events(connection, left)
        return bool(claimed)

    async def _tell(self, one: ClaimedEvent) -> bool:
        """Whether it was tried to tell of it; not while the plugin is left alone with the hook."""
        if self._rests(one.hook):
            return False
        try:
            event = event_of(one)
        except UnreadableEvent as problem:
            log.warning("event of another version is set aside", hook=one.hook, event_id=one.number, why=str(problem))
            await self._keep(one, _LONGEST_PAUSE)
            return True
        failure = next(iter(await self._plugins.hooks.tell(one.hook, event, [self._plugin])), None)
        if failure is None:
            async with self._database.write() as connection:
                await forget_event(connection, one.number)
        elif not failure.was_called:
            self._resting[one.hook] = monotonic() + _LOOK_AGAIN_SECONDS
            return False
        else:
            log.warning("plugin failed at an event", hook=one.hook, plugin=self._plugin, attempt=one.attempts + 1)
            await self._keep(one, _pause_after(one))
        return True

    def _rests(self, hook: str) -> bool:
        return self._resting.get(hook, 0.0) > monotonic()

    async def _keep(self, one: ClaimedEvent, pause: timedelta) -> None:
        async with self._database.write() as connection:
            await keep_event(connection, one, pause)

    @property
    def _lease(self) -> timedelta:
        """As long as all that is claimed can take: another replica would tell it again otherwise."""
        return _AT_ONCE * timedelta(seconds=self._plugins.limits.call_seconds) + _SPARE


def _pause_after(claimed: ClaimedEvent) -> timedelta:
    doubled: timedelta = _FIRST_PAUSE * 2 ** min(claimed.attempts, _MOST_DOUBLINGS)
    return min(doubled, _LONGEST_PAUSE)
