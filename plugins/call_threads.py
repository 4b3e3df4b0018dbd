"""What an async call hands to threads, as `asyncio.to_thread` does: its plugin has them, not our loop."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from typing import TypeVar

from invito.plugins.plugin_threads import PluginThreads

T = TypeVar("T")


class CallThreads:
    """The threads of one call: its turn lasts until it is over and none of them is at work for it any more.

    A thread cannot be ended: of a call that is given up it goes on, and `leave` is told when it has ended.
    """

    __slots__ = ("_at_work", "_has_left", "_is_over", "_leave", "_threads")

    def __init__(self, threads: PluginThreads, leave: Callable[[], None]) -> None:
        self._threads, self._leave = threads, leave
        self._at_work = 0
        self._is_over = self._has_left = False

    def submit(self, work: Callable[[], T]) -> Future[T]:
        """Have the work done in a thread. To be called on the event loop, as `run_in_executor` does."""
        self._at_work += 1
        loop, answer = asyncio.get_running_loop(), Future[T]()

        def done() -> Callable[[], None]:
            hand_on = _done(work, answer) if answer.set_running_or_notify_cancel() else None
            return partial(_tell, hand_on, loop, self._has_ended)

        self._threads.run(done)
        return answer

    def end(self) -> None:
        """The call itself is over, or its answer has begun."""
        self._is_over = True
        self._leave_if_idle()

    def _has_ended(self) -> None:
        self._at_work -= 1
        self._leave_if_idle()

    def _leave_if_idle(self) -> None:
        # But once: a task that was left behind may begin something after the turn.
        if self._is_over and self._at_work == 0 and not self._has_left:
            self._has_left = True
            self._leave()


def _done(work: Callable[[], T], answer: Future[T]) -> Callable[[], None]:
    try:
        return partial(answer.set_result, work())
    except BaseException as problem:  # a plugin may raise anything
        return partial(answer.set_exception, problem)


def _tell(hand_on: Callable[[], None] | None, loop: asyncio.AbstractEventLoop, ended: Callable[[], None]) -> None:
    with suppress(RuntimeError):  # the loop is closed, and nobody waits any more
        loop.call_soon_threadsafe(ended)
    if hand_on is not None:
        hand_on()
