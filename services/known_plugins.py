"""The plugins that run here, as administrators see them."""

from dataclasses import dataclass

from invito.plugins.circuit_breaker import SourceHealth
from invito.plugins.plugin_manager import PluginManager
from invito.services.caller import Caller
from invito.services.errors import Unanswerable, UserErrorCode
from invito.services.house import House
from invito.services.language import translate
from invito.services.paging import Page, PageAsk, cursor_of

_KIND = "plugins"


@dataclass(frozen=True, slots=True)
class KnownPlugin:
    """A plugin and how it does; one that could not be loaded is UNAVAILABLE, and its summary says why."""

    name: str
    version: str | None
    summary: str | None
    is_built_in: bool
    hooks: tuple[str, ...]
    health: SourceHealth


def known_plugin(manager: PluginManager, name: str) -> KnownPlugin:
    """What is known of a plugin that is loaded."""
    facts = manager.plugins[name]
    hooks = tuple(manager.hooks_of(facts))
    return KnownPlugin(
        name, facts.version, facts.summary, facts.is_built_in, hooks, manager.health_of_plugin(name)
    )  # fmt: skip


def plugin_page(house: House, caller: Caller, ask: PageAsk) -> Page[KnownPlugin]:
    """All plugins by name, those that could not be loaded among them.

    :raises Unanswerable: FORBIDDEN for whoever is no administrator, INVALID_CURSOR.
    """
    if not caller.is_administrator:
        raise Unanswerable(UserErrorCode.FORBIDDEN, translate("Only administrators see the plugins."))
    manager = house.plugins
    missing = {
        name: KnownPlugin(name, None, why, False, (), SourceHealth.UNAVAILABLE) for name, why in manager.missing.items()
    }
    everything = missing | {name: known_plugin(manager, name) for name in manager.plugins}
    after = ask.position(_KIND, str)
    rest = [name for name in sorted(everything) if after is None or name > str(after[0])]
    names = rest[: ask.first]
    return Page(
        [everything[name] for name in names],
        [cursor_of(_KIND, name) for name in names],
        has_next=len(rest) > len(names),
        has_previous=after is not None,
        total=len(everything),
    )
