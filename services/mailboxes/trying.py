"""A viewer tries a mailbox out before saving it; nothing is stored."""

from invito.services.access import check_is_employee
from invito.services.caller import Caller
from invito.services.house import House
from invito.services.mailboxes.checking import check_mailbox
from invito.services.mailboxes.wishes import MailboxWish, read_wish


async def try_mailbox(house: House, caller: Caller, wish: MailboxWish) -> None:
    """
    :raises Refusal: FORBIDDEN, INVALID_EMAIL, INVALID_INPUT, or MAILBOX_FAILED: what saving it would be refused for.
    """
    check_is_employee(caller)
    private_hosts = house.rules.mail.mailbox_hosts
    await check_mailbox(read_wish(wish, private_hosts), private_hosts)
