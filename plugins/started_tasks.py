"""What a call started ends with it: tasks that it leaves behind are found, cancelled and named."""

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import Context
from typing import Any
from weakref import WeakKeyDictionary

import structlog

from invito.plugins.running_call import RunningCall, current_call
from invito.plugins.timed_steps import TimedSteps

log = structlog.get_logger(__name__)

_Factory = Callable[..., asyncio.Task[Any]]

# The factory that each loop had before, which makes the tasks still.
_earlier: WeakKeyDictionary[asyncio.AbstractEventLoop, _Factory | None] = WeakKeyDictionary()


def note_tasks_of(loop: asyncio.AbstractEventLoop) -> None:
    """From now on each task of the loop is noted with the call that it is started for, and its steps are timed.

    To be said once of a loop.
    """
    _earlier[loop] = loop.get_task_factory()  # type: ignore[assignment]  # whatever it makes behaves as a task
    loop.set_task_factory(_started)  # type: ignore[arg-type]  # any loop hands over what it was given


def _started(
    loop: asyncio.AbstractEventLoop,
    coroutine: Coroutine[Any, Any, Any],
    *,
    context: Context | None = None,
    **options: Any,
) -> asyncio.Task[Any]:
    call = current_call.get() if context is None else context.get(current_call)
    if call is not None and type(coroutine) is not TimedSteps:
        coroutine = TimedSteps(coroutine, call)
    if context is not None:
        options["context"] = context
    earlier = _earlier[loop]
    task = asyncio.Task(coroutine, loop=loop, **options) if earlier is None else earlier(loop, coroutine, **options)
    if call is not None:
        call.tasks.append(task)
        if call.has_ended:
            _end(task, call)
    return task


def end_call(call: RunningCall) -> None:
    """The call is over: whatever still runs for it is cancelled."""
    call.has_ended = True
    for task in call.tasks:
        if not task.done():
            _end(task, call)


def _end(task: asyncio.Task[Any], call: RunningCall) -> None:
    if not task.cancelling():
        log.warning("plugin left a task behind", plugin=call.plugin, call=call.function, task=task.get_name())
    task.cancel()
    task.add_done_callback(_look_at)


def _look_at(task: asyncio.Task[Any]) -> None:
    """Its end is of no interest, and asyncio would complain that nobody looked."""
    if not task.cancelled():
        task.exception()
