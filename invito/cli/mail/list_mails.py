"""`invito mail list`."""

import asyncio
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.table import Table
from rich.text import Text

from invito.cli.ending import expected_problems
from invito.cli.ready_house import ready_database
from invito.cli.tables import print_table
from invito.services.mail.history import SentMail, recent_mails
from invito.settings import Settings, read_settings


def list_mails(
    most: Annotated[int, typer.Option(help="How many, the newest first.", min=1)] = 20,
    demo: Annotated[bool, typer.Option("--demo", help="Of the database of `invito serve --demo`.")] = False,
) -> None:
    """The mails that were written, the newest first: to whom, about what, and what became of them."""
    with expected_problems():
        settings = read_settings()
        settings = settings.for_demo() if demo else settings
        mails = asyncio.run(_mails(settings, most))
    zone = ZoneInfo(settings.time_zone)
    table = Table("id", f"written ({zone.key})", "to", "what", "about", "state", box=None, pad_edge=False)
    for mail in mails:
        written = mail.created_at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
        to = f"{mail.to_name} <{mail.to_address}>"
        table.add_row(str(mail.id), written, Text(to), mail.method.value, Text(mail.title), mail.delivery.value)
    print_table(table)


async def _mails(settings: Settings, most: int) -> list[SentMail]:
    async with ready_database(settings) as database:
        return await recent_mails(database, most)
