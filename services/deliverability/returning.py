"""Waiting for a mail to come back to the mailbox that answers arrive in."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from invito.services.inbox.imap.folder_steps import raw_mail
from invito.services.mailboxes.imap_sessions import ImapSession
from invito.services.mailboxes.imap_threads import ImapThread, imap_thread
from invito.services.mailboxes.problems import Fault, MailServerFailure
from invito.services.mailboxes.servers import MailServer

_STEP_SECONDS = 10.0
_PAUSE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class WatchedMailbox:
    """Where answers arrive: the folder that is watched first, then the one that a worker may have moved them to."""

    server: MailServer
    folders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReturnedMail:
    """The mail as it lies there, and in which folder."""

    raw: bytes
    folder: str


async def await_return(mailbox: WatchedMailbox, message_id: str, seconds: float) -> ReturnedMail | None:
    """The mail of this Message-ID, once it is there; None where it is not within `seconds`.

    :raises MailServerFailure: the mailbox cannot be read.
    """
    try:
        async with (
            asyncio.timeout(seconds),
            imap_thread(mailbox.server, may_be_private=True, seconds=_STEP_SECONDS) as thread,
        ):
            while True:
                found = await _look(thread, mailbox.folders, message_id)
                if found is not None:
                    return found
                await asyncio.sleep(_PAUSE_SECONDS)
    except TimeoutError:
        return None


async def _look(thread: ImapThread, folders: Sequence[str], message_id: str) -> ReturnedMail | None:
    for place, folder in enumerate(folders):
        try:
            raw = await thread.do(partial(_found, folder=folder, message_id=message_id))
        except MailServerFailure as failure:
            # The folder that mails are moved to is made by the first worker that moves one.
            if place == 0 or failure.fault is not Fault.FOLDER:
                raise
            continue
        if raw is not None:
            return ReturnedMail(raw, folder)
    return None


def _found(session: ImapSession, folder: str, message_id: str) -> bytes | None:
    session.select(folder, is_read_only=True)
    uids = session.box.uids(f'HEADER Message-ID "{message_id}"', None)
    return raw_mail(session, int(uids[-1])) if uids else None
