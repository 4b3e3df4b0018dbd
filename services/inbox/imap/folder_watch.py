"""Watching one folder: connected, read, waited for, and connected anew whenever the connection is lost."""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass

import structlog

from invito.services.house import House
from invito.services.inbox.imap.folder_reader import FolderReader
from invito.services.inbox.imap.watched_folders import WatchedFolder
from invito.services.mailboxes.imap_sessions import IMAP_PROBLEMS
from invito.services.mailboxes.imap_threads import imap_thread
from invito.services.mailboxes.problems import MailboxProblem, MailServerFailure
from invito.services.mailboxes.repository import note_state
from invito.services.mailboxes.service_mailbox import note_service
from invito.services.mailboxes.values import MailboxState, Protocol

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """In seconds. A dead connection is found after an `idle` round and an `answer` at the latest.

    `poll` is the pause between two looks where a server cannot tell of news (RFC 2177). After a failure it is tried
    again after `retry`, then ever later up to `longest_retry`; after a refused login only `refused_retry` later, since
    servers lock out who keeps trying.
    """

    idle: float = 270.0
    poll: float = 60.0
    answer: float = 30.0
    retry: float = 1.0
    longest_retry: float = 300.0
    refused_retry: float = 900.0


class FolderWatch:
    """Runs until it is cancelled."""

    def __init__(self, house: House, folder: WatchedFolder, patience: Patience) -> None:
        self.folder = folder
        self._house = house
        self._patience = patience
        self._refused: Counter[int] = Counter()
        self._pause = patience.retry

    async def run(self) -> None:
        while True:
            try:
                await self._watch()
            except MailServerFailure as failure:
                await self._tell(MailboxProblem.at(self.folder.server, Protocol.IMAP, failure, self.folder.folder))
            except IMAP_PROBLEMS as problem:
                log.info("a mailbox's connection was lost", mailbox=self.folder.key, error=type(problem).__name__)
            except Exception as problem:  # the database may be away for a while
                log.warning("a mailbox waits", mailbox=self.folder.key, error=type(problem).__name__)
            # Not all at once after a server was away.
            await asyncio.sleep(self._pause * random.uniform(0.8, 1.2))  # noqa: S311  # no secret
            self._pause = min(self._pause * 2, self._patience.longest_retry)

    async def _watch(self) -> None:
        folder, patience = self.folder, self._patience
        async with imap_thread(folder.server, may_be_private=folder.may_be_private, seconds=patience.answer) as thread:
            reader = FolderReader(self._house, folder, thread, self._refused)
            await reader.begin()
            await self._note(None)
            can_idle = await reader.can_idle()
            log.info("a mailbox is watched", mailbox=folder.key, idle=can_idle)
            while True:
                await reader.catch_up()
                self._pause = patience.retry
                if can_idle:
                    await reader.wait(patience.idle)
                else:
                    await asyncio.sleep(patience.poll)

    async def _tell(self, problem: MailboxProblem) -> None:
        log.warning("a mailbox cannot be read", mailbox=self.folder.key, fault=problem.fault.value)
        if problem.state is MailboxState.REFUSED:
            self._pause = self._patience.refused_retry
        try:
            await self._note(problem)
        except Exception as failure:  # the database may be away for a while
            log.warning("a mailbox's state is not kept", mailbox=self.folder.key, error=type(failure).__name__)

    async def _note(self, problem: MailboxProblem | None) -> None:
        if self.folder.mailbox is None:
            await note_service(self._house, Protocol.IMAP, problem)
            return
        async with self._house.database.write() as connection:
            await note_state(connection, self.folder.mailbox, problem, self._house.now())
