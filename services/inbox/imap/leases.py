"""Which process watches which mailbox: one at a time. Two would harm nothing, since a second copy changes nothing."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import and_, delete, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from invito.services.inbox.imap.watched_folders import WatchKey
from invito.services.storage.database_time import from_now
from invito.services.storage.inserting import insert_into
from invito.services.storage.mail_tables import MailboxWatchRow
from invito.services.storage.value_lists import texts_in_order


@dataclass(frozen=True, slots=True)
class Leases:
    """The mailboxes that a watcher has for a while yet, and those that others have; what is neither is to claim."""

    own: frozenset[WatchKey]
    others: frozenset[WatchKey]


async def leases_of(connection: AsyncConnection, watcher: str, lease: timedelta) -> Leases:
    """How they stand; a lease of the watcher's own is to be renewed once a third of it is over."""
    is_own = MailboxWatchRow.watched_by == watcher
    lasts = MailboxWatchRow.watched_until >= from_now(connection)
    lasts_long = MailboxWatchRow.watched_until >= from_now(connection, lease * 2 / 3)
    query = select(MailboxWatchRow.mailbox, is_own).where(or_(lasts_long, and_(lasts, ~is_own)))
    held: dict[bool, set[WatchKey]] = {True: set(), False: set()}
    for mailbox, is_its in await connection.execute(query):
        held[is_its].add(WatchKey(mailbox))
    return Leases(frozenset(held[True]), frozenset(held[False]))


async def claim_watches(
    connection: AsyncConnection, watcher: str, wanted: Collection[WatchKey], lease: timedelta
) -> set[WatchKey]:
    """Those of the mailboxes that this watcher has from now on, for as long as the lease lasts: its own, and free ones.

    One statement, in one order everywhere, so that two watchers never wait for each other.
    """
    insert = insert_into(connection, MailboxWatchRow)
    rows = texts_in_order(list(wanted), connection.dialect.name)
    claims = rows.add_columns(literal(watcher), from_now(connection, lease))
    is_free = or_(MailboxWatchRow.watched_by == watcher, MailboxWatchRow.watched_until < from_now(connection))
    claimed = insert.from_select(["mailbox", "watched_by", "watched_until"], claims).on_conflict_do_update(
        index_elements=["mailbox"],
        set_={"watched_by": insert.excluded.watched_by, "watched_until": insert.excluded.watched_until},
        where=is_free,
    )
    return {WatchKey(key) for key in (await connection.execute(claimed.returning(MailboxWatchRow.mailbox))).scalars()}


async def release_watches(connection: AsyncConnection, watcher: str) -> None:
    """All that this watcher has are free for others."""
    await connection.execute(delete(MailboxWatchRow).where(MailboxWatchRow.watched_by == watcher))
