"""A viewer takes their own mailbox away: what they own goes out from the service's address again, where it has one."""

from invito.services.access import check_is_employee
from invito.services.busy.references import interned
from invito.services.caller import Caller
from invito.services.house import House
from invito.services.mailboxes.repository import forget_mailbox, mailbox_row_of
from invito.services.mailboxes.values import MailboxId


async def remove_mailbox(house: House, caller: Caller) -> None:
    """Forget the mailbox, its password, and how far it was read. Without one, nothing happens.

    :raises Refusal: FORBIDDEN.
    """
    check_is_employee(caller)
    async with house.database.write() as connection:
        for number in (await interned(connection, caller.references)).values():
            row = await mailbox_row_of(connection, number.id)
            if row is not None:
                await forget_mailbox(connection, MailboxId(row.id))
    house.mailboxes_poked.set()
