"""All ways in that a process keeps open by itself: mailboxes that are watched, and the listener."""

from dataclasses import dataclass

from invito.services.house import House
from invito.services.inbox.imap.watched_folders import service_folder
from invito.services.inbox.imap.watchers import MailboxWatchers
from invito.services.inbox.lmtp_listener import LmtpListener
from invito.services.mailboxes.servers import MailServer


@dataclass(frozen=True, slots=True)
class IntakePlan:
    """What an operator set. `imap` is the server of the service's mailbox, None where it has none to be read; mails are
    moved to `move_to` once they are kept, and stay where it is None. `listen` is host and port of the listener.
    """

    imap: MailServer | None = None
    folder: str = "INBOX"
    move_to: str | None = None
    listen: tuple[str, int] | None = None


class MailIntakes:
    """The service's mailbox and viewers' own ones are watched, and the listener listens, from `start` to `stop`."""

    def __init__(self, house: House, plan: IntakePlan) -> None:
        service = None if plan.imap is None else service_folder(plan.imap, plan.folder, plan.move_to)
        self._watchers = MailboxWatchers(house, service)
        self._listener = None if plan.listen is None else LmtpListener(house, *plan.listen)

    async def start(self) -> None:
        """
        :raises CannotListen: the listener's address is taken, or none of this machine's.
        """
        if self._listener is not None:
            await self._listener.start()
        self._watchers.start()

    async def stop(self) -> None:
        if self._listener is not None:
            await self._listener.stop()
        await self._watchers.stop()
