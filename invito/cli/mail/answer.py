"""`invito mail answer`."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated

import typer

from invito.cli.ending import end, expected_problems
from invito.cli.mail.receive import take_in_by_hand
from invito.cli.mail.sent_files import sent_mail
from invito.services.follow_ups.values import ParticipantStatus
from invito.services.inbox.receiving import Envelope
from invito.services.itip.reply import reply_mail
from invito.settings import read_settings


def answer(
    number: Annotated[int, typer.Argument(metavar="ID", help="Which mail, as `invito mail list` numbers them.")],
    accept: Annotated[bool, typer.Option("--accept", help="Accept.")] = False,
    tentative: Annotated[bool, typer.Option("--tentative", help="Accept tentatively.")] = False,
    decline: Annotated[bool, typer.Option("--decline", help="Decline.")] = False,
    comment: Annotated[str | None, typer.Option(help="A word with it.")] = None,
    demo: Annotated[bool, typer.Option("--demo", help="For `invito serve --demo`.")] = False,
) -> None:
    """Play whoever got an invitation: the answer that their mail program would send, taken in."""
    pressed = {
        ParticipantStatus.ACCEPTED: accept,
        ParticipantStatus.TENTATIVE: tentative,
        ParticipantStatus.DECLINED: decline,
    }
    chosen = [status for status, is_pressed in pressed.items() if is_pressed]
    if len(chosen) != 1:
        end("Say one of --accept, --tentative and --decline.")
    with expected_problems():
        settings = read_settings()
        settings = settings.for_demo() if demo else settings
        mail, written = sent_mail(settings, number)
        try:
            reply = reply_mail(written, mail.to_address, chosen[0], comment, datetime.now(UTC))
        except ValueError as problem:
            end(f"Mail {number} cannot be answered: {problem}.")
        asyncio.run(take_in_by_hand(settings, reply.as_bytes(), Envelope()))
