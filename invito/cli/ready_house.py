"""The house for commands that work on a database which has to be there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from invito.cli.database_standing import expect_ready
from invito.opening import open_house
from invito.services.house import House
from invito.settings import Settings


@asynccontextmanager
async def ready_house(settings: Settings) -> AsyncIterator[House]:
    """
    :raises DatabaseNotReady: there is no database, or it is not as this version needs it.
    :raises PluginError: a plugin cannot be loaded.
    """
    await expect_ready(settings.database_url)
    async with open_house(settings) as house:
        yield house
