"""What the plugin layer costs: a call beside the bare method, and a healthy plugin beside one that misbehaves."""

import asyncio
import logging
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Any

import structlog

from invito.plugins import hookimpl
from invito.plugins.border import Check, entry_page
from invito.plugins.contract import Entry, EntryPage, EntryQuery, Label, Language, PageRequest, ParticipantKind
from invito.plugins.failures import PluginFailure
from invito.plugins.limits import PluginLimits
from invito.plugins.plugin_manager import PluginManager
from invito.plugins.source import Source, SourceContext

_LABEL = Label("Bench", "Benk")
_MANY = 1_000_000
_DIRECTORIES = frozenset({"healthy"})
_CALLERS = 2


@dataclass(frozen=True, slots=True)
class CallCost:
    """Medians in microseconds: a call through the layer, and the bare method."""

    label: str
    through: float
    bare: float

    @property
    def cost(self) -> float:
        return self.through - self.bare


@dataclass(frozen=True, slots=True)
class Beside:
    """Medians in microseconds of a healthy plugin's calls: beside another that misbehaves so, and alone."""

    label: str
    beside: float
    alone: float

    @property
    def ratio(self) -> float:
        return self.beside / self.alone


def _entry(number: int) -> Entry:
    name = f"Håkon Johansen {number}"
    return Entry(
        f"healthy:{number}", ParticipantKind.EMPLOYEE, name, f"hakon.{number}@nordlys.example", "Nordlys AS", "Leder",
        groups=("Salg",), group_ids=("7",), language=Language.NB, time_zone="Europe/Oslo",
    )  # fmt: skip


_ONE = EntryPage([_entry(1)])
_PAGE = EntryPage([_entry(number) for number in range(500)])


class _Plain(Source):
    key, directories = "plain", frozenset({"plain"})
    label = container_label = all_label = _LABEL

    def participants(self, context: SourceContext, query: EntryQuery) -> EntryPage:
        return _ONE


class _Async(Source):
    key, directories = "healthy", _DIRECTORIES
    label = container_label = all_label = _LABEL

    async def participants(self, context: SourceContext, query: EntryQuery) -> EntryPage:
        return _ONE


def _bringing(name: str, source: Source) -> object:
    def sources(_: object) -> Sequence[Source]:
        return [source]

    return type(name, (), {"invito_participant_sources": hookimpl(sources)})()


def _manager(*sources: Source, limits: PluginLimits | None = None) -> PluginManager:
    manager = PluginManager(limits)
    manager.load(_bringing(source.key, source) for source in sources)
    return manager


_QUERY: Any = (None, EntryQuery(PageRequest(1)))
_CHECK: Check = partial(entry_page, asked=PageRequest(1), directories=_DIRECTORIES)


def _anything(answer: object) -> object:
    return answer


async def call_costs(rounds: int) -> list[CallCost]:
    """A call of an async and of a plain method that answer one entry, without I/O."""
    manager = _manager(_Async(), _Plain())
    costs = []
    for label, key, check in (
        ("async, its answer not looked at", "healthy", _anything),
        ("async", "healthy", _CHECK),
        ("plain, through a thread", "plain", _anything),
    ):
        loaded = manager.sources[key]
        through, bare = [], []
        for _ in range(rounds):
            began = time.perf_counter()
            await manager.ask(loaded, "participants", _QUERY, check)
            ended = time.perf_counter()
            answer = loaded.source.participants(*_QUERY)
            if not isinstance(answer, EntryPage):
                await answer
            through.append(ended - began)
            bare.append(time.perf_counter() - ended)
        costs.append(CallCost(label, _microseconds(through), _microseconds(bare)))
    manager.close()
    return costs


def check_cost(rounds: int) -> float:
    """Microseconds an entry that looking at a page of 500 takes."""
    samples = []
    for _ in range(rounds):
        began = time.perf_counter()
        entry_page(_PAGE, PageRequest(500), _DIRECTORIES)
        samples.append((time.perf_counter() - began) / 500)
    return _microseconds(samples)


async def besides(rounds: int) -> list[Beside]:
    """A healthy plugin's calls, in turn alone and beside another that misbehaves all the time.

    The healthy one waits for 2 ms, as for a directory's server nearby.
    """
    # Every failure is logged; that is not measured here.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    over = threading.Event()
    flood = EntryPage([_entry(1)] * _MANY)

    def burns() -> None:
        while not over.is_set():
            pass

    async def hangs() -> None:
        await asyncio.Event().wait()

    kinds: dict[str, Callable[[], Any]] = {
        "raises": lambda: 1 / 0,
        "hangs in threads": over.wait,
        "hangs on the loop": hangs,
        "answers garbage": object,
        "answers 1,000,000 entries": lambda: flood,
        "makes 1,000,000 entries": lambda: EntryPage([_entry(1) for _ in range(_MANY) if not over.is_set()]),
        "burns CPU in a thread": burns,
    }
    results = [await _beside(label, misbehave, over, rounds) for label, misbehave in kinds.items()]
    structlog.reset_defaults()
    return results


async def _beside(label: str, misbehave: Callable[[], Any], over: threading.Event, rounds: int) -> Beside:
    alone: list[float] = []
    beside: list[float] = []
    # Never left alone, which would help the healthy one. What burns CPU does so in one thread.
    limits = PluginLimits(failures_in_a_row=None, calls_at_once=1 if "CPU" in label or "makes" in label else 8)
    for _ in range(5):
        alone += await _healthy_calls(limits, misbehave, 0, rounds)
        over.clear()
        beside += await _healthy_calls(limits, misbehave, _CALLERS, rounds)
        over.set()
        # What still runs in threads sees that it is over.
        await asyncio.sleep(0.1)
    return Beside(label, _microseconds(beside), _microseconds(alone))


class _Healthy(_Async):
    async def participants(self, context: SourceContext, query: EntryQuery) -> EntryPage:
        await asyncio.sleep(0.002)
        return _ONE


class _Misbehaving(Source):
    key, directories = "broken", frozenset({"broken"})
    label = container_label = all_label = _LABEL

    def __init__(self, misbehave: Callable[[], Any]) -> None:
        self._misbehave = misbehave

    def participants(self, context: SourceContext, query: EntryQuery) -> Any:
        return self._misbehave()


@asynccontextmanager
async def _called_all_the_time(manager: PluginManager, callers: int) -> AsyncIterator[None]:
    """Meanwhile so many ask the broken one, a hundred times a second each where it answers at once."""

    async def keep_asking() -> None:
        while True:
            with suppress(PluginFailure):
                await manager.ask(manager.sources["broken"], "participants", _QUERY, _CHECK)
            await asyncio.sleep(0.01)

    tasks = [asyncio.create_task(keep_asking()) for _ in range(callers)]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _healthy_calls(limits: PluginLimits, misbehave: Callable[[], Any], callers: int, rounds: int) -> list[float]:
    """How long each took; one that failed counts as long as it took to fail."""
    manager = _manager(_Healthy(), _Misbehaving(misbehave), limits=limits)
    samples = []
    async with _called_all_the_time(manager, callers):
        for _ in range(rounds):
            began = time.perf_counter()
            with suppress(PluginFailure):
                await manager.ask(manager.sources["healthy"], "participants", _QUERY, _CHECK)
            samples.append(time.perf_counter() - began)
    manager.close()
    return samples


def start_seconds(count: int) -> float:
    """How long it takes to load so many plugins with a source each."""
    sources = [type(f"S{n}", (_Plain,), {"key": f"s{n}", "directories": frozenset({f"s{n}"})})() for n in range(count)]
    plugins = [_bringing(f"P{number}", source) for number, source in enumerate(sources)]
    manager = PluginManager()
    began = time.perf_counter()
    manager.load(plugins)
    took = time.perf_counter() - began
    manager.close()
    return took


def _microseconds(seconds: Sequence[float]) -> float:
    return median(seconds) * 1_000_000
