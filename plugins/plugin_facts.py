"""What is known of a plugin and of a source that it brought."""

import inspect
from dataclasses import dataclass

from invito.plugins.source import Source


@dataclass(frozen=True, slots=True)
class PluginFacts:
    """What is known of a plugin: its name, and what its package says of itself."""

    name: str
    version: str | None
    summary: str | None
    is_built_in: bool


@dataclass(frozen=True, slots=True)
class LoadedSource:
    """A source and the plugin that brought it. `lists_employees`: it is asked who a viewer is.

    `directories` are those whose references it resolves: its own, and those of the source that it replaced.
    """

    source: Source
    plugin: PluginFacts
    lists_employees: bool = False
    directories: frozenset[str] = frozenset()


def facts_of(plugin: object, *, built_in: bool) -> PluginFacts:
    """The facts of a plugin that nobody looked for: a module or any other object with hooks, named after itself."""
    module = getattr(plugin, "__name__", type(plugin).__name__)
    name = module.rpartition(".")[2] if built_in else module
    return PluginFacts(name, None, None if built_in else inspect.getdoc(plugin), built_in)
