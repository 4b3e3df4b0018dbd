"""The plugins of one running Invito: what services ask of them."""

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import structlog

from invito.plugins.circuit_breaker import Circuits, Clock, SourceHealth
from invito.plugins.contract import UnknownContainer
from invito.plugins.contract_version import check_contract
from invito.plugins.discovery import FoundPlugin, MissingPlugin
from invito.plugins.failures import PluginClash, PluginError
from invito.plugins.limits import BUILT_IN, PluginLimits
from invito.plugins.loop_watchdog import LoopWatchdog
from invito.plugins.plugin_calls import PluginCalls
from invito.plugins.plugin_context import PluginContext
from invito.plugins.plugin_facts import LoadedSource, PluginFacts, facts_of
from invito.plugins.plugin_hooks import PluginHooks
from invito.plugins.plugin_lifecycle import PluginLifecycle
from invito.plugins.plugin_registry import PluginRegistry
from invito.plugins.plugin_settings import read_plugin_settings, settings_model_of

T = TypeVar("T")

log = structlog.get_logger(__name__)


class PluginManager:
    """Loads plugins, asks their sources, and has their hooks called (`hooks`).

    `limits` are those of all plugins but the built-in ones; `directory` is the read interface that their contexts hand
    on; `now` is the clock that breakers go by, in seconds.
    """

    def __init__(
        self, limits: PluginLimits | None = None, directory: object = None, now: Clock = time.monotonic
    ) -> None:
        self.limits = limits or PluginLimits()
        self.contexts: dict[str, PluginContext[Any]] = {}
        self.missing: dict[str, str] = {}
        self._directory = directory
        self._now = now
        self._registry = PluginRegistry()
        self._watchdog = LoopWatchdog(self.limits.stall_seconds)
        self._calls: dict[str, PluginCalls] = {}
        self._hook_circuits: dict[str, Circuits] = {}
        self._source_circuits: dict[str, Circuits] = {}
        self.hooks = PluginHooks(self._registry, self._calls, self._hook_circuits)
        self._lifecycle = PluginLifecycle(self.hooks, self._calls, self.contexts, self.limits)

    def load(self, plugins: Iterable[object], *, built_in: bool = False) -> None:
        """Register plugins and take in the sources that they bring.

        :raises PluginError: one of them cannot be loaded as it is; those before it are.
        """
        for plugin in plugins:
            self._take(plugin, facts_of(plugin, built_in=built_in))

    def load_found(self, found: Iterable[FoundPlugin | MissingPlugin]) -> None:
        """Likewise those that were found. One that nobody named is left out where it cannot be loaded: its name and
        why are in `missing`.

        :raises PluginError: one that was named cannot be loaded, or two claim the same.
        """
        for one in found:
            try:
                if isinstance(one, MissingPlugin):
                    raise PluginError(one.message)
                self._take(one.plugin, PluginFacts(one.name, one.version, one.summary, is_built_in=False))
            except PluginError as problem:
                if one.is_named or isinstance(problem, PluginClash):
                    raise
                log.warning("plugin left out", plugin=one.name, problem=str(problem))
                self.missing[one.name] = str(problem)

    def _take(self, plugin: object, facts: PluginFacts) -> None:
        check_contract(facts.name, plugin)
        context = self._context_of(plugin, facts)
        self._registry.register(plugin, facts, context)
        limits = BUILT_IN if facts.is_built_in else self.limits
        self.contexts[facts.name] = context
        self._calls[facts.name] = PluginCalls(facts.name, limits, self._watchdog)
        self._hook_circuits[facts.name] = Circuits(limits, now=self._now)
        for key, loaded in self.sources.items():
            if loaded.plugin is facts:
                self._source_circuits[key] = Circuits(limits, key, self._now)

    def _context_of(self, plugin: object, facts: PluginFacts) -> PluginContext[Any]:
        model = settings_model_of(facts.name, plugin)
        settings = None if model is None else read_plugin_settings(facts.name, model)
        logger = structlog.get_logger("invito.plugin").bind(plugin=facts.name)
        return PluginContext(facts.name, settings, logger, self._directory)

    async def start(self, patience_seconds: float | None = None) -> None:
        """Have the plugins open what they keep. One that cannot, or takes longer than that, is asked nothing meanwhile;
        it goes on or is tried again beside everything else.
        """
        await self._lifecycle.start(patience_seconds)

    async def stop(self) -> None:
        """Have the plugins close what they keep."""
        await self._lifecycle.stop()

    def close(self) -> None:
        """Let the plugins' threads go; a call that hangs is waited for neither here nor at the end of the process."""
        self._watchdog.close()
        for calls in self._calls.values():
            calls.close()

    @property
    def plugins(self) -> Mapping[str, PluginFacts]:
        """All plugins by name, in the order in which they were loaded."""
        return self._registry.plugins

    @property
    def sources(self) -> Mapping[str, LoadedSource]:
        """All sources by key, in the order in which they were brought."""
        return self._registry.sources.by_key

    @property
    def listed_directories(self) -> frozenset[str]:
        """The directories of the references that any source may list."""
        return self._registry.sources.listed_directories

    def source_of(self, reference: str) -> LoadedSource | None:
        """The source that resolves this reference, by its directory."""
        return self._registry.sources.of_directory(reference.partition(":")[0])

    def source_key_of(self, reference: str) -> str | None:
        """The key of that source; None for a typed e-mail address, and where the plugin is gone."""
        loaded = self.source_of(reference)
        return None if loaded is None else loaded.source.key

    def present_key(self, key: str) -> str:
        """The key of a source, or of the one that stands in for it now."""
        return self._registry.sources.present_key(key)

    def call_seconds_of(self, loaded: LoadedSource) -> float:
        """How long a call of this source may take."""
        return self._calls[loaded.plugin.name].limits.call_seconds

    def health_of(self, source: str) -> SourceHealth:
        """How the last calls of the source of this key went; before its plugin has started, it is asked nothing."""
        is_asked = self._is_asked(self.sources[source].plugin.name)
        return self._source_circuits[source].health if is_asked else SourceHealth.UNAVAILABLE

    def health_of_plugin(self, plugin: str) -> SourceHealth:
        """How the last calls of the hooks and the sources of the plugin of this name went, the worst of them.

        One that has not started is asked nothing.
        """
        if not self._is_asked(plugin):
            return SourceHealth.UNAVAILABLE
        sources = [key for key, loaded in self.sources.items() if loaded.plugin.name == plugin]
        healths = {self._hook_circuits[plugin].health, *map(self.health_of, sources)}
        return next(one for one in (SourceHealth.UNAVAILABLE, SourceHealth.DEGRADED, SourceHealth.OK) if one in healths)

    def open_breakers_of(self, plugin: str) -> int:
        """How many hooks of the plugin of this name, and methods of its sources, are left alone for a while."""
        sources = [key for key, loaded in self.sources.items() if loaded.plugin.name == plugin]
        return self._hook_circuits[plugin].open + sum(self._source_circuits[key].open for key in sources)

    def _is_asked(self, plugin: str) -> bool:
        return self._calls[plugin].waits_for is None

    def hooks_of(self, plugin: PluginFacts) -> list[str]:
        """The names of the hooks that a plugin implements."""
        return self._registry.hooks_of(plugin.name)

    async def ask(
        self, loaded: LoadedSource, method: str, arguments: tuple[object, ...], check: Callable[[Any], T]
    ) -> T:
        """What a source's method answers, as `check` hands it on.

        :raises PluginFailure: it raised, was too slow, answered what is wrong, or is left alone at the moment.
        :raises UnknownContainer: the one thing that `participants` may raise.
        """
        may_raise = UnknownContainer if method == "participants" else ()
        circuits = self._source_circuits[loaded.source.key]
        calls = self._calls[loaded.plugin.name]
        return await calls.call(circuits, method, getattr(loaded.source, method), arguments, check, may_raise)
