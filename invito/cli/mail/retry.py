"""`invito mail retry`."""

import asyncio
from typing import Annotated

import typer

from invito.cli.ending import end, expected_problems
from invito.cli.mail.receive import said
from invito.cli.ready_house import ready_house
from invito.services.errors import Refusal
from invito.services.ids import InboxId
from invito.services.inbox.applying import retry_as_operator
from invito.services.inbox.repository import Effect
from invito.settings import Settings, read_settings


def retry(
    number: Annotated[int, typer.Argument(metavar="ID", help="Which mail, as `invito mail received` numbers them.")],
    demo: Annotated[bool, typer.Option("--demo", help="Of `invito serve --demo`.")] = False,
) -> None:
    """Understand a kept mail anew, and say what it does now: a newer version may know more."""
    with expected_problems():
        settings = read_settings()
        try:
            effect = asyncio.run(_effect(settings.for_demo() if demo else settings, InboxId(number)))
        except Refusal as refusal:
            end(*(error.message for error in refusal.errors))
    typer.echo(said(effect))


async def _effect(settings: Settings, number: InboxId) -> Effect:
    async with ready_house(settings) as house:
        return await retry_as_operator(house, number)
