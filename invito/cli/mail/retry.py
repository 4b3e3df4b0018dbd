"""`invito mail retry`."""

import asyncio
from typing import Annotated

import typer

from invito.cli.ending import end, expected_problems
from invito.cli.mail.effects import told
from invito.cli.ready_house import ready_house
from invito.services.errors import Refusal
from invito.services.ids import InboxId
from invito.services.inbox.applying import retry_as_operator
from invito.settings import Settings, read_settings


def retry(
    number: Annotated[int, typer.Argument(metavar="ID", help="Which mail, as `invito mail received` numbers them.")],
    demo: Annotated[bool, typer.Option("--demo", help="Of `invito serve --demo`.")] = False,
) -> None:
    """Understand a kept mail anew, and say what it does now: a newer version may know more."""
    with expected_problems():
        settings = read_settings()
        try:
            lines = asyncio.run(_lines(settings.for_demo() if demo else settings, InboxId(number)))
        except Refusal as refusal:
            end(*(error.message for error in refusal.errors))
    typer.echo("\n".join(lines))


async def _lines(settings: Settings, number: InboxId) -> list[str]:
    async with ready_house(settings) as house:
        effect = await retry_as_operator(house, number)
        return await told(house.database, effect, settings.time_zone)
