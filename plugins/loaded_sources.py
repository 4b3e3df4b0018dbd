"""Which sources there are: no two that claim the same, and those that replace others in their place."""

from dataclasses import dataclass, field, replace

from invito.plugins.contract import Label
from invito.plugins.failures import PluginClash, PluginError, class_name
from invito.plugins.plugin_facts import LoadedSource, PluginFacts
from invito.plugins.source import Source

# `email:kari@example.no` is resolved without any source.
_TYPED = frozenset({"email"})


@dataclass(slots=True)
class LoadedSources:
    """All sources by key, in the order in which they were brought; one that replaces another stands in its place."""

    by_key: dict[str, LoadedSource] = field(default_factory=dict)
    # The directories of the references that may be listed: those resolved here, and typed addresses'.
    listed_directories: frozenset[str] = _TYPED
    # Which key stands in for one that was replaced.
    _successors: dict[str, str] = field(default_factory=dict)
    # Each entry of a page is looked up in it.
    _by_directory: dict[str, LoadedSource] = field(default_factory=dict)

    def copy(self) -> "LoadedSources":
        return LoadedSources(
            dict(self.by_key), self.listed_directories, dict(self._successors), dict(self._by_directory)
        )

    def take(self, source: Source, plugin: PluginFacts) -> None:
        """
        :raises PluginError: it lacks what every source has, or claims what another claims.
        """
        _check_is_whole(source, plugin)
        self._put(source, plugin)
        self._by_directory = {directory: one for one in self.by_key.values() for directory in one.directories}
        self.listed_directories = _TYPED.union(self._by_directory)

    def present_key(self, key: str) -> str:
        """The key itself, or that of the source which stands in for it now."""
        seen = {key}
        while (successor := self._successors.get(key)) is not None and successor not in seen:
            seen.add(successor)
            key = successor
        return key

    def of_directory(self, directory: str) -> LoadedSource | None:
        return self._by_directory.get(directory)

    def _put(self, source: Source, plugin: PluginFacts) -> None:
        loaded = LoadedSource(source, plugin, source.lists_employees, frozenset(source.directories))
        successor = self.by_key.get(self.present_key(source.key))
        if source.key in self._successors and source.replaces != source.key and successor is not None:
            # It came after the one that replaces it.
            loaded = _standing_in(successor, loaded)
            self._check_claims(loaded, successor)
            self.by_key[loaded.source.key] = loaded
            return
        replaced = None if source.replaces is None else self._replaced_by(source, plugin)
        if replaced is not None:
            loaded = _standing_in(loaded, replaced)
        self._check_claims(loaded, replaced)
        if replaced is None:
            self.by_key[source.key] = loaded
        else:
            self.by_key = {
                loaded.source.key if one is replaced else key: loaded if one is replaced else one
                for key, one in self.by_key.items()
            }
        if source.replaces is not None:
            self._successors[source.replaces] = source.key

    def _replaced_by(self, source: Source, plugin: PluginFacts) -> LoadedSource | None:
        assert source.replaces is not None
        rival = self._successors.get(source.replaces)
        if rival is not None:
            raise PluginClash(
                f"Plugins {self.by_key[self.present_key(rival)].plugin.name} and {plugin.name} both replace the source "
                f"{source.replaces}: block one of them."
            )
        return self.by_key.get(source.replaces)

    def _check_claims(self, loaded: LoadedSource, replaced: LoadedSource | None) -> None:
        for key, there in self.by_key.items():
            if there is replaced:
                continue
            shared = there.directories & loaded.directories
            if key == loaded.source.key or shared:
                claim = f"the key {key}" if key == loaded.source.key else f"the directory {min(shared)}"
                raise PluginClash(
                    f"Plugins {there.plugin.name} and {loaded.plugin.name} both claim {claim}: block one of them, or "
                    f'say `replaces = "{key}"` in the source that is to stand in for the other.'
                )


def _standing_in(loaded: LoadedSource, replaced: LoadedSource) -> LoadedSource:
    """It resolves the references of the one that it replaces, and is asked who a viewer is in its place."""
    return replace(
        loaded,
        lists_employees=loaded.lists_employees or replaced.lists_employees,
        directories=loaded.directories | replaced.directories,
    )


def _check_is_whole(source: object, plugin: PluginFacts) -> None:
    if not isinstance(source, Source):
        raise PluginError(f"Plugin {plugin.name} brings {class_name(source)}, which is no invito.plugins.Source.")
    key = getattr(source, "key", None)
    if type(key) is not str or not key.isprintable() or not 0 < len(key) <= 100 or ":" in key:
        raise PluginError(f"Plugin {plugin.name}: {class_name(source)} has no key: one word, which it keeps for ever.")
    for name in ("label", "container_label", "all_label"):
        if type(getattr(source, name, None)) is not Label:
            raise PluginError(f"Plugin {plugin.name}: the source {key} has no {name}: a Label with both languages.")
    directories = getattr(source, "directories", None)
    if not isinstance(directories, frozenset) or not all(type(one) is str and ":" not in one for one in directories):
        raise PluginError(
            f"Plugin {plugin.name}: the source {key} has no directories: a frozenset of the prefixes of its references."
        )
