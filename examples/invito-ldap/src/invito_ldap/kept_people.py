"""The snapshot that is there now, read again and again beside everything else."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from contextvars import Context
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from invito.plugins import PluginContext
from invito.services.directory import Directory
from invito_ldap.earlier_employees import references_by_address
from invito_ldap.errors import DirectoryAway, DirectoryUnread
from invito_ldap.settings import LdapSettings
from invito_ldap.snapshot import Snapshot, read_snapshot

T = TypeVar("T")

# After one that failed.
_RETRY_SECONDS = 30.0


@dataclass(slots=True)
class KeptPeople:
    """Whoever was read last stays until more is read: a directory that is away changes nothing."""

    snapshot: Snapshot | None = None
    # Why the last reading failed; None where it did not.
    problem: Exception | None = None
    _reading: asyncio.Task[None] | None = None
    _tried: asyncio.Event = field(default_factory=asyncio.Event)
    # By when the next reading has ended, well or not.
    _good_until: datetime | None = None

    @property
    def present(self) -> Snapshot:
        """
        :raises DirectoryUnread: it was never read.
        """
        if self.snapshot is None:
            raise DirectoryUnread("the directory was not read yet")
        return self.snapshot

    def is_current(self, now: datetime) -> bool:
        """Whether the last reading went well, and the next one is not overdue."""
        return self.problem is None and self._good_until is not None and now <= self._good_until

    async def open(self, context: PluginContext[LdapSettings]) -> None:
        """Read, and go on reading until `close`, whatever comes of the first time.

        :raises DirectoryUnread: nobody was read so far.
        """
        if self._reading is None:
            self._tried = asyncio.Event()
            # What is started for a call ends with it, but for what has a context of its own.
            self._reading = asyncio.get_running_loop().create_task(self._keep_reading(context), context=Context())
        await self._tried.wait()
        if self.snapshot is None:
            assert self.problem is not None
            raise self.problem

    async def close(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            with suppress(asyncio.CancelledError):
                await self._reading
        self._reading, self.snapshot, self.problem, self._good_until = None, None, None, None

    async def refresh(self, context: PluginContext[LdapSettings]) -> None:
        """Read once. What failed is in the log and in `problem`."""
        settings, log = context.settings, context.logger
        try:
            read = await _read(context)
        except DirectoryUnread as problem:
            self.problem = problem
            log.warning("not read", problem=type(problem).__name__, reason=str(problem), keeps=self._read_at())
        except Exception as problem:  # Invito's own database may be away, too
            self.problem = problem
            log.warning("not read", problem=type(problem).__name__, keeps=self._read_at())
        else:
            self.snapshot, self.problem = read, None
            self._good_until = read.read_at + timedelta(seconds=settings.refresh_seconds + settings.read_seconds)
            log.info("read", people=len(read.everybody.items), groups=len(read.groups.items), left_out=read.left_out)

    async def _keep_reading(self, context: PluginContext[LdapSettings]) -> None:
        rest = context.settings.refresh_seconds
        while True:
            await self.refresh(context)
            self._tried.set()
            await asyncio.sleep(rest if self.problem is None else min(rest, _RETRY_SECONDS))

    def _read_at(self) -> str | None:
        return None if self.snapshot is None else self.snapshot.read_at.isoformat(timespec="seconds")


async def _read(context: PluginContext[LdapSettings]) -> Snapshot:
    """
    :raises DirectoryUnread: it could not be read, or not in time.
    """
    settings = context.settings
    try:
        async with asyncio.timeout(settings.read_seconds):
            earlier = await references_by_address(Directory.of(context))
            return await _in_thread(partial(read_snapshot, settings, earlier))
    except TimeoutError as problem:
        raise DirectoryAway(
            f"not all was read within {settings.read_seconds:g} seconds: is {settings.url} slow? See READ_SECONDS"
        ) from problem


async def _in_thread(function: Callable[[], T]) -> T:
    """What the function answers. Nobody waits for the thread at the end of the process."""
    promise: Future[T] = Future()
    threading.Thread(target=_fulfil, args=(promise, function), name="invito-ldap", daemon=True).start()
    return await asyncio.wrap_future(promise)


def _fulfil(promise: "Future[Any]", function: Callable[[], object]) -> None:
    if not promise.set_running_or_notify_cancel():
        return
    try:
        answer = function()
    except BaseException as problem:  # whoever waits gets it
        promise.set_exception(problem)
    else:
        promise.set_result(answer)
