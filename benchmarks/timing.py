"""How things are timed: in turn with what they are compared with, so that both meet the same machine."""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Pair:
    """Medians in milliseconds of what is measured, and of what it is measured against."""

    ours: float
    theirs: float

    @property
    def ratio(self) -> float:
        return self.ours / self.theirs


def in_turn(ours: Callable[[], object], theirs: Callable[[], object], rounds: int) -> Pair:
    """Both, in turn, after a round that warms up."""
    samples = [(_milliseconds(ours), _milliseconds(theirs)) for _ in range(rounds + 1)]
    return Pair(median(one for one, _ in samples[1:]), median(other for _, other in samples[1:]))


def all_in_turn(calls: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """The medians of all in milliseconds, in turn, after a round that warms up."""
    samples = [{name: _milliseconds(call) for name, call in calls.items()} for _ in range(rounds + 1)]
    return {name: median(sample[name] for sample in samples[1:]) for name in calls}


async def in_turn_async(
    ours: Callable[[], Awaitable[object]], theirs: Callable[[], Awaitable[object]], rounds: int
) -> Pair:
    """The same for what is awaited."""
    samples = [(await _milliseconds_of(ours), await _milliseconds_of(theirs)) for _ in range(rounds + 1)]
    return Pair(median(one for one, _ in samples[1:]), median(other for _, other in samples[1:]))


def _milliseconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1_000


async def _milliseconds_of(call: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    await call()
    return (time.perf_counter() - began) * 1_000
