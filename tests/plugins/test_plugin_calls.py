"""One call of a plugin: whatever it does, it costs its own answer, within its time."""

import asyncio
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from structlog.testing import capture_logs

from invito.plugins import loop_watchdog
from invito.plugins.circuit_breaker import Circuits, SourceHealth
from invito.plugins.contract import UnknownContainer
from invito.plugins.failures import PluginFailure
from invito.plugins.limits import PluginLimits
from invito.plugins.loop_watchdog import LoopWatchdog
from invito.plugins.plugin_calls import PluginCalls

# Long enough for any machine: a test that waits for a deadline sets its own.
LIMITS = PluginLimits(call_seconds=60, stall_seconds=60)
HASTE = replace(LIMITS, call_seconds=0.2)

Call = Callable[..., Any]


class Calls:
    """Calls of one plugin, and what is known of how they went."""

    def __init__(self, limits: PluginLimits = LIMITS) -> None:
        self.circuits = Circuits(limits)
        self._watchdog = LoopWatchdog(limits.stall_seconds)
        self._calls = PluginCalls("hotel", limits, self._watchdog)

    async def call(self, function: Call, may_raise: Any = (), seconds: float | None = None) -> Any:
        return await self._calls.call(
            self.circuits, "participants", function, (), lambda answer: answer, may_raise, seconds=seconds
        )

    def close(self) -> None:
        self._watchdog.close()
        self._calls.close()


async def failure(calls: Calls, function: Call) -> PluginFailure:
    with pytest.raises(PluginFailure) as raised:
        await calls.call(function)
    return raised.value


@pytest.fixture
def calls() -> Iterator[Calls]:
    opened = Calls()
    yield opened
    opened.close()


@pytest.fixture
def hasty() -> Iterator[Calls]:
    opened = Calls(HASTE)
    yield opened
    opened.close()


async def test_plain_functions_run_in_a_thread_and_async_ones_on_the_loop(calls: Calls) -> None:
    async def on_loop() -> int:
        return threading.get_ident()

    assert await calls.call(threading.get_ident) != threading.get_ident()
    assert await calls.call(on_loop) == threading.get_ident()


async def test_what_a_plain_function_promises_is_awaited(calls: Calls) -> None:
    async def on_loop() -> int:
        return threading.get_ident()

    def promising() -> Awaitable[int]:
        return on_loop()

    assert await calls.call(promising) == threading.get_ident()


@pytest.mark.parametrize(
    "problem",
    [KeyError("secret"), StopIteration(), SystemExit(1), KeyboardInterrupt(), GeneratorExit(), RecursionError(),
     MemoryError(), asyncio.CancelledError(), BaseException()],
    ids=lambda problem: type(problem).__name__,
)  # fmt: skip
@pytest.mark.parametrize("is_async", [False, True], ids=["plain", "async"])
async def test_whatever_a_function_raises_costs_its_own_answer(
    calls: Calls, problem: BaseException, is_async: bool
) -> None:
    def plain() -> None:
        raise problem

    async def on_loop() -> None:
        raise problem

    # A coroutine cannot raise StopIteration: Python makes it another.
    named = "RuntimeError" if is_async and isinstance(problem, StopIteration) else type(problem).__name__
    with pytest.raises(PluginFailure, match=rf"^failed \({named}\)$"):
        await calls.call(on_loop if is_async else plain)

    assert await calls.call(lambda: "next") == "next"


async def test_a_plugin_that_wants_to_end_the_process_fails_like_any_other(calls: Calls) -> None:
    with pytest.raises(PluginFailure, match="SystemExit"):
        await calls.call(lambda: sys.exit(1))


async def test_a_plain_function_that_hangs_is_given_up_and_holds_nobody_up(hasty: Calls) -> None:
    released = threading.Event()
    try:
        with pytest.raises(PluginFailure, match=r"^did not answer within 0\.2 seconds$"):
            await hasty.call(released.wait)
        assert await hasty.call(lambda: "next") == "next"
    finally:
        released.set()


async def test_an_async_function_that_hangs_is_cancelled(hasty: Calls) -> None:
    ended = asyncio.Event()

    async def hanging() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    with pytest.raises(PluginFailure, match=r"^did not answer within 0\.2 seconds$"):
        await hasty.call(hanging)

    assert ended.is_set()


async def test_a_task_that_does_not_end_though_it_is_cancelled_holds_nobody_up(hasty: Calls) -> None:
    released = asyncio.Event()

    async def stubborn() -> None:
        while not released.is_set():
            with suppress(asyncio.CancelledError):
                await released.wait()

    with pytest.raises(PluginFailure, match="did not answer"):
        await hasty.call(stubborn)

    assert await hasty.call(lambda: "next") == "next"
    released.set()


async def test_a_call_that_nobody_waits_for_any_more_is_cancelled_and_leaves_nothing_behind(calls: Calls) -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def waiting() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    caller = asyncio.create_task(calls.call(waiting))
    await begun.wait()
    before = asyncio.all_tasks()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    await ended.wait()

    assert asyncio.all_tasks() < before
    assert calls.circuits.health is SourceHealth.OK


async def test_a_plugin_that_cancels_the_task_it_runs_in_cancels_its_own_alone(calls: Calls) -> None:
    async def cancelling() -> None:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        await asyncio.sleep(0)

    with pytest.raises(PluginFailure, match="CancelledError"):
        await calls.call(cancelling)


@pytest.mark.parametrize("is_async", [False, True], ids=["plain", "async"])
async def test_so_many_calls_are_made_at_once_and_the_others_when_it_is_their_turn(is_async: bool) -> None:
    calls = Calls(replace(LIMITS, calls_at_once=2))
    running, released = threading.Semaphore(2), threading.Event()

    def plain() -> str:
        assert running.acquire(blocking=False), "more at once than there may be"
        released.wait(30)
        running.release()
        return "answered"

    async def on_loop() -> str:
        assert running.acquire(blocking=False), "more at once than there may be"
        await asyncio.sleep(0)
        running.release()
        return "answered"

    many = asyncio.gather(*(calls.call(on_loop if is_async else plain) for _ in range(6)))
    released.set()

    assert await many == ["answered"] * 6
    calls.close()


async def test_a_call_that_gets_no_turn_within_its_time_says_so_and_was_not_made() -> None:
    calls = Calls(replace(HASTE, calls_at_once=2))
    released = threading.Event()
    hanging = [asyncio.create_task(failure(calls, released.wait)) for _ in range(2)]
    hung = await asyncio.gather(*hanging)

    # Nobody waits for those two any more, but their threads are not free.
    last = await failure(calls, lambda: "next")

    assert str(last) == "has 2 calls under way, and none of them ended within 0.2 seconds"
    assert ([one.was_called for one in hung], last.was_called) == ([True, True], False)
    released.set()
    calls.close()


async def test_a_promise_that_gets_no_turn_was_asked_for_all_the_same() -> None:
    calls = Calls(replace(HASTE, calls_at_once=1))
    hanging: list[asyncio.Task[PluginFailure]] = []
    on_loop, released = asyncio.get_running_loop(), threading.Event()
    promise = on_loop.create_future()

    def promising() -> Awaitable[None]:
        # Who waits is next, before what is promised.
        on_loop.call_soon_threadsafe(lambda: hanging.append(asyncio.create_task(failure(calls, released.wait))))
        asyncio.run_coroutine_threadsafe(asyncio.sleep(0), on_loop).result(30)
        return promise

    last = await failure(calls, promising)

    assert (str(last).startswith("has 1 calls"), last.was_called) == (True, True)
    await asyncio.gather(*hanging)
    released.set()
    calls.close()


async def test_turns_of_calls_that_were_given_up_come_back_when_they_end() -> None:
    calls = Calls(replace(HASTE, calls_at_once=1, failures_in_a_row=None))
    released = threading.Event()
    await failure(calls, released.wait)
    released.set()

    while True:  # until the thread is out
        try:
            assert await calls.call(lambda: "next") == "next"
        except PluginFailure:
            continue
        break
    calls.close()


async def test_what_an_async_function_hands_to_a_thread_runs_in_one_of_its_plugin(calls: Calls) -> None:
    async def handing_on() -> tuple[str, bool]:
        return await asyncio.to_thread(lambda: (threading.current_thread().name, threading.current_thread().daemon))

    assert await calls.call(handing_on) == ("invito-hotel_1", True)
    assert "hotel" not in await asyncio.to_thread(lambda: threading.current_thread().name)


async def test_what_a_thread_of_an_async_function_raises_is_raised_there(calls: Calls) -> None:
    def broken() -> None:
        raise LookupError

    async def handing_on() -> str:
        try:
            await asyncio.to_thread(broken)
        except LookupError:
            return "caught"
        return "nothing raised"

    assert await calls.call(handing_on) == "caught"


async def test_the_turn_of_an_async_function_lasts_until_its_threads_have_ended() -> None:
    calls = Calls(replace(HASTE, calls_at_once=1))
    released = threading.Event()

    async def handing_on() -> None:
        await asyncio.to_thread(released.wait)

    async def on_loop() -> str:
        return "next"

    hung = await failure(calls, handing_on)
    last = await failure(calls, on_loop)
    released.set()

    assert str(hung) == "did not answer within 0.2 seconds"
    assert str(last) == "has 1 calls under way, and none of them ended within 0.2 seconds"
    assert await calls.call(on_loop, seconds=60) == "next"
    assert await calls.call(on_loop, seconds=60) == "next"
    calls.close()


async def test_who_fails_again_and_again_is_not_called_for_a_while(calls: Calls) -> None:
    made = []

    def broken() -> None:
        made.append(1)
        raise OSError

    failures = [await failure(calls, broken) for _ in range(7)]

    assert len(made) == 5
    assert str(failures[-1]) == "is asked again in 30 seconds, since it failed (OSError)"
    assert calls.circuits.health is SourceHealth.UNAVAILABLE


async def test_who_holds_up_the_loop_is_named_and_left_alone_though_the_answer_counts() -> None:
    # Any step is too long.
    calls = Calls(replace(LIMITS, stall_seconds=0))

    async def stalling() -> str:
        return "answered"

    with capture_logs() as lines:
        assert await calls.call(stalling) == "answered"

    assert [(line["event"], line["plugin"], line["call"]) for line in lines] == [
        ("plugin held up the loop", "hotel", "participants")
    ]
    assert str(await failure(calls, stalling)).startswith("is asked again in 30 seconds, since it held up everybody")
    calls.close()


async def test_a_task_that_a_call_started_is_looked_at_as_the_call_itself() -> None:
    calls = Calls(replace(LIMITS, stall_seconds=0))

    async def child() -> str:
        return "answered"

    async def parent() -> str:
        return await asyncio.create_task(child())

    with capture_logs() as lines:
        assert await calls.call(parent) == "answered"

    # The parent's two steps, and the child's.
    assert [line["event"] for line in lines] == ["plugin held up the loop"] * 3
    calls.close()


async def test_who_holds_up_the_loop_is_named_while_they_do_with_the_line_that_they_are_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls = Calls(replace(LIMITS, stall_seconds=0.01))
    named = threading.Event()
    lines: list[tuple[str, dict[str, Any]]] = []

    def warning(event: str, **values: Any) -> None:
        lines.append((event, values))
        named.set()

    monkeypatch.setattr(loop_watchdog, "log", SimpleNamespace(warning=warning))

    async def stalling() -> bool:
        return named.wait(60)

    assert await calls.call(stalling)
    assert str(await failure(calls, stalling)).startswith("is asked again in 30 seconds, since it held up everybody")

    event, values = lines[0]
    assert (event, values["plugin"], values["call"]) == ("plugin holds up the loop", "hotel", "participants")
    assert "threading.py" in values["at"]
    calls.close()


async def test_tasks_that_a_call_leaves_behind_are_cancelled_and_named(calls: Calls) -> None:
    ended = asyncio.Event()

    async def lingering() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def leaking() -> str:
        task = asyncio.create_task(lingering(), name="refresh")
        await asyncio.sleep(0)
        return f"started {task.get_name()}"

    with capture_logs() as lines:
        assert await calls.call(leaking) == "started refresh"
        await ended.wait()

    assert [(line["event"], line["plugin"], line["task"]) for line in lines] == [
        ("plugin left a task behind", "hotel", "refresh")
    ]


async def test_tasks_that_a_call_waits_for_are_left_alone(calls: Calls) -> None:
    async def child() -> int:
        await asyncio.sleep(0)
        return 1

    async def parent() -> int:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(child()) for _ in range(3)]
        return sum(task.result() for task in tasks)

    with capture_logs() as lines:
        assert await calls.call(parent) == 3
        await asyncio.sleep(0)

    assert lines == []


async def test_what_a_plugin_sets_in_its_context_stays_with_it(calls: Calls) -> None:
    variable: ContextVar[str] = ContextVar("variable", default="ours")

    async def setting() -> str:
        variable.set("theirs")
        return variable.get()

    assert await calls.call(setting) == "theirs"
    assert variable.get() == "ours"


async def test_what_a_plugin_says_is_for_debug_alone(calls: Calls) -> None:
    def broken() -> None:
        raise ValueError("kari's secret")

    with capture_logs() as lines:
        await failure(calls, broken)

    loud = [line for line in lines if line["log_level"] != "debug"]
    assert "secret" not in str(loud)
    assert "test_plugin_calls.py" in loud[0]["at"]
    assert [str(line["exc_info"]) for line in lines if line["log_level"] == "debug"] == ["kari's secret"]


async def test_an_unknown_container_is_an_answer_where_it_may_be_raised_and_a_failure_elsewhere(calls: Calls) -> None:
    def unknown() -> None:
        raise UnknownContainer

    with pytest.raises(UnknownContainer):
        await calls.call(unknown, UnknownContainer)
    with pytest.raises(PluginFailure, match="UnknownContainer"):
        await calls.call(unknown)
