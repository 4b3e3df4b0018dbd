"""Who keeps the event loop to itself is found out and named, also while it does."""

import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from time import perf_counter, thread_time
from typing import Protocol

import structlog

log = structlog.get_logger(__name__)

# How often the thread looks in vain before it stops looking.
_IDLE_LOOKS = 40
# Whoever got less of the time than this was waiting for something.
_WAITING_SHARE = 0.1
# How much later than it should the thread may look: where it is later, the machine has no time for anybody.
_ON_TIME = 1.5


class Watched(Protocol):
    """A call whose steps are looked at."""

    plugin: str

    @property
    def function(self) -> str: ...

    def stalled(self, seconds: float) -> None:
        """It kept the loop to itself for so long."""


@dataclass(slots=True, eq=False)
class Step:
    """A step of a call under way, and when it began by the wall clock and by the CPU time of the loop's thread.

    `waits`: it was seen to wait for something on the loop.
    """

    call: Watched
    began: float
    began_cpu: float
    waits: bool = False

    def held(self, now: float, now_cpu: float) -> float:
        """For how many seconds it kept the loop to itself.

        Of a step that computes, the CPU time counts: whatever else goes by, the machine gave to others. One that waits
        on the loop takes all the time that goes by.
        """
        return now - self.began if self.waits else now_cpu - self.began_cpu


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen of the loop: the step that ran, and both clocks."""

    step: Step | None
    now: float
    now_cpu: float


class LoopWatchdog:
    """Looks at the steps of plugins' coroutines: each one says when it begins and ends.

    What a step took is measured when it ends. A thread looks meanwhile, since one that never ends could not be named
    otherwise, nor one that waits be told from one whom the machine lets wait; it stops when there is nothing to see.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._step: Step | None = None
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
            looking = partial(self._look_on, _cpu_time_of_this_thread())
            threading.Thread(target=looking, name="invito-loop-watchdog", daemon=True).start()

    def close(self) -> None:
        self._is_closed.set()

    def begins(self, call: Watched) -> Step:
        """A step of the call, to be handed to `ended`."""
        self._step = step = Step(call, perf_counter(), thread_time())
        return step

    def ended(self, step: Step) -> None:
        """The step is over, and everybody else's turn."""
        self._step = None
        seconds, call = step.held(perf_counter(), thread_time()), step.call
        if seconds > self._seconds:
            log.warning("plugin held up the loop", plugin=call.plugin, call=call.function, seconds=round(seconds, 3))
            call.stalled(seconds)

    def _look_on(self, cpu_time: Callable[[], float]) -> None:
        with suppress(OSError):  # the loop's thread has ended
            self._look_until_idle(cpu_time)
        self._is_looking = False

    def _look_until_idle(self, cpu_time: Callable[[], float]) -> None:
        interval, last, named = self._seconds / 2, None, None
        while self._looks_in_vain < _IDLE_LOOKS and not self._is_closed.wait(interval):
            look = Look(self._step, perf_counter(), cpu_time())
            step = look.step
            if step is None:
                self._looks_in_vain += 1
            else:
                step.waits = step.waits or (last is not None and has_waited(last, look, interval))
                if step is not named and step.held(look.now, look.now_cpu) > self._seconds:
                    named = step
                    self._name(step.call)
            last = look

    def _name(self, call: Watched) -> None:
        frame = sys._current_frames().get(self._loop_thread)
        where = None if frame is None else f"{frame.f_code.co_filename}:{frame.f_lineno}"
        log.warning("plugin holds up the loop", plugin=call.plugin, call=call.function, at=where)


def _cpu_time_of_this_thread() -> Callable[[], float]:
    """What tells it to others. Not every system can: whoever takes long is then taken to wait."""
    if not hasattr(time, "pthread_getcpuclockid"):
        return lambda: 0.0
    return partial(time.clock_gettime, time.pthread_getcpuclockid(threading.get_ident()))


def has_waited(last: Look, look: Look, interval: float) -> bool:
    """Whether one step ran all the time between these looks, and next to nothing was computed in it.

    A thread that looked late says that the machine has no time for either of the two, and nothing of the step.
    """
    passed = look.now - last.now
    is_on_time = passed <= interval * _ON_TIME
    return look.step is last.step and is_on_time and look.now_cpu - last.now_cpu < passed * _WAITING_SHARE
