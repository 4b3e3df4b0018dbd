"""Which folders are watched."""

from dataclasses import dataclass
from typing import NewType

from sqlalchemy.ext.asyncio import AsyncConnection

from invito.services.house import House
from invito.services.ids import ReferenceId
from invito.services.mailboxes.repository import all_mailboxes
from invito.services.mailboxes.servers import MailServer
from invito.services.mailboxes.values import Mailbox, MailboxId

# "service", or the id of a viewer's own mailbox.
WatchKey = NewType("WatchKey", str)
SERVICE = WatchKey("service")


@dataclass(frozen=True, slots=True)
class WatchedFolder:
    """A folder of a server. Without `move_to` nothing of it is changed; with it, mails that were kept are moved there.

    `mailbox` and `owner` are set for a viewer's own mailbox, which holds other mail too: what is not about
    invitations is not fetched from there. `may_be_private`: the operator vouches for the server's address.
    """

    key: WatchKey
    server: MailServer
    folder: str
    may_be_private: bool
    move_to: str | None = None
    mailbox: MailboxId | None = None
    owner: ReferenceId | None = None

    @property
    def is_personal(self) -> bool:
        return self.mailbox is not None


def service_folder(server: MailServer, folder: str, move_to: str | None) -> WatchedFolder:
    return WatchedFolder(SERVICE, server, folder, may_be_private=True, move_to=move_to)


async def personal_folders(connection: AsyncConnection, house: House) -> list[WatchedFolder]:
    """Of all viewers' own mailboxes that Invito is to read."""
    mailboxes = await all_mailboxes(connection, house.keys)
    return [_personal(one, one.imap, house) for one in mailboxes if one.imap is not None]


def _personal(mailbox: Mailbox, server: MailServer, house: House) -> WatchedFolder:
    return WatchedFolder(
        WatchKey(str(mailbox.id)),
        server,
        mailbox.folder,
        may_be_private=server.host in house.rules.mail.mailbox_hosts,
        mailbox=mailbox.id,
        owner=mailbox.employee,
    )
