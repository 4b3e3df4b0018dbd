"""How often a mail is tried: a few times, and then it is set aside with its reason (TRUST.md: no retry loop).

Where the machine failed, the database away or the disk full, that is no attempt.
"""

from invito.services.house import House
from invito.services.inbox.repository import Effect, ReceivedMail, keep_effect, unclaim
from invito.services.itip.reasons import Reason
from invito.services.itip.understood import UnderstoodMail
from invito.services.itip.verdicts import InboundOutcome

MOST_ATTEMPTS = 3


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
