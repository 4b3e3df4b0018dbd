"""A demo starts anew when a plugin that is being written is saved; one that cannot be loaded leaves it as it was."""

import asyncio
from pathlib import Path

from gql.transport.exceptions import TransportError

from tests.e2e.conftest import Server, served

PLUGIN = """
import strawberry
from invito.plugins import GraphQLTypes, hookimpl

@strawberry.type
class Query:
    hotel_name: str = strawberry.field(resolver=lambda: "{name}")

@hookimpl
def invito_graphql_types():
    return GraphQLTypes(query=Query)
"""


async def test_a_saved_plugin_is_loaded_anew_at_the_same_address(tmp_path: Path) -> None:
    file, log = tmp_path / "hotel.py", tmp_path / "log"
    file.write_text(PLUGIN.format(name="Inn"))

    with served(f"sqlite:///{tmp_path}/office.sqlite3", log, "--demo", "--plugin", str(file)) as invito:
        before = await name_of(invito)
        file.write_text("this is no Python")
        await until_said(log, "Plugin hotel cannot be imported: SyntaxError")
        meanwhile = await name_of(invito)
        file.write_text(PLUGIN.format(name="Grand Hotel"))
        await until_said(log, "starting anew")
        after = await name_of(invito)

    assert (before, meanwhile, after) == ("Inn", "Inn", "Grand Hotel")


async def name_of(invito: Server) -> str:
    """What it answers, once it answers."""
    async with asyncio.timeout(60):
        while True:
            try:
                return str((await invito.ask("{ hotelName }"))["hotelName"])
            except (TransportError, OSError):
                await asyncio.sleep(0.1)  # between two looks; it is about to be there


async def until_said(log: Path, words: str) -> None:
    async with asyncio.timeout(60):
        while words not in log.read_text():  # noqa: ASYNC110, ASYNC240  # another process's log has no event
            await asyncio.sleep(0.05)
