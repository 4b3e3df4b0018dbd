"""Which process watches which mailbox: one at a time. Two would harm nothing, since a second copy changes nothing."""

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import delete, or_
from sqlalchemy.ext.asyncio import AsyncConnection

from invito.services.inbox.imap.watched_folders import WatchKey
from invito.services.storage.database_time import from_now
from invito.services.storage.inserting import insert_into
from invito.services.storage.mail_tables import MailboxWatchRow


async def claim_watches(
    connection: AsyncConnection, watcher: str, wanted: Iterable[WatchKey], lease: timedelta
) -> set[WatchKey]:
    """Those of the mailboxes that this watcher has from now on, for as long as the lease lasts: its own, and free ones.

    In one order everywhere, so that two watchers never wait for each other.
    """
    insert = insert_into(connection, MailboxWatchRow)
    until = from_now(connection, lease)
    taken = {"watched_by": watcher, "watched_until": until}
    is_free = or_(MailboxWatchRow.watched_by == watcher, MailboxWatchRow.watched_until < from_now(connection))
    had: set[WatchKey] = set()
    for key in sorted(wanted):
        claim = insert.values(mailbox=key, **taken).on_conflict_do_update(
            index_elements=["mailbox"], set_=taken, where=is_free
        )
        if (await connection.execute(claim.returning(MailboxWatchRow.mailbox))).first() is not None:
            had.add(key)
    return had


async def release_watches(connection: AsyncConnection, watcher: str) -> None:
    """All that this watcher has are free for others."""
    await connection.execute(delete(MailboxWatchRow).where(MailboxWatchRow.watched_by == watcher))
