"""`invito mail why`."""

import asyncio
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

from invito.cli.command_names import named
from invito.cli.ending import end, expected_problems
from invito.cli.ready_house import ready_database
from invito.opening import rules_of
from invito.plugins.names import search_terms
from invito.services.addresses import is_valid_address
from invito.services.follow_ups.values import EmailInvitationState, EmailUnavailableReason
from invito.services.mail.history import MailFate, SentMail, mail_fates, mail_fates_by_name
from invito.services.mail.values import MailState
from invito.settings import Settings, read_settings

_WHY_NONE = {
    EmailUnavailableReason.NO_VALID_EMAIL: "there is no valid e-mail address",
    EmailUnavailableReason.IS_VIEWER: "nobody invites the owner to their own follow-up",
    EmailUnavailableReason.MAIL_NOT_CONFIGURED: "neither the owner nor the service has a mailbox",
    EmailUnavailableReason.RESOURCE: "a resource never gets mail",
}


def why(
    who: Annotated[str, typer.Argument(help="Whose mails: an e-mail address, or a name as it is searched.")],
    most: Annotated[int, typer.Option(help="Of how many follow-ups.", min=1)] = 10,
    demo: Annotated[bool, typer.Option("--demo", help="In the database of `invito serve --demo`.")] = False,
) -> None:
    """Why did somebody get a mail, or none? What became of each that was written, the newest first."""
    is_name = "@" not in who
    if not is_name and not is_valid_address(who):
        end(f"{who} is no e-mail address.")
    if is_name and not search_terms(who):
        end("Say whose mails: an e-mail address, or a name.")
    with expected_problems():
        settings = read_settings()
        settings = settings.for_demo() if demo else settings
        fates = asyncio.run(_fates(settings, who, most, is_name=is_name))
    if not fates:
        end(f"Nobody {'called' if is_name else 'with the address'} {who} is invited to anything.")
    console = Console(soft_wrap=True, highlight=False, markup=False)
    for fate in fates:
        if is_name:
            # A name may be that of several people.
            console.print(f"{fate.participant.name} <{fate.participant.email or 'no address'}>")
        _tell(console, fate, settings)


async def _fates(settings: Settings, who: str, most: int, *, is_name: bool) -> list[MailFate]:
    fates_of = mail_fates_by_name if is_name else mail_fates
    async with ready_database(settings) as database:
        return await fates_of(database, rules_of(settings), who, most)


def _tell(console: Console, fate: MailFate, settings: Settings) -> None:
    follow_up, zone = fate.follow_up, settings.time_zone
    console.print(f"“{follow_up.title}” of {follow_up.owner.name}, {_at(follow_up.start, zone)}: {_standing(fate)}.")
    for mail in fate.mails:
        console.print(f"  {mail.id}  {mail.method.value}  {_became(mail, settings)}")


def _standing(fate: MailFate) -> str:
    """Why there is or will be a mail, or none."""
    if fate.participant.removed_at is not None:
        return "no longer invited"
    if fate.envelope.unavailable_reason is not None:
        return f"gets no mail, since {_WHY_NONE[fate.envelope.unavailable_reason]}"
    if fate.envelope.state is EmailInvitationState.INACTIVE:
        return "the e-mail invitation is turned off"
    return "the e-mail invitation is on" if fate.mails else "the e-mail invitation is on, and none was written yet"


def _became(mail: SentMail, settings: Settings) -> str:
    zone = settings.time_zone
    said = f": {mail.diagnosis}" if mail.diagnosis else ""
    if mail.finished_at is not None:
        word = "handed over" if mail.state is MailState.SENT else "given up"
        return f"{word} {_at(mail.finished_at, zone)}{said}"
    if mail.attempts:
        return f"tried {_times(mail.attempts)}, again {_at(mail.next_at, zone)}{said}"
    workers = f"{named('invito serve', settings)} or {named('invito worker', settings)}"
    return f"waits until {_at(mail.next_at, zone)}, then for {workers}"


def _times(attempts: int) -> str:
    return {1: "once", 2: "twice"}.get(attempts, f"{attempts} times")


def _at(instant: datetime, zone: str) -> str:
    return instant.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")
