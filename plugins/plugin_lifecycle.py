"""Starting and stopping plugins: what they open and close (`invito_startup`, `invito_shutdown`)."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import structlog

from invito.plugins.failures import PluginFailure, has_not_started
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
    """One that fails to start is asked nothing, and is started again until it succeeds.

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
        self._trials: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Start all that want to be, at once; what fails is tried again beside everything else."""
        starting = self._hooks.registry.implementations(_STARTUP)
        started = await asyncio.gather(*map(self._start, starting))
        for one, has_started in zip(starting, started, strict=True):
            if not has_started:
                self._trials.append(asyncio.create_task(self._try_again(one), name=f"invito start {one.plugin.name}"))

    async def stop(self) -> None:
        """Stop all that were started, the last one first."""
        for trial in self._trials:
            trial.cancel()
            with suppress(asyncio.CancelledError):
                await trial
        for one in self._hooks.registry.implementations(_SHUTDOWN):
            if self._calls[one.plugin.name].waits_for is None:
                with suppress(PluginFailure):  # which the call has logged
                    await self._hooks.call(one, {}, anything)

    async def _start(self, one: Implementation) -> bool:
        calls = self._calls[one.plugin.name]
        calls.waits_for = None
        try:
            await self._hooks.call(one, {"context": self._contexts[one.plugin.name]}, anything)
        except PluginFailure as failure:
            calls.waits_for = has_not_started(failure.cause)
            return False
        return True

    async def _try_again(self, one: Implementation) -> None:
        rest = _FIRST_REST_SECONDS
        while True:
            await asyncio.sleep(min(rest, self._limits.rest_seconds))
            rest = min(2 * rest, self._limits.rest_seconds)
            if await self._start(one):
                log.info("plugin started", plugin=one.plugin.name)
                return
