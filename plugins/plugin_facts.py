"""What is known of a plugin and of a source that it brought."""

import inspect
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

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
    """The facts of a plugin, which is a module or any other object with hooks."""
    module = getattr(plugin, "__name__", type(plugin).__name__)
    if built_in:
        return PluginFacts(module.rpartition(".")[2], None, None, is_built_in=True)
    try:
        return PluginFacts(module, version(module.partition(".")[0]), inspect.getdoc(plugin), is_built_in=False)
    except PackageNotFoundError:
        return PluginFacts(module, None, inspect.getdoc(plugin), is_built_in=False)
