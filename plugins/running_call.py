"""A call under way, by which whatever runs on its behalf is known."""

import asyncio
from contextvars import ContextVar
from typing import Any

from invito.plugins.call_threads import CallThreads
from invito.plugins.circuit_breaker import Circuits
from invito.plugins.failures import has_stalled
from invito.plugins.loop_watchdog import LoopWatchdog


class RunningCall:
    """One call of a plugin's method, hook, route or resolver. `tasks` are those started on its behalf, its own first.

    `was_made`: it had its turn, so that the plugin has what it was handed, whatever comes of it. `is_given_up`: nobody
    waits for it any more, though it may not have ended.
    """

    __slots__ = (
        "_circuits", "_name", "deadline", "has_ended", "has_stalled", "is_given_up", "plugin", "tasks", "threads",
        "was_made", "watchdog",
    )  # fmt: skip

    def __init__(
        self, plugin: str, circuits: Circuits, name: str, watchdog: LoopWatchdog, threads: CallThreads
    ) -> None:
        self.plugin, self._name, self.watchdog, self.threads = plugin, name, watchdog, threads
        self._circuits = circuits
        self.deadline: asyncio.TimerHandle | None = None
        self.tasks: list[asyncio.Task[Any]] = []
        self.was_made = self.has_stalled = self.has_ended = self.is_given_up = False

    @property
    def function(self) -> str:
        """The method with its source, or the hook."""
        return f"{self._circuits.owner}.{self._name}" if self._circuits.owner else self._name

    def has_begun(self) -> None:
        """Its answer is under way, as that of a route which streams: it went well so far, what follows may last as long
        as it likes, and others have their turn.
        """
        if self.deadline is not None:
            self.deadline.cancel()
        self.threads.end()
        if not self.has_stalled:
            self._circuits.took(self._name, None, self)

    def stalled(self, seconds: float) -> None:
        """It kept the loop to itself for so long, which opens its breaker."""
        self.has_stalled = True
        self._circuits.trip(self._name, has_stalled(seconds))


# Tasks have the context of whoever started them.
current_call: ContextVar[RunningCall | None] = ContextVar("invito_plugin_call", default=None)
