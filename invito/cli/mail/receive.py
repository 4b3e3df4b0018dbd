"""`invito mail receive`."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from invito.cli.ending import end, expected_problems
from invito.opening import open_house
from invito.services.inbox.applying import process_by_hand
from invito.services.inbox.receiving import Envelope
from invito.services.inbox.repository import Effect
from invito.services.inbox.texts import reason_text
from invito.settings import Settings, read_settings


def receive(
    file: Annotated[str, typer.Argument(help="A file with one mail as it came (RFC 5322), or - for standard input.")],
    to: Annotated[list[str] | None, typer.Option(help="The address that it was delivered to.")] = None,
    demo: Annotated[bool, typer.Option("--demo", help="For `invito serve --demo`.")] = False,
) -> None:
    """Take in one mail, as if it had arrived, and say what it did."""
    try:
        raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as problem:
        end(f"{file} cannot be read: {problem.strerror}.")
    with expected_problems():
        settings = read_settings()
        settings = settings.for_demo() if demo else settings
        tell(asyncio.run(take_in_by_hand(settings, raw, tuple(to or ()))))


async def take_in_by_hand(settings: Settings, raw: bytes, recipients: tuple[str, ...]) -> Effect:
    async with open_house(settings) as house:
        return await process_by_hand(house, raw, Envelope(None, recipients))


def tell(effect: Effect) -> None:
    """What a mail did, and why."""
    typer.echo(f"{effect.outcome.value}: {reason_text(effect.reason, effect.reason_values)}")
