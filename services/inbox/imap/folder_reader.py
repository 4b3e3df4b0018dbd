"""Reading a folder: each new mail is kept before the position moves on, so that a crash loses none."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

import structlog
from imap_tools.errors import MailboxFetchError

from invito.services.house import House
from invito.services.inbox.imap import folder_steps as steps
from invito.services.inbox.imap.concerning import may_concern_invitations
from invito.services.inbox.imap.positions import FolderPosition, move_position, position_in
from invito.services.inbox.imap.watched_folders import WatchedFolder
from invito.services.inbox.receiving import HEAD_BYTES, MOST_BYTES, Envelope, receive
from invito.services.inbox.values import MailOrigin
from invito.services.mailboxes.imap_threads import ImapThread

# After so many the position is written down.
_BATCH = 20
# A mail that its server cannot give so often is passed over: the others behind it matter too.
_MOST_TRIES = 3
# How far back a viewer's own mailbox is looked through where its server numbered it anew.
_LOOK_BACK = timedelta(days=30)

log = structlog.get_logger(__name__)


class FolderReader:
    """One connection's work on a folder. `refused` counts, over connections, the mails that the server did not give."""

    def __init__(self, house: House, folder: WatchedFolder, thread: ImapThread, refused: Counter[int]) -> None:
        self._house = house
        self._folder = folder
        self._thread = thread
        self._refused = refused
        self._position = FolderPosition(0, 0)

    async def begin(self) -> None:
        """Select the folder, and find out how far it was read.

        :raises MailServerFailure: there is no such folder.
        """
        open_folder = partial(steps.open_folder, folder=self._folder.folder, move_to=self._folder.move_to)
        validity, following = await self._thread.do(open_folder)
        async with self._house.database.read() as connection:
            before = await position_in(connection, self._folder)
        if before is not None and before.uid_validity == validity:
            self._position = before
        elif before is None and self._folder.is_personal:
            # What lay there before Invito knew of the mailbox is not for it to read.
            await self._move_on(FolderPosition(validity, following - 1 if following else await self._last_uid()))
        else:
            self._refused.clear()
            await self._move_on(FolderPosition(validity, 0))

    async def catch_up(self) -> None:
        """Keep all that is new, in the order in which it came."""
        is_anew = self._folder.is_personal and self._position.last_uid == 0
        since = (self._house.now() - _LOOK_BACK).date() if is_anew else None
        # What was kept and not moved yet is still there, below the position, and what was passed over.
        after = self._position.last_uid if self._folder.move_to is None else 0
        uids = await self._thread.do(partial(steps.uids_after, last=after, since=since))
        for first in range(0, len(uids), _BATCH):
            await self._take(uids[first : first + _BATCH])

    async def wait(self, idle_seconds: float) -> None:
        """Until the server says something; `idle_seconds` at most."""
        await self._thread.do(partial(steps.wait_for_news, seconds=idle_seconds))

    async def can_idle(self) -> bool:
        return await self._thread.do(steps.can_idle)

    async def _take(self, uids: Sequence[int]) -> None:
        kept = [uid for uid in uids if await self._is_kept(uid)]
        if uids[-1] > self._position.last_uid:
            await self._move_on(FolderPosition(self._position.uid_validity, uids[-1]))
        if self._folder.move_to is not None and kept:
            await self._thread.do(partial(steps.move, uids=kept, folder=self._folder.move_to))

    async def _is_kept(self, uid: int) -> bool:
        """Keep the mail, so that it may be moved away; not where its server does not give it.

        What lies below the position still is looked at again: whether it was kept or passed over is known to the
        process alone that did it.
        """
        if self._refused[uid] >= _MOST_TRIES:
            return False
        try:
            raw, is_whole = await self._fetched(uid)
        except MailboxFetchError:
            self._refused[uid] += 1
            if uid > self._position.last_uid and self._refused[uid] < _MOST_TRIES:
                raise
            log.error("a mail was passed over that its server does not give", mailbox=self._folder.key, uid=uid)
            return False
        if raw is not None:
            envelope = Envelope(mailbox_owner=self._folder.owner)
            await receive(self._house, raw, MailOrigin.IMAP, envelope, is_whole=is_whole)
        return True

    async def _fetched(self, uid: int) -> tuple[bytes | None, bool]:
        """The mail, or its head where it is too large; nothing where it is gone, or none of ours to read."""
        if self._folder.is_personal:
            outline = await self._thread.do(partial(steps.outline_of, uid=uid))
            size = outline.size if outline is not None and may_concern_invitations(outline) else None
        else:
            size = await self._thread.do(partial(steps.size_of, uid=uid))
        if size is None:
            return None, True
        is_whole = size <= MOST_BYTES
        most = None if is_whole else HEAD_BYTES
        return await self._thread.do(partial(steps.raw_mail, uid=uid, most_bytes=most)), is_whole

    async def _last_uid(self) -> int:
        return max(await self._thread.do(partial(steps.uids_after, last=0)), default=0)

    async def _move_on(self, position: FolderPosition) -> None:
        async with self._house.database.write() as connection:
            await move_position(connection, self._folder, position)
        self._position = position
