"""Claimed mails are built together, as they go out or with why they cannot; what plugins change of them too."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

import structlog

from invito.plugins.mail import MailMessage, OutgoingMail
from invito.services.addresses import wire_address
from invito.services.house import House
from invito.services.mail.composing import NoAddress, compose, invitation_of, message_of, recipient_of
from invito.services.mail.letters import Letter
from invito.services.mail.preparing import Background, as_of_now, background_of, letter_of
from invito.services.mail.transports import DeliveryFailed, PermanentFailure, TemporaryFailure
from invito.services.mail.values import ClaimedMail
from invito.services.mailboxes.servers import MailServer

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Route:
    """A mail that is built; `server` is None for the service's way out."""

    outgoing: OutgoingMail
    server: MailServer | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """A claimed mail with what is to be done: to send it, to write down why not, or to forget it (None)."""

    mail: ClaimedMail
    errand: Route | DeliveryFailed | None


async def prepared(house: House, mails: Sequence[ClaimedMail]) -> list[Delivery]:
    """The mails as they go out; one that cannot be built holds up no other."""
    try:
        there = await background_of(house, mails)
    except Exception as problem:
        if len(mails) > 1:
            return [one for mail in mails for one in await prepared(house, [mail])]
        return [Delivery(mail, _not_built(mail, problem)) for mail in mails]
    # Some milliseconds of work, more with many participants, that others need not wait for.
    drafts = await asyncio.to_thread(_all_written, house, mails, there)
    if house.plugins.hooks.listens("invito_compose_email"):
        drafts = await asyncio.gather(*(_as_plugins_have_it(house, draft) for draft in drafts))
    return await asyncio.to_thread(lambda: [_built(draft) for draft in drafts])


@dataclass(frozen=True, slots=True)
class Draft:
    """A letter and what it says, which plugins may change before it is built."""

    letter: Letter
    message: MailMessage


def _all_written(house: House, mails: Sequence[ClaimedMail], there: Background) -> list[Draft | Delivery]:
    return [_written(house, mail, there) for mail in (as_of_now(one, there) for one in mails)]


def _written(house: House, mail: ClaimedMail, there: Background) -> Draft | Delivery:
    """The mail as we write it; what is to be done where none can be written, or is to be."""
    try:
        letter = letter_of(house, mail, there)
        return Delivery(mail, None) if letter is None else Draft(letter, message_of(letter))
    except TemporaryFailure as failure:
        return Delivery(mail, failure)
    except Exception as problem:
        return Delivery(mail, _not_built(mail, problem))


async def _as_plugins_have_it(house: House, draft: Draft | Delivery) -> Draft | Delivery:
    if isinstance(draft, Delivery):
        return draft
    message = await house.plugins.hooks.compose(draft.message, invitation_of(draft.letter))
    return replace(draft, message=message)


def _built(draft: Draft | Delivery) -> Delivery:
    if isinstance(draft, Delivery):
        return draft
    letter, mail = draft.letter, draft.letter.mail
    try:
        mail_from = wire_address(letter.sender.mail_from) or letter.sender.mail_from
        outgoing = OutgoingMail(mail.message_id, mail_from, recipient_of(letter), compose(letter, draft.message))
    except NoAddress as problem:
        return Delivery(mail, PermanentFailure(str(problem)))
    except Exception as problem:
        return Delivery(mail, _not_built(mail, problem))
    return Delivery(mail, Route(outgoing, letter.sender.server))


def _not_built(mail: ClaimedMail, problem: Exception) -> TemporaryFailure:
    log.error("mail could not be built", exc_info=problem, **named(mail))
    return TemporaryFailure(f"the mail could not be built ({type(problem).__name__})")


def named(mail: ClaimedMail) -> dict[str, object]:
    """What a log says of which mail it is about."""
    return {"mail": mail.id, "follow_up": mail.follow_up, "method": mail.method.value}
