"""One mail taken in at once, for somebody who waits for what it does, and not by a worker in its turn."""

import asyncio
from datetime import timedelta
from weakref import WeakKeyDictionary

import structlog

from invito.services.house import House
from invito.services.ids import InboxId
from invito.services.inbox.attempts import set_aside
from invito.services.inbox.repository import Effect, ReceivedMail, claim_one, message_of, messages_select
from invito.services.inbox.taking_in import take_in
from invito.services.inbox.understanding_pool import UnderstandingPool
from invito.services.storage.faults import is_of_the_machine
from invito.services.storage.mail_tables import InboxRow

_LEASE = timedelta(minutes=2)
# One at a time in a process, however many ask: each has a process of its own, of up to 512 MiB.
_TURNS: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()

log = structlog.get_logger(__name__)


async def effect_so_far(house: House, message: InboxId) -> Effect | None:
    """What a mail did, None where nobody took it in yet."""
    async with house.database.read() as connection:
        row = (await connection.execute(messages_select().where(InboxRow.id == message))).first()
    if row is None:
        return None
    there = message_of(row)
    return Effect(
        there.outcome, there.reason or "", there.reason_values, there.follow_up, there.participant, there.status
    )


async def take_in_now(house: House, message: InboxId) -> Effect | None:
    """Take in a mail that was kept, without waiting for a worker; of one that was taken in, what it did then.

    None where a worker is at it.
    """
    effect = await effect_so_far(house, message)
    if effect is not None:
        return effect
    async with house.database.write() as connection:
        received = await claim_one(connection, _LEASE, message)
    return None if received is None else await try_now(house, received)


async def try_now(house: House, received: ReceivedMail) -> Effect:
    """Understand a mail and take it in, set aside at once where that fails: whoever asked for it sees it and decides.

    :raises Exception: the machine failed, and not over the mail.
    """
    async with _turn():
        return await _try_now(house, received)


async def _try_now(house: House, received: ReceivedMail) -> Effect:
    understood = None
    pool = UnderstandingPool()
    try:
        understood = await pool.understand(received.raw)
        return await take_in(house, received, understood)
    except Exception as problem:
        if is_of_the_machine(problem):
            raise
        log.warning("a mail failed", mail=received.id, error=type(problem).__name__)
        return await set_aside(house, received, understood, problem)
    finally:
        pool.close()


def _turn() -> asyncio.Lock:
    return _TURNS.setdefault(asyncio.get_running_loop(), asyncio.Lock())
