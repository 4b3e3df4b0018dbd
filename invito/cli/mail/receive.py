"""`invito mail receive`."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO

import structlog
import typer

from invito.cli.command_names import named
from invito.cli.ending import end, expected_problems
from invito.cli.mail.effects import told
from invito.cli.ready_house import ready_house
from invito.services.inbox.receiving import HEAD_BYTES, MOST_BYTES, Envelope, is_kept
from invito.services.inbox.receiving import receive as keep
from invito.services.inbox.trying_now import take_in_now
from invito.services.inbox.values import MailOrigin
from invito.settings import Settings, read_settings

# What tells a mail server to keep the mail and bring it again (sysexits.h; Postfix's pipe(8), OpenSMTPD's mda).
TRY_AGAIN_LATER = 75

log = structlog.get_logger(__name__)


def receive(
    file: Annotated[str, typer.Argument(help="A file with one mail as it came (RFC 5322), or - for standard input.")],
    to: Annotated[list[str] | None, typer.Option(help="The address that it was delivered to.")] = None,
    sender: Annotated[
        str | None, typer.Option("--from", help="The sender of the envelope; empty for what a mail server returns.")
    ] = None,
    demo: Annotated[bool, typer.Option("--demo", help="For `invito serve --demo`.")] = False,
) -> None:
    """Take in one mail, as if it had arrived, and say what it did.

    It ends with 0 once the mail is kept, and with 75 where it could not be, so that a mail server tries again later.
    """
    try:
        if file == "-":
            raw, is_whole = read_bounded(sys.stdin.buffer)
        else:
            with Path(file).open("rb") as opened:
                raw, is_whole = read_bounded(opened)
    except OSError as problem:
        end(f"{file} cannot be read: {problem.strerror}.")
    envelope = Envelope(None if sender is None else _address(sender), tuple(to or ()))
    with _until_it_is_kept():
        settings = read_settings()
        asyncio.run(take_in_by_hand(settings.for_demo() if demo else settings, raw, envelope, is_whole=is_whole))


def read_bounded(mail: BinaryIO) -> tuple[bytes, bool]:
    """The mail, or its head where it is too large; and whether it is whole. It is read to its end, so that who writes
    it is not broken off, and no more of it is kept in memory."""
    raw = mail.read(MOST_BYTES + 1)
    if len(raw) <= MOST_BYTES:
        return raw, True
    while mail.read(MOST_BYTES):
        pass
    return raw[:HEAD_BYTES], False


async def take_in_by_hand(settings: Settings, raw: bytes, envelope: Envelope, *, is_whole: bool = True) -> None:
    """Keep a mail, and say what it does, or that it is kept for a worker to take in.

    :raises Exception: it could not be kept.
    """
    async with ready_house(settings) as house:
        is_repeat = await is_kept(house, raw, envelope)
        number = await keep(house, raw, MailOrigin.FILE, envelope, is_whole=is_whole)
        try:
            effect = await take_in_now(house, number)
            lines = _kept(settings)
            if effect is not None:
                lines = await told(house.database, effect, settings.time_zone)
        except Exception as problem:  # it is kept, so whoever brought it is not to bring it again
            log.warning("a mail waits", mail=number, error=type(problem).__name__)
            lines = _kept(settings)
    if is_repeat:
        listed = named("invito mail received", settings)
        typer.echo(f"DUPLICATE: The same mail came in before, as {number} of {listed}. What it did then:")
    typer.echo("\n".join(lines))


def _kept(settings: Settings) -> list[str]:
    return [f"KEPT: {named('invito serve', settings)} or {named('invito worker', settings)} takes it in."]


def _address(sender: str) -> str:
    """The sender of an envelope, empty for none: Postfix calls that one MAILER-DAEMON (pipe(8))."""
    address = sender.strip().strip("<>")
    return "" if address.upper() == "MAILER-DAEMON" else address


@contextmanager
def _until_it_is_kept() -> Iterator[None]:
    """
    :raises typer.Exit: with 75, where the mail was not kept, whatever the reason: any other code would return it to
        whoever sent it.
    """
    try:
        with expected_problems():
            yield
    except typer.Exit as problem:
        raise typer.Exit(TRY_AGAIN_LATER) from problem
    except Exception as problem:
        typer.echo(f"The mail could not be kept: {type(problem).__name__}.", err=True)
        raise typer.Exit(TRY_AGAIN_LATER) from problem
