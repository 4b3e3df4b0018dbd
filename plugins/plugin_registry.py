"""Which plugins there are: registered with pluggy, refused with a message where they cannot be called as they are."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pluggy

from invito.plugins import hookspecs
from invito.plugins.failures import PluginError, described
from invito.plugins.hook_checks import check_hooks
from invito.plugins.loaded_sources import LoadedSources
from invito.plugins.plugin_context import PluginContext
from invito.plugins.plugin_facts import PluginFacts


@dataclass(frozen=True, slots=True)
class Implementation:
    """One plugin's implementation of a hook, and the arguments that it wants."""

    plugin: PluginFacts
    hook: str
    function: Callable[..., object]
    argument_names: tuple[str, ...]


@dataclass(slots=True)
class PluginRegistry:
    """The plugins by name, and the sources that they brought."""

    plugins: dict[str, PluginFacts] = field(default_factory=dict)
    sources: LoadedSources = field(default_factory=LoadedSources)
    _pluggy: pluggy.PluginManager = field(default_factory=lambda: pluggy.PluginManager(hookspecs.PROJECT))

    def __post_init__(self) -> None:
        self._pluggy.add_hookspecs(hookspecs)

    def register(self, plugin: object, facts: PluginFacts, context: PluginContext[Any]) -> None:
        """Take a plugin in with its sources; one that is refused leaves nothing behind.

        :raises PluginClash: two sources claim one key or directory.
        :raises PluginError: there is no hook, one is misspelt or a wrapper, or its sources cannot be had.
        """
        check_hooks(facts.name, plugin, self._pluggy)
        sources = self.sources.copy()
        try:
            self._pluggy.register(plugin, name=facts.name)
        except (ValueError, pluggy.PluginValidationError) as problem:
            raise PluginError(f"Plugin {facts.name} cannot be loaded: {problem}") from problem
        try:
            self._check_hooks(plugin, facts)
            self._take_sources(plugin, facts, context)
        except BaseException:
            self._pluggy.unregister(plugin)
            self.sources = sources
            raise
        self.plugins[facts.name] = facts

    def implementations(self, hook: str) -> list[Implementation]:
        """Those of a hook in the order in which they are called: the last one that was loaded comes first."""
        found = reversed(getattr(self._pluggy.hook, hook).get_hookimpls())
        return [Implementation(self.plugins[one.plugin_name], hook, one.function, one.argnames) for one in found]

    def hooks_of(self, plugin: str) -> list[str]:
        """The hooks that the plugin of this name implements, by name."""
        callers = self._pluggy.get_hookcallers(self._pluggy.get_plugin(plugin)) or ()
        return sorted(caller.name for caller in callers)

    def _check_hooks(self, plugin: object, facts: PluginFacts) -> None:
        try:
            self._pluggy.check_pending()
        except pluggy.PluginValidationError as problem:
            raise PluginError(f"Plugin {facts.name} cannot be loaded: {problem}") from problem
        callers = self._pluggy.get_hookcallers(plugin)
        if not callers:
            raise PluginError(
                f"Plugin {facts.name} has no hook: mark its functions with `hookimpl` of `invito.plugins`, such as "
                "`invito_participant_sources`."
            )
        for caller in callers:
            if any(one.plugin is plugin and (one.wrapper or one.hookwrapper) for one in caller.get_hookimpls()):
                raise PluginError(
                    f"Plugin {facts.name}: {caller.name} is a wrapper. Invito calls each implementation by itself, so "
                    "that one that fails spoils no other's; write a plain one."
                )

    def _take_sources(self, plugin: object, facts: PluginFacts, context: PluginContext[Any]) -> None:
        implementations = self._pluggy.hook.invito_participant_sources.get_hookimpls()
        bringing = next((one for one in implementations if one.plugin is plugin), None)
        if bringing is None:
            return
        function: Callable[..., Any] = bringing.function
        try:
            sources = list(function(*(context for _ in bringing.argnames)))
        except BaseException as problem:  # a plugin may raise anything
            raise PluginError(f"Plugin {facts.name} cannot bring its sources: {described(problem)}") from problem
        for source in sources:
            self.sources.take(source, facts)
