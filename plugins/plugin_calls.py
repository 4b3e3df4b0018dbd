"""The call of one function of a plugin: in its own threads or as its own task, within its time, whatever it does."""

import asyncio
import contextvars
import inspect
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import structlog

from invito.plugins.attended_loop import attend
from invito.plugins.border import WrongAnswer
from invito.plugins.bulkhead import Bulkhead
from invito.plugins.call_threads import CallThreads
from invito.plugins.circuit_breaker import Circuits
from invito.plugins.failures import (
    Cause,
    PluginFailure,
    answered_wrong,
    has_raised,
    is_overloaded,
    was_too_slow,
)
from invito.plugins.limits import PluginLimits
from invito.plugins.loop_watchdog import LoopWatchdog
from invito.plugins.plugin_threads import PluginThreads
from invito.plugins.running_call import RunningCall, current_call
from invito.plugins.started_tasks import end_call
from invito.plugins.timed_steps import TimedSteps

T = TypeVar("T")
Check = Callable[[Any], T]

log = structlog.get_logger(__name__)

# How long a task may take to end once it is cancelled.
_ENDING_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Answered:
    """What the function answered, looked at; or what is to be awaited for it."""

    value: Any
    is_promise: bool = False


@dataclass(frozen=True, slots=True)
class Raised:
    """What it raised. Kept as a value: asyncio itself ends at a SystemExit, and cannot hand on a StopIteration."""

    problem: BaseException


@dataclass(frozen=True, slots=True)
class _Term:
    """How long a call may take, and until when: an instant of the loop's clock, in seconds."""

    seconds: float
    deadline: float


Outcome = Answered | Raised
# None at the deadline.
_Answer = asyncio.Future[Outcome | None]
_Task = asyncio.Task[None]


class PluginCalls:
    """Calls the functions of one plugin, each in turn no more than so many at once."""

    def __init__(self, plugin: str, limits: PluginLimits, watchdog: LoopWatchdog) -> None:
        self._plugin, self._watchdog, self.limits = plugin, watchdog, limits
        self._threads = PluginThreads(f"invito-{plugin}", limits.calls_at_once)
        self._bulkhead = Bulkhead(limits.calls_at_once)
        # Why nothing is asked of it yet.
        self.waits_for: Cause | None = None

    def close(self) -> None:
        """Let the threads go, each after the call that it is in."""
        self._threads.close()

    async def call(
        self,
        circuits: Circuits,
        name: str,
        function: Callable[..., object],
        arguments: Sequence[object],
        check: Check[T],
        may_raise: type[Exception] | tuple[type[Exception], ...] = (),
        *,
        seconds: float | None = None,
        until: float | None = None,
        needs_start: bool = True,
        in_turn: bool = True,
    ) -> T:
        """What the function answers, as `check` hands it on, which raises WrongAnswer.

        A plain function runs in a thread, an async one as a task of our loop. `name` is what the breaker goes by;
        `seconds` what the call may take where that is not what others may; `until` is an instant of the loop's clock,
        where others before it had some of that time. `needs_start`: it is not asked before the plugin has started.
        `in_turn`: an async one waits for its turn; a plain one, which needs a thread, always does.

        :raises PluginFailure: it raised, was too slow, answered what is wrong, or is left alone at the moment.
        """
        in_turn = in_turn or not _is_async(function)
        threads = CallThreads(self._threads, self._bulkhead.leave if in_turn else _nothing)
        call = RunningCall(self._plugin, circuits, name, self._watchdog, threads)
        refusal = (self.waits_for if needs_start else None) or circuits.breaker(name).refusal(call)
        if refusal is not None:
            raise PluginFailure(self._plugin, refusal, was_called=False)
        try:
            term = self._term(seconds, until)
            outcome = await self._outcome(call, function, arguments, check, term, in_turn=in_turn)
        except asyncio.CancelledError:
            circuits.breaker(name).given_up(call)
            raise
        cause = _cause_of(outcome, may_raise)
        if cause is not None:
            _tell(call, cause, outcome)
        if not call.has_stalled:  # which it is judged by already
            circuits.took(name, cause, call)
        if cause is not None:
            raise PluginFailure(self._plugin, cause, was_called=call.was_made)
        if isinstance(outcome, Raised):
            raise outcome.problem
        assert isinstance(outcome, Answered)
        return outcome.value  # type: ignore[no-any-return]  # it is what `check` gave

    def _term(self, seconds: float | None, until: float | None) -> _Term:
        seconds = seconds or self.limits.call_seconds
        return _Term(seconds, asyncio.get_running_loop().time() + seconds if until is None else until)

    async def _outcome(
        self,
        call: RunningCall,
        function: Callable[..., object],
        arguments: Sequence[object],
        check: Check[T],
        term: _Term,
        *,
        in_turn: bool,
    ) -> Outcome | Cause:
        """What became of the call, or why nothing did."""
        if _is_async(function):
            start = partial(self._as_task, call, function, arguments, check)
            return await (self._in_turn(call, term, start) if in_turn else self._in_time(call, term, start))
        outcome = await self._in_turn(call, term, partial(self._in_thread, call, function, arguments, check))
        if isinstance(outcome, Answered) and outcome.is_promise:
            return await self._in_turn(call, term, partial(self._as_task, call, _itself, (outcome.value,), check))
        return outcome

    async def _in_turn(
        self, call: RunningCall, term: _Term, start: Callable[[_Answer], _Task | None]
    ) -> Outcome | Cause:
        """Start it when it is its turn, and wait for its outcome until the deadline.

        The turn lasts until it really ends, though nobody may wait for that: a thread goes on, whatever happens.
        """
        if not (self._bulkhead.enter() or await self._bulkhead.enter_until(term.deadline)):
            return is_overloaded(self.limits.calls_at_once, term.seconds)
        return await self._in_time(call, term, start)

    async def _in_time(
        self, call: RunningCall, term: _Term, start: Callable[[_Answer], _Task | None]
    ) -> Outcome | Cause:
        """Start it, and wait for its outcome until the deadline, or for ever once its answer has begun."""
        loop = asyncio.get_running_loop()
        answer: _Answer = loop.create_future()
        task = start(answer)
        call.deadline = loop.call_at(term.deadline, _hand_on, answer, None)
        try:
            outcome = await answer
        except asyncio.CancelledError:
            if task is not None:
                task.cancel()
            raise
        finally:
            call.deadline.cancel()
        call.is_given_up = outcome is None
        if outcome is None and task is not None:
            task.cancel()
            await asyncio.wait((task,), timeout=_ENDING_SECONDS)
        return was_too_slow(term.seconds) if outcome is None else outcome

    def _as_task(
        self,
        call: RunningCall,
        function: Callable[..., Any],
        arguments: Sequence[object],
        check: Check[T],
        answer: _Answer,
    ) -> _Task:
        """Its own task, so that it may cancel itself, and nothing but itself."""
        loop = asyncio.get_running_loop()
        call.was_made = True
        attend(loop)
        self._watchdog.wake()
        context = contextvars.copy_context()
        context.run(current_call.set, call)
        steps = TimedSteps(_awaited(function, arguments, check, answer), call)
        task = loop.create_task(steps, context=context)
        task.add_done_callback(partial(_has_ended, call))
        return task

    def _in_thread(
        self,
        call: RunningCall,
        function: Callable[..., object],
        arguments: Sequence[object],
        check: Check[T],
        answer: _Answer,
    ) -> None:
        call.was_made = True
        loop, context = asyncio.get_running_loop(), contextvars.copy_context()

        def made() -> Callable[[], None]:
            outcome = context.run(_called, function, arguments, check)
            return partial(_on_loop, loop, self._leave_with, answer, outcome)

        self._threads.run(made)

    def _leave_with(self, answer: _Answer, outcome: Outcome) -> None:
        self._bulkhead.leave()
        _hand_on(answer, outcome)


async def _awaited(function: Callable[..., Any], arguments: Sequence[object], check: Check[T], answer: _Answer) -> None:
    try:
        outcome: Outcome = Answered(check(await function(*arguments)))
    except BaseException as problem:  # a plugin may raise anything
        outcome = Raised(problem)
    _hand_on(answer, outcome)


def _called(function: Callable[..., object], arguments: Sequence[object], check: Check[T]) -> Outcome:
    try:
        answer = function(*arguments)
        if inspect.isawaitable(answer):
            return Answered(answer, is_promise=True)
        return Answered(check(answer))
    except BaseException as problem:  # a plugin may raise anything
        return Raised(problem)


def _has_ended(call: RunningCall, _: object) -> None:
    call.threads.end()
    end_call(call)


def _nothing() -> None:
    """It had no turn to give back."""


async def _itself(promise: Awaitable[object]) -> object:
    return await promise


def _hand_on(answer: _Answer, outcome: Outcome | None) -> None:
    if not answer.done():
        answer.set_result(outcome)


def _on_loop(loop: asyncio.AbstractEventLoop, function: Callable[..., None], *arguments: object) -> None:
    with suppress(RuntimeError):  # the loop is closed, and nobody waits any more
        loop.call_soon_threadsafe(function, *arguments)


def _is_async(function: Callable[..., object]) -> bool:
    """What `inspect` says, which takes its time."""
    code = getattr(function, "__code__", None)
    return inspect.iscoroutinefunction(function) if code is None else bool(code.co_flags & inspect.CO_COROUTINE)


def _cause_of(outcome: Outcome | Cause, may_raise: type[Exception] | tuple[type[Exception], ...]) -> Cause | None:
    if not isinstance(outcome, Raised):
        return outcome if isinstance(outcome, Cause) else None
    if isinstance(outcome.problem, WrongAnswer):
        return answered_wrong(outcome.problem.problem)
    return None if isinstance(outcome.problem, may_raise) else has_raised(outcome.problem)


def _tell(call: RunningCall, cause: Cause, outcome: Outcome | Cause) -> None:
    """What a plugin says or answers may be private: it is for DEBUG alone."""
    problem = outcome.problem if isinstance(outcome, Raised) else None
    is_wrong = isinstance(problem, WrongAnswer)
    where = None if problem is None or is_wrong else _place_of(problem)
    log.warning("plugin failed", plugin=call.plugin, call=call.function, problem=str(cause), at=where)
    if isinstance(problem, WrongAnswer):
        log.debug("plugin gave a wrong answer", plugin=call.plugin, call=call.function, value=problem.value)
    elif problem is not None:
        log.debug("plugin raised", plugin=call.plugin, call=call.function, exc_info=problem)


def _place_of(problem: BaseException) -> str | None:
    """The line that raised."""
    trace = problem.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return None if trace is None else f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
