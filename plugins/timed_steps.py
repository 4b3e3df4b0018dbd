"""A coroutine whose steps are timed: what it does between two awaits keeps everybody else from the loop."""

from collections.abc import Coroutine
from typing import Any, TypeVar

from invito.plugins.running_call import RunningCall

T = TypeVar("T")


class TimedSteps(Coroutine[Any, Any, T]):
    """Drives a coroutine, and tells the watchdog when each step begins and ends."""

    __slots__ = ("_call", "_coroutine", "_watchdog")

    def __init__(self, coroutine: Coroutine[Any, Any, T], call: RunningCall) -> None:
        self._coroutine, self._call, self._watchdog = coroutine, call, call.watchdog

    def send(self, value: Any, /) -> Any:
        step = self._watchdog.begins(self._call)
        try:
            return self._coroutine.send(value)
        finally:
            self._watchdog.ended(step)

    def throw(self, *problem: Any) -> Any:
        step = self._watchdog.begins(self._call)
        try:
            return self._coroutine.throw(*problem)
        finally:
            self._watchdog.ended(step)

    def close(self) -> None:
        self._coroutine.close()

    def __await__(self) -> Any:
        return self._coroutine.__await__()

    def __getattr__(self, name: str) -> Any:
        """What else a coroutine is asked: its name, its frame, whether it has begun."""
        return getattr(self._coroutine, name)
