"""The mailbox that a viewer's invitations go out from, as they see it."""

from dataclasses import dataclass
from datetime import datetime

from invito.services.busy.references import interned
from invito.services.caller import Caller
from invito.services.house import House
from invito.services.language import translate
from invito.services.mailboxes.problems import kept_problem
from invito.services.mailboxes.repository import mailbox_row_of
from invito.services.mailboxes.service_mailbox import Sight, service_sight
from invito.services.mailboxes.values import MailboxId, MailboxState


@dataclass(frozen=True, slots=True)
class SeenMailbox:
    """`id` is None for the service's mailbox, which is UNCHECKED until a worker sent by it or read it.

    `checked_at` is a UTC instant, `last_error` a sentence in the language of the request.
    """

    id: MailboxId | None
    address: str
    state: MailboxState = MailboxState.UNCHECKED
    checked_at: datetime | None = None
    last_error: str | None = None


async def mailbox_seen_by(house: House, caller: Caller) -> SeenMailbox | None:
    """The caller's own mailbox, else the service's; None where there is neither, and for who is no employee."""
    if caller.employee is None:
        return None
    async with house.database.read() as connection:
        for number in (await interned(connection, caller.references)).values():
            row = await mailbox_row_of(connection, number.id)
            if row is not None:
                error = None if row.last_error is None else kept_problem(row.last_error).sentence()
                return SeenMailbox(MailboxId(row.id), row.address, row.state, row.checked_at, error)
        if house.rules.mail_from is None:
            return None
        sight = await service_sight(connection)
    return _service(house.rules.mail_from, sight, caller)


def _service(address: str, sight: Sight | None, caller: Caller) -> SeenMailbox:
    """What its servers are called and what they say is for administrators alone."""
    if sight is None:
        return SeenMailbox(None, address)
    error = None
    if sight.problem is not None:
        message = "The service's mail server cannot be used at the moment: an administrator sees why."
        error = sight.problem.sentence() if caller.is_administrator else translate(message)
    return SeenMailbox(None, address, sight.state, sight.checked_at, error)
