"""Opening and closing the house: database, plugins, sources, the bus."""

import importlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from invito.plugins.plugin_manager import PluginError, PluginManager
from invito.services.changes import ChangeBus
from invito.services.directory import Directory
from invito.services.events.dispatching import EventDispatcher
from invito.services.house import House, Rules
from invito.services.participants.desk import SourceDesk
from invito.services.storage.database import Database
from invito.settings import Settings
from invito.sources import BUILT_IN


@asynccontextmanager
async def open_house(settings: Settings) -> AsyncIterator[House]:
    """The house as the settings want it, closed at the end.

    :raises PluginError: a plugin cannot be loaded.
    """
    plugins = load_plugins(settings)
    database = Database(settings.database_url)
    changes = ChangeBus(database)
    events = EventDispatcher(database, plugins)
    try:
        await changes.start()
        events.start()
        desk = SourceDesk(plugins, Directory(database))
        yield House(database, plugins, desk, changes, events, rules_of(settings))
    finally:
        await events.stop()
        await changes.stop()
        await database.close()
        plugins.close()


def load_plugins(settings: Settings) -> PluginManager:
    """The built-in sources, and the modules that the settings name.

    :raises PluginError: a module cannot be imported, or is no plugin that can be loaded.
    """
    manager = PluginManager(call_seconds=settings.plugin_call_seconds)
    manager.load((_module(name) for name in BUILT_IN), built_in=True)
    manager.load(_module(name) for name in settings.plugins)
    return manager


def rules_of(settings: Settings) -> Rules:
    """What use cases know of the settings."""
    return Rules(
        mail_from=settings.mail_from or None,
        follow_up_url=settings.follow_up_url,
        time_zone=settings.time_zone,
        language=settings.language,
    )


def _module(name: str) -> object:
    try:
        return importlib.import_module(name)
    except Exception as problem:  # a plugin's module may raise anything
        raise PluginError(f"Plugin {name} cannot be imported: {type(problem).__name__}: {problem}") from problem
