"""`invito mail received`."""

import asyncio
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.table import Table
from rich.text import Text

from invito.cli.ending import expected_problems
from invito.cli.ready_house import ready_database
from invito.cli.tables import print_table
from invito.services.inbox.reading import recent_messages
from invito.services.inbox.repository import InboundMessage
from invito.services.inbox.texts import reason_text
from invito.services.itip.verdicts import InboundOutcome
from invito.settings import Settings, read_settings


def received(
    most: Annotated[int, typer.Option(help="How many, the newest first.", min=1)] = 20,
    outcome: Annotated[InboundOutcome | None, typer.Option(help="Those alone of which this became.")] = None,
    demo: Annotated[bool, typer.Option("--demo", help="Of the database of `invito serve --demo`.")] = False,
) -> None:
    """The mails that came in, the newest first: from whom, and what became of them, and why."""
    with expected_problems():
        settings = read_settings()
        settings = settings.for_demo() if demo else settings
        mails = asyncio.run(_mails(settings, outcome, most))
    zone = ZoneInfo(settings.time_zone)
    table = Table("id", f"received ({zone.key})", "from", "subject", "outcome", "why", box=None, pad_edge=False)
    for mail in mails:
        at = mail.received_at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
        because = reason_text(mail.reason, mail.reason_values) or ""
        sender, subject = Text(mail.sender or ""), Text(mail.subject or "")
        table.add_row(str(mail.id), at, sender, subject, mail.outcome.value, Text(because))
    print_table(table)


async def _mails(settings: Settings, outcome: InboundOutcome | None, most: int) -> list[InboundMessage]:
    async with ready_database(settings) as database:
        return await recent_messages(database, outcome, most)
