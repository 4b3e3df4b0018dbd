"""Mails that are built are handed over one by one, outside any transaction; what came of each is noted."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

import structlog

from invito.services.house import House
from invito.services.mail.building import Delivery, Route, named
from invito.services.mail.delivery_results import UNRECORDED, DeliveryResult, Fate
from invito.services.mail.result_book import ResultBook
from invito.services.mail.routes import MailRoutes
from invito.services.mail.transports import DeliveryFailed, PermanentFailure, TemporaryFailure
from invito.services.mail.values import ClaimedMail
from invito.services.mailboxes.service_mailbox import note_service
from invito.services.mailboxes.values import Protocol
from invito.services.storage.faults import is_of_the_machine

_AGAIN_SECONDS = 1.0
# After so many attempts, a mail that is too old is not tried once more where nobody wrote down how the last one went.
_MOST_UNRECORDED = 3

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Term:
    """How long a worker has a mail, by the event loop's clock: it is sent within half the lease, and no later.

    What became of it is written down within the other half: another worker may have the mail once the lease is over.
    """

    send_until: float
    write_until: float

    @classmethod
    def beginning(cls, lease: timedelta) -> Self:
        """That of a claim which is made after this."""
        present, seconds = asyncio.get_running_loop().time(), lease.total_seconds()
        return cls(present + seconds / 2, present + seconds)


async def deliver(house: House, routes: MailRoutes, book: ResultBook, delivery: Delivery, term: Term) -> None:
    """Send a mail, and write down what became of it."""
    result = await _result_of(house, routes, delivery, term)
    match result.fate:
        case Fate.SENT if delivery.errand is not None:
            log.info("mail sent", **named(delivery.mail))
        case Fate.DELAYED:
            log.warning("mail put off", attempts=delivery.mail.attempts, **named(delivery.mail))
        case Fate.FAILED:
            log.warning("mail refused", **named(delivery.mail))
        case Fate.SENT | Fate.DROPPED:
            log.info("mail dropped", **named(delivery.mail))
    await _write_down(book, result, term)
    is_the_services = isinstance(delivery.errand, Route) and delivery.errand.server is None
    if result.fate is Fate.SENT and is_the_services and routes.is_to_be_noted(house.now()):
        # Not before the mail is written down: nothing may come in between.
        await note_service(house, Protocol.SMTP, None)


async def _result_of(house: House, routes: MailRoutes, delivery: Delivery, term: Term) -> DeliveryResult:
    mail, errand = delivery.mail, delivery.errand
    if errand is None:
        return DeliveryResult.outdated(mail)
    if mail.may_be_out and mail.attempts > _MOST_UNRECORDED and _is_too_old(house, mail):
        # Whoever tried it so often ended without a word.
        return DeliveryResult.failed(mail, UNRECORDED)
    try:
        if isinstance(errand, DeliveryFailed):
            raise errand
        async with asyncio.timeout_at(term.send_until):
            await _hand_over(house, routes, errand)
    except PermanentFailure as refused:
        return DeliveryResult.failed(mail, refused.words)
    except TemporaryFailure as failure:
        return _put_off(house, mail, failure)
    except TimeoutError:
        return _put_off(house, mail, TemporaryFailure("it was not handed over in time", may_be_out=True))
    return DeliveryResult(mail, Fate.SENT)


async def _hand_over(house: House, routes: MailRoutes, route: Route) -> None:
    """Send a mail; where the service's own way out is closed, that is kept."""
    try:
        transport = await routes.transport_for(route.server)
        await transport.send(route.outgoing)
    except TemporaryFailure as failure:
        if route.server is None and failure.problem is not None:
            routes.service_failed()
            await note_service(house, Protocol.SMTP, failure.problem)
        raise


def _put_off(house: House, mail: ClaimedMail, failure: TemporaryFailure) -> DeliveryResult:
    """To be tried again, unless it has been tried too long."""
    if _is_too_old(house, mail):
        return DeliveryResult.failed(mail, failure.words, may_be_out=failure.may_be_out)
    return DeliveryResult.delayed(mail, failure)


def _is_too_old(house: House, mail: ClaimedMail) -> bool:
    return house.now() - mail.created_at >= house.rules.mail.greatest_age


async def _write_down(book: ResultBook, result: DeliveryResult, term: Term) -> None:
    """Write a result down; where nothing but the result itself keeps it from that, that it failed: it would go out for
    ever otherwise.
    """
    try:
        await _insist(book, result, term)
    except Exception as problem:
        if is_of_the_machine(problem):
            raise
        log.error("mail could not be recorded", exc_info=problem, **named(result.mail))
        await _insist(book, DeliveryResult.unwritable(result), term)


async def _insist(book: ResultBook, result: DeliveryResult, term: Term) -> None:
    """Again and again while the database is away: the mail would go out twice otherwise."""
    while True:
        try:
            await book.record(result)
        except Exception as problem:
            if not is_of_the_machine(problem) or asyncio.get_running_loop().time() + _AGAIN_SECONDS > term.write_until:
                raise
            log.warning("mail waits to be recorded", error=type(problem).__name__)
            await asyncio.sleep(_AGAIN_SECONDS)
        else:
            return
