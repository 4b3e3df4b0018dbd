"""Whose step takes the loop's time: who computes and who waits on it, not whom the machine lets wait."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from invito.plugins import loop_watchdog
from invito.plugins.loop_watchdog import Look, LoopWatchdog, Step, has_waited

LIMIT = 0.02


@dataclass
class Call:
    """A call of a plugin, and how long it is said to have kept the loop to itself."""

    plugin: str = "hotel"
    function: str = "hotel.participants"
    stalls: list[float] = field(default_factory=list)

    def stalled(self, seconds: float) -> None:
        self.stalls.append(seconds)


@pytest.fixture
def watchdog() -> Iterator[LoopWatchdog]:
    opened = LoopWatchdog(LIMIT)
    yield opened
    opened.close()


def test_who_computes_for_long_is_named(watchdog: LoopWatchdog) -> None:
    call = Call()

    step = watchdog.begins(call)
    begun = time.thread_time()
    while time.thread_time() - begun <= LIMIT:
        pass
    watchdog.ended(step)

    assert len(call.stalls) == 1


def test_whom_the_machine_lets_wait_is_not_named(watchdog: LoopWatchdog, monkeypatch: pytest.MonkeyPatch) -> None:
    call = Call()

    step = watchdog.begins(call)
    monkeypatch.setattr(loop_watchdog, "perf_counter", lambda: time.perf_counter() + 60)
    watchdog.ended(step)

    assert call.stalls == []


def test_who_was_seen_to_wait_is_named_for_all_the_time(
    watchdog: LoopWatchdog, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = Call()

    step = watchdog.begins(call)
    step.waits = True
    monkeypatch.setattr(loop_watchdog, "perf_counter", lambda: time.perf_counter() + 60)
    watchdog.ended(step)

    assert call.stalls == [pytest.approx(60, abs=30)]


@pytest.mark.parametrize(
    ("is_same", "passed", "computed", "waited"),
    [
        (True, 0.010, 0.0001, True),
        # It computes, though not all of the time.
        (True, 0.010, 0.004, False),
        # The thread that looks was not let on either.
        (True, 0.100, 0.0001, False),
        (False, 0.010, 0.0001, False),
    ],
)
def test_who_computes_next_to_nothing_between_two_looks_on_time_waits(
    is_same: bool, passed: float, computed: float, waited: bool
) -> None:
    step, another = Step(Call(), 0, 0), Step(Call(), 0, 0)

    first, second = Look(step, 5, 1), Look(step if is_same else another, 5 + passed, 1 + computed)

    assert has_waited(first, second, LIMIT / 2) is waited
