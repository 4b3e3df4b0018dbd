"""`invito mail answer`."""

import asyncio
from datetime import UTC, date, datetime
from typing import Annotated

import typer

from invito.cli.ending import end, expected_problems
from invito.cli.mail.receive import take_in_by_hand
from invito.cli.mail.sent_files import sent_mail
from invito.services.follow_ups.values import ParticipantStatus
from invito.services.inbox.receiving import Envelope
from invito.services.itip.reply import counter_mail, reply_mail
from invito.settings import read_settings


def answer(
    number: Annotated[int, typer.Argument(metavar="ID", help="Which mail, as `invito mail list` numbers them.")],
    accept: Annotated[bool, typer.Option("--accept", help="Accept.")] = False,
    tentative: Annotated[bool, typer.Option("--tentative", help="Accept tentatively.")] = False,
    decline: Annotated[bool, typer.Option("--decline", help="Decline.")] = False,
    propose: Annotated[
        tuple[str, str] | None,
        typer.Option(
            metavar="START END",
            help="Propose another time, such as 2027-05-19T10:00 2027-05-19T11:00, in the invitation's zone where it "
            "has no offset; or two days, of which the second is the first that is free again.",
        ),
    ] = None,
    reason: Annotated[str | None, typer.Option("--reason", "--comment", help="A word with it.")] = None,
    demo: Annotated[bool, typer.Option("--demo", help="For `invito serve --demo`.")] = False,
) -> None:
    """Play whoever got an invitation: what their mail program would send back, taken in."""
    pressed = {
        ParticipantStatus.ACCEPTED: accept,
        ParticipantStatus.TENTATIVE: tentative,
        ParticipantStatus.DECLINED: decline,
    }
    chosen = [status for status, is_pressed in pressed.items() if is_pressed]
    if len(chosen) + (propose is not None) != 1:
        end("Say one of --accept, --tentative, --decline and --propose.")
    times = None if propose is None else (_moment(propose[0]), _moment(propose[1]))
    with expected_problems():
        settings = read_settings()
        settings = settings.for_demo() if demo else settings
        mail, written = sent_mail(settings, number)
        try:
            if times is None:
                sent_back = reply_mail(written, mail.to_address, chosen[0], reason, datetime.now(UTC))
            else:
                sent_back = counter_mail(written, mail.to_address, *times, reason, datetime.now(UTC))
        except ValueError as problem:
            end(f"Mail {number} cannot be answered: {problem}.")
        asyncio.run(take_in_by_hand(settings, sent_back.as_bytes(), Envelope()))


def _moment(text: str) -> date:
    """A day, or a time with or without an offset."""
    try:
        return date.fromisoformat(text) if len(text) == len("2027-05-19") else datetime.fromisoformat(text)
    except ValueError:
        end(f"{text} is no time: write it as 2027-05-19T10:00, or a day as 2027-05-19.")
