"""Mutations that were begun: whoever waits for one may leave, over HTTP, event streams and websockets alike."""

import asyncio
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self, TypeVar

import structlog

T = TypeVar("T")

log = structlog.get_logger(__name__)


class WholeMutations:
    """Runs each in a task of its own, which nobody cancels; leaving the context waits for those that still run."""

    def __init__(self) -> None:
        # The event loop alone would not keep them.
        self._running: set[asyncio.Task[Any]] = set()

    async def to_its_end(self, mutation: Coroutine[Any, Any, T]) -> T:
        """What it answers. Who is cancelled while they wait for it ends, and it goes on."""
        task = asyncio.create_task(mutation)
        self._running.add(task)
        task.add_done_callback(self._ended)
        return await asyncio.shield(task)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        # Whoever waits gets it too; where nobody does, this is all that is heard of it.
        if not task.cancelled() and (problem := task.exception()) is not None:
            log.info("a mutation ended with an error", problem=type(problem).__name__)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, type_: type[BaseException] | None, raised: BaseException | None, traceback: TracebackType | None
    ) -> None:
        while self._running:
            await asyncio.wait(self._running)
