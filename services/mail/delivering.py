"""One delivery: a claimed mail is built and handed over outside any transaction, and what became of it written down."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

import structlog
from sqlalchemy.exc import SQLAlchemyError

from invito.services.addresses import wire_address
from invito.services.house import House
from invito.services.mail.composing import NoAddress, compose, recipient_of
from invito.services.mail.delivery_results import drop, record_delay, record_failure, record_sent
from invito.services.mail.letters import Letter
from invito.services.mail.preparing import letter_of
from invito.services.mail.routes import MailRoutes
from invito.services.mail.transports import MailTransport, OutgoingMail, PermanentFailure, TemporaryFailure
from invito.services.mail.values import ClaimedMail
from invito.services.mailboxes.service_mailbox import note_service
from invito.services.mailboxes.values import Protocol

_AGAIN_SECONDS = 1.0

log = structlog.get_logger(__name__)


async def deliver(house: House, routes: MailRoutes, mail: ClaimedMail, lease: timedelta) -> None:
    """Send a mail within half its lease, and write down what became of it within the other half."""
    half = lease.total_seconds() / 2
    # Another worker may have the mail once the lease is over: no more is written then than what it allows.
    end = asyncio.get_running_loop().time() + 2 * half
    try:
        async with asyncio.timeout(half):
            words = await _sent(house, routes, mail)
    except PermanentFailure as refused:
        log.warning("mail refused", mail=mail.id, follow_up=mail.follow_up, method=mail.method.value)
        await _insist(partial(record_failure, house, mail, refused.words), end)
    except TemporaryFailure as failure:
        await _put_off(house, mail, failure, end)
    except TimeoutError:
        await _put_off(house, mail, TemporaryFailure("it was not handed over in time", may_be_out=True), end)
    else:
        if words is None:
            await _insist(partial(drop, house, mail), end)
            return
        log.info("mail sent", mail=mail.id, follow_up=mail.follow_up, method=mail.method.value)
        await _insist(partial(record_sent, house, mail), end)


async def _sent(house: House, routes: MailRoutes, mail: ClaimedMail) -> str | None:
    """What the server said when it took the mail; None where there is nothing to send any more."""
    try:
        letter = await letter_of(house, mail)
        if letter is None:
            return None
        # Some milliseconds of work, more with many participants, that others need not wait for.
        outgoing = await asyncio.to_thread(_outgoing, letter)
    except NoAddress as problem:
        raise PermanentFailure(str(problem)) from problem
    except (TemporaryFailure, TimeoutError):
        raise
    except Exception as problem:  # one mail that cannot be built holds up no other
        log.exception("mail could not be built", mail=mail.id)
        raise TemporaryFailure(f"the mail could not be built ({type(problem).__name__})") from problem
    transport = routes.transport_for(letter.sender.server)
    if letter.sender.server is not None:
        return await transport.send(outgoing)
    return await _sent_by_service(house, transport, outgoing)


async def _sent_by_service(house: House, transport: MailTransport, mail: OutgoingMail) -> str:
    """Send by the service's way out, and keep what is seen of it there."""
    try:
        words = await transport.send(mail)
    except TemporaryFailure as failure:
        if failure.problem is not None:
            await note_service(house, Protocol.SMTP, failure.problem)
        raise
    await note_service(house, Protocol.SMTP, None)
    return words


def _outgoing(letter: Letter) -> OutgoingMail:
    mail_from = wire_address(letter.sender.mail_from) or letter.sender.mail_from
    return OutgoingMail(letter.mail.message_id, mail_from, recipient_of(letter), compose(letter))


async def _put_off(house: House, mail: ClaimedMail, failure: TemporaryFailure, end: float) -> None:
    log.warning("mail put off", mail=mail.id, follow_up=mail.follow_up, attempts=mail.attempts)
    await _insist(partial(record_delay, house, mail, failure), end)


async def _insist(record: Callable[[], Awaitable[object]], end: float) -> None:
    """Write down what became of a mail, again and again while the database is away: it would go out twice otherwise."""
    while True:
        try:
            await record()
        except (SQLAlchemyError, OSError) as problem:
            if asyncio.get_running_loop().time() + _AGAIN_SECONDS > end:
                raise
            log.warning("mail waits to be recorded", error=type(problem).__name__)
            await asyncio.sleep(_AGAIN_SECONDS)
        else:
            return
