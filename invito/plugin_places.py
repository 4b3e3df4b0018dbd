"""Where the settings say that plugins are."""

from pathlib import Path

from invito.plugins.discovery import PluginPlaces
from invito.settings import Settings


def places_of(settings: Settings) -> PluginPlaces:
    """Where plugins are looked for."""
    folder = Path(settings.plugin_folder) if settings.plugin_folder else None
    return PluginPlaces(settings.plugins, folder, frozenset(settings.plugins_blocked), settings.plugin_packages)
