"""The threads of one plugin, which the process does not wait for when it ends."""

import asyncio
import itertools
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import TypeVar

T = TypeVar("T")

# Makes the call, and gives back what hands on its outcome.
_Call = Callable[[], Callable[[], None]]


class PluginThreads:
    """Runs calls in at most so many threads, started as they are needed.

    Daemon threads: those of the standard library's executor are waited for at exit, so that one call that hangs would
    keep the process from ending.
    """

    def __init__(self, name: str, most: int) -> None:
        self._name = name
        self._most = most
        self._calls: queue.SimpleQueue[_Call | None] = queue.SimpleQueue()
        self._idle = threading.Semaphore(0)
        self._started = 0

    def run(self, function: Callable[[], T]) -> asyncio.Future[T]:
        """What the function answers; a call that is cancelled before its turn is never made. On the event loop."""
        promise: Future[T] = Future()
        self._calls.put(partial(_called, promise, function))
        if not self._idle.acquire(blocking=False) and self._started < self._most:
            self._started += 1
            threading.Thread(target=self._work, name=f"{self._name}_{self._started}", daemon=True).start()
        return asyncio.wrap_future(promise)

    def close(self) -> None:
        """Let the threads go, each after the call that it is in."""
        for _ in itertools.repeat(None, self._started):
            self._calls.put(None)

    def _work(self) -> None:
        while (call := self._calls.get()) is not None:
            answer = call()
            # Idle before anybody has the answer, so that their next call finds this thread.
            self._idle.release()
            answer()


def _called(promise: "Future[T]", function: Callable[[], T]) -> Callable[[], None]:
    if not promise.set_running_or_notify_cancel():
        return _nothing
    try:
        return partial(promise.set_result, function())
    except BaseException as problem:  # a plugin may raise anything; whoever asked for the call gets it
        return partial(promise.set_exception, problem)


def _nothing() -> None:
    """Nobody waits for the outcome any more."""
