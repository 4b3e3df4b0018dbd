"""A viewer sets up their own mailbox: it is stored only if it works (F16)."""

from sqlalchemy.ext.asyncio import AsyncConnection

from invito.services.access import check_is_employee
from invito.services.addresses import normalised_address
from invito.services.busy.references import hold_identities, intern_groups
from invito.services.caller import Caller
from invito.services.house import House
from invito.services.ids import ReferenceId
from invito.services.mailboxes.checking import check_mailbox
from invito.services.mailboxes.repository import add_mailbox, change_mailbox, forget_watching, mailbox_row_of
from invito.services.mailboxes.servers import normal_url
from invito.services.mailboxes.values import MailboxId, MailboxState
from invito.services.mailboxes.wishes import MailboxWish, read_wish


async def save_mailbox(house: House, caller: Caller, wish: MailboxWish) -> None:
    """Check the mailbox and, where it works, store it in place of the one that was there.

    :raises Refusal: FORBIDDEN, INVALID_EMAIL, INVALID_INPUT, or MAILBOX_FAILED: the mailbox stays as it was.
    """
    check_is_employee(caller)
    private_hosts = house.rules.mail.mailbox_hosts
    await check_mailbox(read_wish(wish, private_hosts), private_hosts)
    async with house.database.write() as connection:
        await hold_identities(connection, [caller.references])
        numbers = await intern_groups(connection, [caller.references])
        await _store(connection, house, numbers[caller.references[0]].id, wish)
    house.mailboxes_poked.set()


async def _store(connection: AsyncConnection, house: House, employee: ReferenceId, wish: MailboxWish) -> None:
    imap_url = None if wish.imap_url is None else normal_url(wish.imap_url)
    values = {
        "employee_id": employee,
        "address": normalised_address(wish.address.strip()),
        # Mailboxes at one server share its room, however its URL was typed.
        "smtp_url": normal_url(wish.smtp_url),
        "imap_url": imap_url,
        "username": wish.username,
        "password": house.keys.seal(wish.password),
        "folder": wish.folder,
        "state": MailboxState.OK,
        "checked_at": house.now(),
        "last_error": None,
    }
    there = await mailbox_row_of(connection, employee)
    if there is None:
        await add_mailbox(connection, values)
        return
    await change_mailbox(connection, MailboxId(there.id), values)
    if (there.imap_url, there.username, there.folder) != (imap_url, wish.username, wish.folder):
        # How far another folder was read says nothing of this one.
        await forget_watching(connection, MailboxId(there.id))
