"""The threads of one plugin, which the process does not wait for when it ends."""

import itertools
import queue
import threading
from collections.abc import Callable

# Makes the call, and gives back what hands on its outcome. Neither raises.
Call = Callable[[], Callable[[], None]]


class PluginThreads:
    """Runs calls in at most so many threads, started as they are needed; more calls wait for a thread.

    Daemon threads: those of the standard library's executor are waited for at exit, so that one call that hangs would
    keep the process from ending.
    """

    def __init__(self, name: str, most: int) -> None:
        self._name = name
        self._most = most
        self._calls: queue.SimpleQueue[Call | None] = queue.SimpleQueue()
        self._idle = threading.Semaphore(0)
        self._started = 0

    def run(self, call: Call) -> None:
        """Make the call in a thread. To be called by one thread alone, the event loop's."""
        self._calls.put(call)
        if not self._idle.acquire(blocking=False) and self._started < self._most:
            self._started += 1
            threading.Thread(target=self._work, name=f"{self._name}_{self._started}", daemon=True).start()

    def close(self) -> None:
        """Let the threads go, each after the call that it is in."""
        for _ in itertools.repeat(None, self._started):
            self._calls.put(None)

    def _work(self) -> None:
        while (call := self._calls.get()) is not None:
            hand_on = call()
            # Idle before anybody has the outcome, so that their next call finds this thread.
            self._idle.release()
            hand_on()
