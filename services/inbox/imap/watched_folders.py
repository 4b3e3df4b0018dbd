"""Which folders are watched."""

from dataclasses import dataclass
from typing import Any, NewType, cast

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from invito.services.house import House
from invito.services.ids import ReferenceId
from invito.services.mailboxes.repository import mailboxes_select, read_mailbox
from invito.services.mailboxes.servers import MailServer
from invito.services.mailboxes.values import MailboxId
from invito.services.storage.mail_tables import MailboxRow

# "service", or the id of a viewer's own mailbox.
WatchKey = NewType("WatchKey", str)
SERVICE = WatchKey("service")


# What a personal folder is made of as it is stored, where nothing says how the last look at it went.
_Stored = tuple[object, ...]


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


class PersonalFolders:
    """Of all viewers' own mailboxes that Invito is to read, as they come and go.

    Passwords take their time to be unsealed: only what is new, or stands otherwise than at the last look, is read.
    """

    def __init__(self, house: House) -> None:
        self._house = house
        self._seen: dict[_Stored, WatchedFolder] = {}

    async def now(self, connection: AsyncConnection) -> list[WatchedFolder]:
        rows = await connection.execute(mailboxes_select().where(MailboxRow.imap_url.is_not(None)))
        stored = {_stored(row): row for row in rows}
        self._seen = {key: self._seen.get(key) or self._read(row) for key, row in stored.items()}
        return list(self._seen.values())

    def _read(self, row: Row[Any]) -> WatchedFolder:
        mailbox = read_mailbox(row, self._house.keys)
        server = cast(MailServer, mailbox.imap)
        return WatchedFolder(
            WatchKey(str(mailbox.id)),
            server,
            mailbox.folder,
            may_be_private=server.host in self._house.rules.mail.mailbox_hosts,
            mailbox=mailbox.id,
            owner=mailbox.employee,
        )


def _stored(row: Row[Any]) -> _Stored:
    return (row.id, row.employee_id, row.imap_url, row.username, row.password, row.folder)
