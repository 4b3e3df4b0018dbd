"""Tells the plugins of what happened, after commit, until each has been told; what a crash left untold too."""

import asyncio
from datetime import timedelta

import structlog

from invito.plugins.plugin_manager import PluginManager
from invito.services.background import end
from invito.services.events.recording import HOOKS, forget_old_events
from invito.services.events.telling import EventTeller
from invito.services.storage.database import Database

# What no plugin took is kept so long, and after a start for an hour: whoever was not running then is told first.
_KEPT_FOR = timedelta(days=1)
_SECONDS_BETWEEN_SWEEPS = 3_600.0

log = structlog.get_logger(__name__)


class EventDispatcher:
    """Has each plugin that listens here told by a task of its own, so that one that is slow or fails holds up no other.

    What other plugins are to be told of is left to the processes that have them.
    """

    def __init__(self, database: Database, plugins: PluginManager) -> None:
        self._database = database
        self._plugins = plugins
        self._tellers: list[EventTeller] = []
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        hooks = self._plugins.hooks
        listening = dict.fromkeys(plugin for hook in HOOKS for plugin in hooks.listeners(hook))
        self._tellers = [EventTeller(self._database, self._plugins, plugin) for plugin in listening]
        self._tasks = [
            *(asyncio.create_task(one.run(), name="invito event teller") for one in self._tellers),
            asyncio.create_task(self._forget_old_ones(), name="invito event sweeper"),
        ]

    async def stop(self) -> None:
        for task in self._tasks:
            await end(task)
        self._tellers, self._tasks = [], []

    def poke(self) -> None:
        """Something was committed that the plugins may want to know."""
        for teller in self._tellers:
            teller.poked.set()

    async def _forget_old_ones(self) -> None:
        while True:
            await asyncio.sleep(_SECONDS_BETWEEN_SWEEPS)
            try:
                async with self._database.write() as connection:
                    forgotten = await forget_old_events(connection, _KEPT_FOR)
            except Exception as failure:  # the database may be away for a while
                log.warning("old events are kept", error=type(failure).__name__)
                continue
            if forgotten:
                log.warning("events that no plugin took are forgotten", events=forgotten)
