"""Mails are understood in processes of their own, with limits: what a stranger sent costs one of those, never ours."""

import asyncio
import multiprocessing
import resource
import time
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor

import structlog

from invito.services.itip.reasons import Reason, why
from invito.services.itip.understanding import understand
from invito.services.itip.understood import MailKind, UnderstoodMail

_CPU_SECONDS = 5
_MEMORY_BYTES = 512 * 1024 * 1024
_MAILS_A_PROCESS = 500

log = structlog.get_logger(__name__)


class UnderstandingPool:
    """A few processes, each of which understands one mail at a time and is replaced after some hundred."""

    def __init__(self, *, processes: int = 1, cpu_seconds: int = _CPU_SECONDS) -> None:
        self._cpu_seconds = cpu_seconds
        self._slots: asyncio.Queue[ProcessPoolExecutor | None] = asyncio.Queue()
        for _ in range(processes):
            self._slots.put_nowait(None)

    async def prepare(self) -> None:
        """Have a process ready: the first mail would wait for it to start, which takes longer than all the rest."""
        executor: ProcessPoolExecutor | None = await self._slots.get() or _process()
        try:
            await asyncio.get_running_loop().run_in_executor(executor, _be_ready)
        except BrokenExecutor:
            executor = None
        finally:
            self._slots.put_nowait(executor)

    async def understand(self, raw: bytes) -> UnderstoodMail:
        """What the mail says; QUARANTINED where finding out took more than it may."""
        executor: ProcessPoolExecutor | None = await self._slots.get() or _process()
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(executor, _understand, raw, self._cpu_seconds)
        except (BrokenExecutor, MemoryError):
            log.warning("a mail was too much for the process that read it", bytes=len(raw))
            if executor is not None:
                executor.shutdown(wait=False, cancel_futures=True)
            executor = None
            return UnderstoodMail(MailKind.QUARANTINED, why(Reason.UNREADABLE_MAIL))
        finally:
            self._slots.put_nowait(executor)

    def close(self) -> None:
        """End the processes."""
        while not self._slots.empty():
            executor = self._slots.get_nowait()
            if executor is not None:
                executor.shutdown(wait=False, cancel_futures=True)


def _process() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(
        1,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_limit_memory,
        max_tasks_per_child=_MAILS_A_PROCESS,
    )


def _limit_memory() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, hard))
    # Nothing is written where it dies of its limits.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _be_ready() -> None:
    """Nothing is left to do: whoever finds this function in the new process has imported what it needs."""


def _understand(raw: bytes, cpu_seconds: int) -> UnderstoodMail:
    # The limit counts from the start of the process: each mail gets its own share on top of what was used.
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    used = int(time.process_time()) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (used + cpu_seconds, hard))
    return understand(raw)
