"""Plugins are started before they are asked anything, again after a rest where they fail, and stopped at the end."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from invito.plugins.discovery import FoundPlugin
from invito.plugins.failures import PluginFailure
from invito.plugins.hookspecs import hookimpl
from invito.plugins.limits import PluginLimits
from invito.plugins.plugin_context import PluginContext
from invito.plugins.plugin_manager import PluginManager

QUICK = PluginLimits(rest_seconds=0.01)


class Kept:
    """A plugin that opens and closes something; so many times at first it cannot."""

    def __init__(self, failures: int = 0) -> None:
        self.failures, self.calls = failures, list[str]()
        self.is_open = asyncio.Event()

    @hookimpl
    async def invito_startup(self, context: PluginContext[Any]) -> None:
        self.calls.append(f"start {context.name}")
        if self.failures:
            self.failures -= 1
            raise ConnectionError
        self.is_open.set()

    @hookimpl
    async def invito_shutdown(self) -> None:
        self.calls.append("stop")

    @hookimpl
    async def invito_follow_up_changed(self, event: object) -> None:
        self.calls.append("told")


async def tell(manager: PluginManager) -> Sequence[PluginFailure]:
    return await manager.hooks.tell("invito_follow_up_changed", "event")


async def test_a_plugin_is_started_told_and_stopped_in_this_order() -> None:
    manager, plugin = PluginManager(QUICK), Kept()
    manager.load_found([FoundPlugin("hotel", plugin)])

    await manager.start()
    failures = await tell(manager)
    await manager.stop()
    manager.close()

    assert failures == []
    assert plugin.calls == ["start hotel", "told", "stop"]


async def test_one_that_cannot_start_is_asked_nothing_until_it_could_and_spoils_no_other() -> None:
    manager, late, good = PluginManager(QUICK), Kept(failures=2), Kept()
    manager.load_found([FoundPlugin("late", late), FoundPlugin("good", good)])

    await manager.start()
    (failure,) = await tell(manager)
    async with asyncio.timeout(30):
        await late.is_open.wait()
    # The trial that opened it is over once it says so.
    while await tell(manager):  # each of which lets it go on
        pass
    await manager.stop()
    manager.close()

    assert (failure.plugin, str(failure)) == ("late", "has not started, since it failed (ConnectionError)")
    assert late.calls[:3] == ["start late"] * 3
    assert late.calls[-1] == "stop"
    assert "told" in good.calls


async def test_one_that_lacks_but_a_moment_does_not_wait_for_a_whole_rest() -> None:
    manager, plugin = PluginManager(PluginLimits(rest_seconds=86_400)), Kept(failures=1)
    manager.load_found([FoundPlugin("hotel", plugin)])

    await manager.start()
    async with asyncio.timeout(60):
        await plugin.is_open.wait()
    await manager.stop()
    manager.close()

    assert plugin.calls[:2] == ["start hotel"] * 2


async def test_nobody_waits_for_a_long_start_and_it_goes_on() -> None:
    class Slow(Kept):
        def __init__(self) -> None:
            super().__init__()
            self.may_go_on = asyncio.Event()

        @hookimpl
        async def invito_startup(self, context: PluginContext[Any]) -> None:
            await self.may_go_on.wait()
            await super().invito_startup(context)

    manager, plugin = PluginManager(PluginLimits(call_seconds=0.01, start_seconds=600)), Slow()
    manager.load_found([FoundPlugin("hotel", plugin)])

    await manager.start(patience_seconds=0.01)
    (failure,) = await tell(manager)
    plugin.may_go_on.set()
    async with asyncio.timeout(60):
        while await tell(manager):  # each of which lets it go on
            pass
    await manager.stop()
    manager.close()

    assert str(failure) == "is still being started"
    assert plugin.calls == ["start hotel", "told", "stop"]


async def test_a_start_that_takes_too_long_is_given_up() -> None:
    class Hanging(Kept):
        @hookimpl
        async def invito_startup(self, context: PluginContext[Any]) -> None:
            await asyncio.Event().wait()

    manager = PluginManager(PluginLimits(start_seconds=0.01, rest_seconds=600))
    manager.load_found([FoundPlugin("hotel", Hanging())])

    await manager.start()
    (failure,) = await tell(manager)
    await manager.stop()
    manager.close()

    assert str(failure) == "has not started, since it did not answer within 0.01 seconds"


async def test_one_that_never_started_is_not_stopped() -> None:
    manager, plugin = PluginManager(PluginLimits(rest_seconds=600)), Kept(failures=1)
    manager.load_found([FoundPlugin("hotel", plugin)])

    await manager.start()
    await manager.stop()
    manager.close()

    assert plugin.calls == ["start hotel"]


@pytest.mark.parametrize("problem", [RuntimeError, SystemExit])
async def test_one_that_fails_to_stop_holds_up_no_other(problem: type[BaseException]) -> None:
    class Failing(Kept):
        @hookimpl
        async def invito_shutdown(self) -> None:
            raise problem

    manager, good = PluginManager(QUICK), Kept()
    manager.load_found([FoundPlugin("good", good), FoundPlugin("failing", Failing())])

    await manager.start()
    await manager.stop()
    manager.close()

    assert good.calls == ["start good", "stop"]
