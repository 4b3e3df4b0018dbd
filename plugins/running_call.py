"""A call under way, by which whatever runs on its behalf is known."""

import asyncio
from contextvars import ContextVar
from typing import Any

from invito.plugins.call_threads import CallThreads
from invito.plugins.circuit_breaker import Circuits
from invito.plugins.failures import has_stalled
from invito.plugins.loop_watchdog import LoopWatchdog


class RunningCall:
    """One call of a plugin's method or hook. `tasks` are those started on its behalf, its own first.

    `was_made`: it had its turn, so that the plugin has what it was handed, whatever comes of it.
    """

    __slots__ = ("_circuits", "_name", "has_ended", "has_stalled", "plugin", "tasks", "threads", "was_made", "watchdog")

    def __init__(
        self, plugin: str, circuits: Circuits, name: str, watchdog: LoopWatchdog, threads: CallThreads
    ) -> None:
        self.plugin, self._name, self.watchdog, self.threads = plugin, name, watchdog, threads
        self._circuits = circuits
        self.tasks: list[asyncio.Task[Any]] = []
        self.was_made = self.has_stalled = self.has_ended = False

    @property
    def function(self) -> str:
        """The method with its source, or the hook."""
        return f"{self._circuits.owner}.{self._name}" if self._circuits.owner else self._name

    def stalled(self, seconds: float) -> None:
        """It kept the loop to itself for so long, which opens its breaker."""
        self.has_stalled = True
        self._circuits.trip(self._name, has_stalled(seconds))


# Tasks have the context of whoever started them.
current_call: ContextVar[RunningCall | None] = ContextVar("invito_plugin_call", default=None)
