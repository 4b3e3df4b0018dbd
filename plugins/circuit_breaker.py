"""Who fails again and again is left alone for a while, and then tried with one call."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from invito.plugins.failures import Cause, is_left_alone
from invito.plugins.limits import PluginLimits

Clock = Callable[[], float]

_UNAVAILABLE_AFTER = 5


class SourceHealth(Enum):
    """How the last calls went: well, with a failure, or with nothing but failures."""

    OK = "OK"
    DEGRADED = "DEGRADED"
    UNAVAILABLE = "UNAVAILABLE"


@dataclass(frozen=True, slots=True)
class _Trial:
    """The one call that is let through while the breaker is open."""

    call: object


class CircuitBreaker:
    """Opens after so many failures in a row; when it has been open long enough, one trial decides.

    `now` gives seconds of a clock that never goes back.
    """

    __slots__ = ("_last", "_limits", "_now", "_opened_at", "_trial", "failures_in_a_row")

    def __init__(self, limits: PluginLimits, now: Clock = time.monotonic) -> None:
        self._limits, self._now = limits, now
        self._opened_at: float | None = None
        self._trial: _Trial | None = None
        self._last: Cause | None = None
        self.failures_in_a_row = 0

    @property
    def is_open(self) -> bool:
        return self._opened_at is not None

    def refusal(self, call: object = None) -> Cause | None:
        """Why there is to be no such call; None where it may be made, which is the trial if the breaker is open."""
        if self._opened_at is None or self._last is None:
            return None
        left = self._opened_at + self._limits.rest_seconds - self._now()
        if left > 0 or self._trial is not None:
            return is_left_alone(max(left, 0), self._last)
        self._trial = _Trial(call)
        return None

    def succeeded(self, call: object = None) -> None:
        """A call went well. One that began before the breaker opened says nothing of now."""
        if self._opened_at is None or self._is_trial(call):
            self._opened_at = self._last = self._trial = None
            self.failures_in_a_row = 0

    def failed(self, cause: Cause, call: object = None) -> None:
        """A call failed. The trial alone says that it is too early; others began before."""
        self._last = cause
        self.failures_in_a_row += 1
        most = self._limits.failures_in_a_row
        is_time = self._is_trial(call) or (self._opened_at is None and self.failures_in_a_row >= (most or 0))
        if most is not None and is_time:
            self._open()

    def trip(self, cause: Cause) -> None:
        """Open at once: what happened harms others."""
        self._last = cause
        self.failures_in_a_row += 1
        if self._limits.failures_in_a_row is not None:
            self._open()

    def given_up(self, call: object = None) -> None:
        """Nobody waited for the call's end: if it was the trial, the next call is."""
        if self._is_trial(call):
            self._trial = None

    def _is_trial(self, call: object) -> bool:
        return self._trial is not None and self._trial.call is call

    def _open(self) -> None:
        self._opened_at = self._now()
        self._trial = None


class Circuits:
    """The breakers of one source, one a method; or of one plugin, one a hook.

    One a method, so that a calendar that hangs is left alone while its names are listed, and though they are.
    `owner` is the source's key, or nothing.
    """

    def __init__(self, limits: PluginLimits, owner: str = "", now: Clock = time.monotonic) -> None:
        self.owner = owner
        self._limits, self._now = limits, now
        self._breakers: dict[str, CircuitBreaker] = {}
        self._failures_in_a_row = 0

    def breaker(self, name: str) -> CircuitBreaker:
        found = self._breakers.get(name)
        if found is None:
            found = self._breakers[name] = CircuitBreaker(self._limits, self._now)
        return found

    def took(self, name: str, failure: Cause | None, call: object = None) -> None:
        """A call is over: it went well, or it failed."""
        if failure is None:
            self._failures_in_a_row = 0
            self.breaker(name).succeeded(call)
        else:
            self._failures_in_a_row += 1
            self.breaker(name).failed(failure, call)

    def trip(self, name: str, cause: Cause) -> None:
        self._failures_in_a_row += 1
        self.breaker(name).trip(cause)

    @property
    def open(self) -> int:
        """How many of the breakers are open."""
        return sum(one.is_open for one in self._breakers.values())

    @property
    def health(self) -> SourceHealth:
        breakers = self._breakers.values()
        is_out = self._failures_in_a_row >= (self._limits.failures_in_a_row or _UNAVAILABLE_AFTER)
        if is_out or (breakers and all(one.is_open for one in breakers)):
            return SourceHealth.UNAVAILABLE
        is_well = self._failures_in_a_row == 0 and not any(one.failures_in_a_row for one in breakers)
        return SourceHealth.OK if is_well else SourceHealth.DEGRADED
