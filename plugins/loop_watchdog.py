"""Who keeps the event loop to itself is found out and named, also while it does."""

import sys
import threading
from time import perf_counter
from typing import Protocol

import structlog

log = structlog.get_logger(__name__)

# How often the thread looks in vain before it stops looking.
_IDLE_LOOKS = 40


class Watched(Protocol):
    """A call whose steps are looked at."""

    plugin: str

    @property
    def function(self) -> str: ...

    def stalled(self, seconds: float) -> None:
        """It kept the loop to itself for so long."""


class LoopWatchdog:
    """Looks at the steps of plugins' coroutines: each one says when it begins and ends.

    What a step took is measured when it ends. A thread looks meanwhile, since one that never ends could not be named
    otherwise; it stops when there is nothing to look at.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        # The call whose step runs now, and when that began.
        self._step: tuple[Watched, float] | None = None
        self._loop_thread = 0
        self._is_looking = False
        self._looks_in_vain = 0
        self._is_closed = threading.Event()

    def wake(self) -> None:
        """A coroutine is about to run on this thread's loop."""
        self._looks_in_vain = 0
        if not self._is_looking and not self._is_closed.is_set():
            self._is_looking = True
            self._loop_thread = threading.get_ident()
            threading.Thread(target=self._look, name="invito-loop-watchdog", daemon=True).start()

    def close(self) -> None:
        self._is_closed.set()

    def begins(self, call: Watched) -> float:
        """A step of the call; when it began, to be handed to `ended`."""
        began = perf_counter()
        self._step = (call, began)
        return began

    def ended(self, call: Watched, began: float) -> None:
        """The step is over, and everybody else's turn."""
        self._step = None
        seconds = perf_counter() - began
        if seconds > self._seconds:
            log.warning("plugin held up the loop", plugin=call.plugin, call=call.function, seconds=round(seconds, 3))
            call.stalled(seconds)

    def _look(self) -> None:
        named = None
        while self._looks_in_vain < _IDLE_LOOKS and not self._is_closed.wait(self._seconds / 2):
            step = self._step
            if step is None:
                self._looks_in_vain += 1
            elif step is not named and perf_counter() - step[1] > self._seconds:
                named = step
                self._name(step[0])
        self._is_looking = False

    def _name(self, call: Watched) -> None:
        frame = sys._current_frames().get(self._loop_thread)
        where = None if frame is None else f"{frame.f_code.co_filename}:{frame.f_lineno}"
        log.warning("plugin holds up the loop", plugin=call.plugin, call=call.function, at=where)
