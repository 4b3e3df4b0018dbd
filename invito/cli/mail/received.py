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
from invito.services.inbox.reading import recent_messages, waiting_mails
from invito.services.inbox.repository import InboundMessage, WaitingMail
from invito.services.inbox.texts import reason_text
from invito.services.itip.verdicts import InboundOutcome
from invito.settings import Settings, read_settings

_NOT_READ = "No worker has read it yet: `invito serve` does, or `invito worker` where INVITO_MAIL_WORKER is false."


def received(
    most: Annotated[int, typer.Option(help="How many, the newest first.", min=1)] = 20,
    outcome: Annotated[InboundOutcome | None, typer.Option(help="Those alone of which this became.")] = None,
    demo: Annotated[bool, typer.Option("--demo", help="Of the database of `invito serve --demo`.")] = False,
) -> None:
    """The mails that came in, the newest first: from whom, and what became of them, and why.

    WAITING is one that is kept, and that no worker has read yet.
    """
    with expected_problems():
        settings = read_settings()
        settings = settings.for_demo() if demo else settings
        mails = asyncio.run(_mails(settings, outcome, most))
    zone = ZoneInfo(settings.time_zone)
    table = Table("id", f"received ({zone.key})", "from", "subject", "outcome", "why", box=None, pad_edge=False)
    for mail in mails:
        at = mail.received_at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
        table.add_row(str(mail.id), at, *map(Text, _said(mail)))
    print_table(table)


def _said(mail: InboundMessage | WaitingMail) -> tuple[str, str, str, str]:
    """From whom it is, its subject, what became of it, and why."""
    if isinstance(mail, WaitingMail):
        tried = f" It was tried {mail.attempts} times." if mail.attempts > 1 else ""
        return mail.envelope_from or "", "", "WAITING", f"{_NOT_READ}{tried}"
    because = reason_text(mail.reason, mail.reason_values) or ""
    return mail.sender or "", mail.subject or "", mail.outcome.value, because


async def _mails(settings: Settings, outcome: InboundOutcome | None, most: int) -> list[InboundMessage | WaitingMail]:
    async with ready_database(settings) as database:
        read = await recent_messages(database, outcome, most)
        waiting = await waiting_mails(database, most) if outcome is None else []
    both: list[InboundMessage | WaitingMail] = [*read, *waiting]
    return sorted(both, key=lambda mail: (mail.received_at, mail.id), reverse=True)[:most]
