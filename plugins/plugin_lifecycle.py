"""Starting and stopping plugins: what they open and close (`invito_startup`, `invito_shutdown`)."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import structlog

from invito.plugins.failures import PluginFailure, has_not_started, is_starting
from invito.plugins.limits import PluginLimits
from invito.plugins.plugin_calls import PluginCalls
from invito.plugins.plugin_context import PluginContext
from invito.plugins.plugin_hooks import PluginHooks, anything
from invito.plugins.plugin_registry import Implementation

_STARTUP, _SHUTDOWN = "invito_startup", "invito_shutdown"

# What lacks but a moment, as a server that is starting itself, is not left out for a whole rest.
_FIRST_REST_SECONDS = 1.0

log = structlog.get_logger(__name__)


class PluginLifecycle:
    """One that has not started is asked nothing; one that fails to is started again until it succeeds.

    After a second first, and then after twice as long each time, up to the rest that failures have.
    """

    def __init__(
        self,
        hooks: PluginHooks,
        calls: Mapping[str, PluginCalls],
        contexts: Mapping[str, PluginContext[Any]],
        limits: PluginLimits,
    ) -> None:
        self._hooks, self._calls, self._contexts, self._limits = hooks, calls, contexts, limits
        self._starts: list[asyncio.Task[None]] = []

    async def start(self, patience_seconds: float | None = None) -> None:
        """Start all that want to be, at once, and wait until each has or cannot, or no longer than that.

        What takes longer, or fails and is tried again, goes on beside everything else.
        """
        firsts = []
        for one in self._hooks.registry.implementations(_STARTUP):
            self._calls[one.plugin.name].waits_for = is_starting()
            first = asyncio.get_running_loop().create_future()
            start = self._start_until_it_has(one, first)
            self._starts.append(asyncio.create_task(start, name=f"invito start {one.plugin.name}"))
            firsts.append(first)
        if firsts:
            await asyncio.wait(firsts, timeout=patience_seconds)

    async def stop(self) -> None:
        """Stop all that were started, the last one first."""
        for start in self._starts:
            start.cancel()
            with suppress(asyncio.CancelledError):
                await start
        for one in self._hooks.registry.implementations(_SHUTDOWN):
            if self._calls[one.plugin.name].waits_for is None:
                with suppress(PluginFailure):  # which the call has logged
                    await self._hooks.call(one, {}, anything)

    async def _start_until_it_has(self, one: Implementation, first: "asyncio.Future[None]") -> None:
        """`first` is told when it was tried once."""
        has_started = await self._start(one)
        first.set_result(None)
        rest = _FIRST_REST_SECONDS
        while not has_started:
            await asyncio.sleep(min(rest, self._limits.rest_seconds))
            rest = min(2 * rest, self._limits.rest_seconds)
            has_started = await self._start(one)
        log.info("plugin started", plugin=one.plugin.name)

    async def _start(self, one: Implementation) -> bool:
        calls = self._calls[one.plugin.name]
        arguments = {"context": self._contexts[one.plugin.name]}
        try:
            await self._hooks.call(one, arguments, anything, needs_start=False, seconds=self._limits.start_seconds)
        except PluginFailure as failure:
            calls.waits_for = has_not_started(failure.cause)
            return False
        calls.waits_for = None
        return True
