"""The plugins of one running Invito: what services ask of them."""

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from invito.plugins.circuit_breaker import Circuits, Clock, SourceHealth
from invito.plugins.contract import UnknownContainer
from invito.plugins.limits import BUILT_IN, PluginLimits
from invito.plugins.loop_watchdog import LoopWatchdog
from invito.plugins.plugin_calls import PluginCalls
from invito.plugins.plugin_facts import LoadedSource, PluginFacts
from invito.plugins.plugin_hooks import PluginHooks
from invito.plugins.plugin_registry import PluginRegistry

T = TypeVar("T")


class PluginManager:
    """Loads plugins, asks their sources, and has their hooks called (`hooks`).

    `limits` are those of all plugins but the built-in ones; `now` is the clock that breakers go by, in seconds.
    """

    def __init__(self, limits: PluginLimits | None = None, now: Clock = time.monotonic) -> None:
        self.limits = limits or PluginLimits()
        self._now = now
        self._registry = PluginRegistry()
        self._watchdog = LoopWatchdog(self.limits.stall_seconds)
        self._calls: dict[str, PluginCalls] = {}
        self._hook_circuits: dict[str, Circuits] = {}
        self._source_circuits: dict[str, Circuits] = {}
        self.hooks = PluginHooks(self._registry, self._calls, self._hook_circuits)

    def load(self, plugins: Iterable[object], *, built_in: bool = False) -> None:
        """Register plugins and take in the sources that they bring.

        :raises PluginError: one of them cannot be loaded as it is; those before it are.
        """
        limits = BUILT_IN if built_in else self.limits
        for plugin in plugins:
            facts = self._registry.register(plugin, built_in=built_in)
            self._calls[facts.name] = PluginCalls(facts.name, limits, self._watchdog)
            self._hook_circuits[facts.name] = Circuits(limits, now=self._now)
            for key, loaded in self.sources.items():
                if loaded.plugin is facts:
                    self._source_circuits[key] = Circuits(limits, key, self._now)

    def close(self) -> None:
        """Let the plugins' threads go; a call that hangs is waited for neither here nor at the end of the process."""
        self._watchdog.close()
        for calls in self._calls.values():
            calls.close()

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
        """How the last calls of the source of this key went."""
        return self._source_circuits[source].health

    def health_of_hooks(self, plugin: str) -> SourceHealth:
        """How the last calls of the hooks of the plugin of this name went."""
        return self._hook_circuits[plugin].health

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
