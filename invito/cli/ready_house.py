"""The house, or the database alone, for commands that work on a database which has to be there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from invito.cli.database_standing import expect_ready
from invito.opening import open_house
from invito.services.house import House
from invito.services.storage.database import Database
from invito.settings import Settings


@asynccontextmanager
async def ready_house(settings: Settings) -> AsyncIterator[House]:
    """
    :raises DatabaseNotReady: there is no database, or it is not as this version needs it.
    :raises PluginError: a plugin cannot be loaded.
    """
    await expect_ready(settings)
    async with open_house(settings) as house:
        yield house


@asynccontextmanager
async def ready_database(settings: Settings) -> AsyncIterator[Database]:
    """For those who look on: no plugin starts, and no event goes out.

    :raises DatabaseNotReady: there is no database, or it is not as this version needs it.
    """
    await expect_ready(settings)
    database = Database(settings.database_url)
    try:
        yield database
    finally:
        await database.close()
