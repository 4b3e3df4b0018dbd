"""How often a mail is tried: a few times, and then it is set aside with its reason (TRUST.md: no retry loop).

What failed at the time was not the mail, where the database was away or the disk full: that is no attempt.
"""

from sqlalchemy.exc import DBAPIError, OperationalError

from invito.services.house import House
from invito.services.inbox.repository import Effect, ReceivedMail, keep_effect, unclaim
from invito.services.itip.reasons import Reason
from invito.services.itip.understood import UnderstoodMail
from invito.services.itip.verdicts import InboundOutcome
from invito.services.storage.faults import database_fault

MOST_ATTEMPTS = 3
# PostgreSQL's classes of errors for a transaction that met another, for want of something, and of the system.
_OF_THE_MOMENT = ("40", "53", "55", "57", "58")


def is_no_fault_of_the_mail(problem: Exception) -> bool:
    """Whether the machine failed: another mail would have met with the same, and this one does not later."""
    if isinstance(problem, OSError | MemoryError | OperationalError) or database_fault(problem) is not None:
        return True
    driver = problem.orig if isinstance(problem, DBAPIError) else None
    state = None if driver is None else getattr(driver.__cause__ or driver, "sqlstate", None)
    return str(state or "").startswith(_OF_THE_MOMENT)


async def give_back(house: House, received: ReceivedMail) -> None:
    """As if it had not been claimed."""
    async with house.database.write() as connection:
        await unclaim(connection, received)


async def set_aside(
    house: House, received: ReceivedMail, understood: UnderstoodMail | None, problem: Exception | None
) -> Effect:
    """QUARANTINED, with the kind of the exception, and with what was understood; it can be tried again."""
    places = {} if problem is None else {"problem": type(problem).__name__}
    effect = Effect(InboundOutcome.QUARANTINED, Reason.TAKING_IN_FAILED.value, places)
    async with house.database.write() as connection:
        await keep_effect(connection, received.id, understood, effect)
    return effect
