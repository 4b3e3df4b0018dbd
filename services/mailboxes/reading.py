"""The mailbox that a viewer's invitations go out from, as they see it."""

from dataclasses import dataclass
from datetime import datetime

from invito.services.busy.references import interned
from invito.services.caller import Caller
from invito.services.house import House
from invito.services.mailboxes.problems import kept_problem
from invito.services.mailboxes.repository import mailbox_row_of
from invito.services.mailboxes.values import MailboxId, MailboxState


@dataclass(frozen=True, slots=True)
class SeenMailbox:
    """`id` is None for the service's mailbox, which nobody looks after for the viewer: it is UNCHECKED.

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
    return None if house.rules.mail_from is None else SeenMailbox(None, house.rules.mail_from)
