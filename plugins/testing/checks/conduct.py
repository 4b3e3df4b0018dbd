"""How a source bears being asked: by anybody, at once, in a hurry, and by who does not wait for the answer."""

import asyncio
import inspect
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from invito.plugins.contract import ContainerQuery, EntryQuery, Language, PageRequest, Span, ViewerIdentity
from invito.plugins.names import name_key
from invito.plugins.testing.facts import Broken, NotChecked, expect, shown
from invito.plugins.testing.listing import LARGEST_PAGE, expect_same, fullest, listing, some_entries
from invito.plugins.testing.trial import THREADS, Trial

_AT_ONCE = 8
_ROUNDS = 50
# A pool may grow to as many threads as the standard library's does on a large machine.
_MOST_THREADS = 40
_PATIENCE_SECONDS = 5.0
_LONGEST_STALL_SECONDS = 0.1
_TRIES = 5
_HEARTBEAT_SECONDS = 0.001
_MOST_STEPS = 10
_VIEWERS = (None, ViewerIdentity("stranger@invito-kit.invalid"), ViewerIdentity("admin@invito-kit.invalid", (), True))

Call = tuple[Callable[..., object], tuple[object, ...]]


async def anybody_may_ask(trial: Trial) -> None:
    """Anybody may ask: nobody in particular, a stranger, an administrator, in either language."""
    for viewer in _VIEWERS:
        for language in Language:
            asking = replace(trial, viewer=viewer, language=language)
            try:
                await asking.containers(ContainerQuery(PageRequest(10)))
                await asking.resolve([entry.reference for entry in await some_entries(trial)])
                if trial.source.offers_all:
                    await asking.participants(EntryQuery(PageRequest(10)))
            except (Broken, NotChecked):
                raise
            except Exception as problem:
                raise Broken(
                    f"{shown(viewer)}, in {language.name}, gets {type(problem).__name__}: {problem}."
                ) from problem


async def many_at_once_get_the_same_answer(trial: Trial) -> None:
    """Many who ask at once get what one gets alone."""
    whole = await fullest(trial)
    for one in await asyncio.gather(*(listing(trial, whole.container) for _ in range(_AT_ONCE))):
        expect_same(whole.entries, one.entries, f"One of {_AT_ONCE} who ask at once gets something else")


async def calls_are_answered_before_their_deadline(trial: Trial) -> None:
    """Every call is answered before its deadline, with a page of 500 and 500 references too."""
    for method, arguments in await _calls(trial):
        await trial.ask(method, *arguments)


async def async_methods_let_others_go_on(trial: Trial) -> None:
    """An async method waits by `await`: it never holds up the loop, on which everybody else waits too."""
    for method, arguments in await _calls(trial):
        # A busy machine stalls now and then, and a method that blocks each time.
        stalls = [await _stall(trial, method, arguments) for _ in range(_TRIES)] if _is_async(method) else [0.0]
        expect(
            min(stalls) < _LONGEST_STALL_SECONDS,
            f"`{method.__name__}` holds up the loop for {min(stalls):.2f} seconds: await what takes long, or write it "
            "as a plain method, which runs in a thread.",
        )


async def cancelled_calls_leave_nothing_behind(trial: Trial) -> None:
    """Calls that are cancelled half-way leave no tasks and no threads behind, and the next one is answered."""
    calls = await _calls(trial)
    await _cancel_all(trial, calls, _MOST_STEPS)
    tasks, threads = asyncio.all_tasks(), _threads()

    for number in range(_ROUNDS):
        await _cancel_all(trial, calls, 1 + number % _MOST_STEPS)

    left = asyncio.all_tasks() - tasks
    if left:
        _, left = await asyncio.wait(left, timeout=_PATIENCE_SECONDS)
    expect(not left, f"Tasks go on that nobody waits for: {shown(sorted(task.get_name() for task in left))}.")
    grown = _threads() - threads
    expect(len(grown) < _MOST_THREADS, f"{_ROUNDS} cancelled calls left {len(grown)} threads: {shown(sorted(grown))}.")
    for method, arguments in calls:
        await trial.ask(method, *arguments)


async def _calls(trial: Trial) -> list[Call]:
    """One call of each method, as large as they come."""
    source = trial.source
    whole = await fullest(trial)
    page = PageRequest(LARGEST_PAGE)
    references = [entry.reference for entry in whole.entries[:LARGEST_PAGE]]
    addresses = [entry.email.lower() for entry in whole.entries if entry.email]
    return [
        (source.containers, (ContainerQuery(page),)),
        (source.participants, (EntryQuery(page, whole.container),)),
        (source.participants, (EntryQuery(page, whole.container, name_key(whole.entries[0].name)[:2]),)),
        (source.resolve, (references,)),
        (source.find, (addresses,)),
        (source.busy, (references, _any_span(trial))),
    ]


def _any_span(trial: Trial) -> Span:
    if trial.facts.busy is not None:
        return trial.facts.busy[1]
    now = datetime.now(UTC)
    return Span(now, now + timedelta(days=1))


def _is_async(method: Callable[..., object]) -> bool:
    return inspect.iscoroutinefunction(method)


async def _stall(trial: Trial, method: Callable[..., object], arguments: tuple[object, ...]) -> float:
    """The longest time, in seconds, for which nobody else had a turn while the method was under way."""
    asked = asyncio.ensure_future(trial.ask(method, *arguments))
    longest, last = 0.0, time.perf_counter()
    while not asked.done():
        await asyncio.sleep(_HEARTBEAT_SECONDS)
        now = time.perf_counter()
        longest, last = max(longest, now - last), now
    await asked
    return longest


async def _cancel_all(trial: Trial, calls: Sequence[Call], steps: int) -> None:
    """Begin each call and cancel it after so many turns of the loop; one that is answered by then is as well."""
    for method, arguments in calls:
        asked = asyncio.ensure_future(trial.ask(method, *arguments))
        for _ in range(steps):
            await asyncio.sleep(0)
        asked.cancel()
        _, unended = await asyncio.wait({asked}, timeout=_PATIENCE_SECONDS)
        expect(not unended, f"`{method.__name__}` goes on after it was cancelled.")
        if not asked.cancelled():
            asked.exception()


def _threads() -> set[str]:
    """The threads of the process but the kit's own."""
    names = (f"{thread.name} ({thread.ident})" for thread in threading.enumerate())
    return {name for name in names if not name.startswith(THREADS)}
