"""The address books of a CardDAV server as a participant source for Invito."""

from collections.abc import Sequence

from invito.plugins import PluginContext, Source, hookimpl
from invito_carddav.keeper import Keeper
from invito_carddav.settings import CardDavSettings
from invito_carddav.source import CardDavBooks

__all__ = ["CardDavBooks", "CardDavSettings", "Keeper", "settings_model"]

settings_model = CardDavSettings
_keepers: list[Keeper] = []


@hookimpl
def invito_participant_sources(context: PluginContext[CardDavSettings]) -> Sequence[Source]:
    """What is offered under Select from: what the keeper has, which begins to ask when Invito starts."""
    _keepers[:] = [Keeper(context.settings, context.logger)]
    return [CardDavBooks(_keepers[0].snapshot)]


@hookimpl
def invito_startup() -> None:
    for keeper in _keepers:
        keeper.start()


@hookimpl
def invito_shutdown() -> None:
    for keeper in _keepers:
        keeper.stop()
