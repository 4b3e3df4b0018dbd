"""A real IMAP server, and watchers that are waited for by what they keep."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from invito.services.inbox.imap.folder_watch import Patience
from invito.services.inbox.imap.watched_folders import WatchedFolder, service_folder
from invito.services.inbox.imap.watchers import MailboxWatchers
from invito.services.mailboxes.servers import read_server
from invito.services.storage.mail_tables import FolderPositionRow, InboxRow
from tests.certificates import make_certificates
from tests.mail_servers import Dovecot, running_dovecot

if TYPE_CHECKING:
    from invito.services.house import House

# Long enough that nothing but IDLE can bring a mail within a test's time.
PATIENT = Patience(idle=100, poll=100, answer=20, retry=0.05, longest_retry=0.2, refused_retry=0.2)


@pytest.fixture
def dovecot() -> Iterator[Dovecot]:
    with running_dovecot(make_certificates()) as server:
        yield server


@dataclass
class Inbox:
    """What was kept, and when: a test waits for the mail, not for a time."""

    house: House

    async def holds(self, *subjects: str) -> None:
        """Until exactly these were kept, in any order."""
        await self.until(lambda kept: sorted(kept) == sorted(subjects))

    async def until(self, is_so: Callable[[list[str]], bool]) -> None:
        async with asyncio.timeout(30):
            while not is_so(await self.subjects()):
                self.house.inbox_poked.clear()
                if is_so(await self.subjects()):
                    return
                await self.house.inbox_poked.wait()

    async def subjects(self) -> list[str]:
        """Of the mails that were kept, in the order in which they came."""
        return [_subject(row.raw) for row in await self.rows()]

    async def rows(self) -> list[InboxRow]:
        async with self.house.database.read() as connection:
            return list(await connection.execute(select(*InboxRow.__table__.columns).order_by(InboxRow.id)))  # type: ignore[arg-type]  # rows with the table's names

    async def positions(self) -> dict[str, int]:
        """How far each mailbox was read."""
        async with self.house.database.read() as connection:
            rows = await connection.execute(select(FolderPositionRow.mailbox, FolderPositionRow.last_uid))
            return {row.mailbox: row.last_uid for row in rows}

    async def position(self, wanted: int, mailbox: str = "service") -> None:
        """Until a mailbox was read so far."""
        async with asyncio.timeout(30):
            while (await self.positions()).get(mailbox) != wanted:  # noqa: ASYNC110  # what is waited for is the row
                await asyncio.sleep(0.01)


@pytest.fixture
async def inbox(house: House) -> Inbox:
    return Inbox(house)


@asynccontextmanager
async def watching(
    house: House, folder: WatchedFolder | None, patience: Patience = PATIENT, look_again_seconds: float = 100
) -> AsyncIterator[MailboxWatchers]:
    watchers = MailboxWatchers(house, folder, patience=patience, look_again_seconds=look_again_seconds)
    watchers.start()
    try:
        yield watchers
    finally:
        await watchers.stop()


def service(dovecot: Dovecot, *, port: int | None = None, move_to: str | None = None) -> WatchedFolder:
    """The mailbox of the service, at the server or at a proxy before it."""
    server = read_server(dovecot.url("service"))
    return service_folder(replace(server, port=port or server.port), "INBOX", move_to)


def _subject(raw: bytes) -> str:
    return next(
        (line[8:].strip().decode() for line in raw.splitlines() if line.lower().startswith(b"subject:")), "no subject"
    )
