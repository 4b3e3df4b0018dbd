"""All watches of a process: the service's mailbox and viewers' own, as they come and go."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import structlog

from invito.services.background import end, poked_within
from invito.services.house import House
from invito.services.inbox.imap.folder_watch import FolderWatch, Patience
from invito.services.inbox.imap.leases import claim_watches, leases_of, release_watches
from invito.services.inbox.imap.watched_folders import PersonalFolders, WatchedFolder, WatchKey
from invito.services.mailboxes.service_mailbox import forget_service, is_kept
from invito.services.mailboxes.values import Protocol

_LOOK_AGAIN_SECONDS = 10.0
_LEASE = timedelta(seconds=60)

log = structlog.get_logger(__name__)


class MailboxWatchers:
    """Looks for mailboxes when it is poked, and every few seconds; several processes share them by leases."""

    def __init__(
        self,
        house: House,
        service: WatchedFolder | None,
        *,
        patience: Patience = Patience(),  # noqa: B008  # frozen
        look_again_seconds: float = _LOOK_AGAIN_SECONDS,
        lease: timedelta = _LEASE,
    ) -> None:
        self._house = house
        self._service = service
        self._personal = PersonalFolders(house)
        self._patience = patience
        self._look_again_seconds = look_again_seconds
        self._lease = lease
        self._name = str(uuid4())
        self._watches: dict[WatchKey, tuple[WatchedFolder, asyncio.Task[None]]] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="invito mailbox watchers")

    async def stop(self) -> None:
        """End all watches, and leave the mailboxes to others."""
        await end(self._task)
        await self._end_watches(set(self._watches))
        try:
            async with self._house.database.write() as connection:
                await release_watches(connection, self._name)
        except Exception as failure:  # the leases run out by themselves
            log.warning("mailboxes are not released", error=type(failure).__name__)

    async def _run(self) -> None:
        poked = self._house.mailboxes_poked
        while True:
            poked.clear()
            try:
                await self._look()
            except Exception as failure:  # the database may be away for a while
                log.warning("mailboxes are not looked for", error=type(failure).__name__)
            await poked_within(poked, self._look_again_seconds)

    async def _look(self) -> None:
        async with self._house.database.read() as connection:
            folders = await self._personal.now(connection)
            leases = await leases_of(connection, self._name, self._lease)
            is_to_forget = self._service is None and await is_kept(connection, Protocol.IMAP)
        wanted = {folder.key: folder for folder in (*folders, *([self._service] if self._service else []))}
        mine, to_claim = wanted.keys() & leases.own, wanted.keys() - leases.own - leases.others
        if to_claim or is_to_forget:
            async with self._house.database.write() as connection:
                mine |= await claim_watches(connection, self._name, to_claim, self._lease)
                if is_to_forget:
                    await forget_service(connection, Protocol.IMAP)
        await self._end_watches({key for key, (folder, _) in self._watches.items() if wanted.get(key) != folder})
        await self._end_watches(self._watches.keys() - mine)
        for key in mine - self._watches.keys():
            watch = FolderWatch(self._house, wanted[key], self._patience)
            task = asyncio.create_task(watch.run(), name=f"invito mailbox {key}")
            self._watches[key] = (wanted[key], task)

    async def _end_watches(self, keys: set[WatchKey]) -> None:
        for key in keys:
            _, task = self._watches.pop(key)
            await end(task)
