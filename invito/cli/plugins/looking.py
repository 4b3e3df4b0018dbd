"""What the commands about plugins look at: all of them loaded and started, and their sources tried."""

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from invito.cli.plugin_option import with_plugins
from invito.cli.ready_house import ready_house
from invito.log_lines import log_to_stderr
from invito.opening import warn_of_blocked_names
from invito.plugins.circuit_breaker import SourceHealth
from invito.plugins.contract import ContainerQuery, PageRequest
from invito.plugins.plugin_facts import LoadedSource
from invito.services.caller import Asker
from invito.services.house import House
from invito.services.source_desk import SourceFailed
from invito.settings import read_settings

_ONE = ContainerQuery(PageRequest(1))


@dataclass(frozen=True, slots=True)
class Trial:
    """A source that was asked for one container: how long that took, in seconds, or what failed."""

    key: str
    seconds: float
    failure: str | None = None


@asynccontextmanager
async def house_with_plugins(demo: bool, plugins: Sequence[str] | None) -> AsyncIterator[House]:
    """The house as `invito serve` would open it.

    :raises DatabaseNotReady: there is no database for the built-in sources to read.
    :raises PluginError: a plugin that was named cannot be loaded.
    """
    log_to_stderr()
    settings = read_settings()
    settings = with_plugins(settings.for_demo() if demo else settings, plugins)
    warn_of_blocked_names(settings)
    async with ready_house(settings) as house:
        yield house


async def trials_of(house: House, plugin: str) -> list[Trial]:
    """Each source of the plugin, asked once."""
    sources = [loaded for loaded in house.plugins.sources.values() if loaded.plugin.name == plugin]
    return [await _trial(house, loaded) for loaded in sources]


def health_in_words(health: SourceHealth, trials: Sequence[Trial]) -> str:
    if any(trial.failure for trial in trials):
        return "fails"
    return {SourceHealth.OK: "good", SourceHealth.DEGRADED: "fails at times", SourceHealth.UNAVAILABLE: "fails"}[health]


async def _trial(house: House, loaded: LoadedSource) -> Trial:
    asker = Asker(None, house.rules.language, house.rules.time_zone)
    began = time.perf_counter()
    try:
        await house.desk.containers(asker, loaded, _ONE)
    except SourceFailed as problem:
        return Trial(loaded.source.key, time.perf_counter() - began, str(problem))
    return Trial(loaded.source.key, time.perf_counter() - began)
