"""A loop that plugins' calls run on: what they start there, tasks and threads alike, is known to be theirs."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar
from weakref import WeakSet

from invito.plugins.running_call import current_call
from invito.plugins.started_tasks import note_tasks_of

P = ParamSpec("P")
T = TypeVar("T")

_attended: WeakSet[asyncio.AbstractEventLoop] = WeakSet()


def attend(loop: asyncio.AbstractEventLoop) -> None:
    """From now on each task of the loop is noted with the call that it is started for, its steps are timed, and what is
    handed to the loop's threads for a call runs in those of its plugin.
    """
    if loop not in _attended:
        _attended.add(loop)
        note_tasks_of(loop)
        loop.set_default_executor(_ThreadsOfTheLoop())


class _ThreadsOfTheLoop(ThreadPoolExecutor):
    """The default executor, for our own work alone: plugins that hang would leave it no thread, nor ever let it end."""

    def submit(self, function: Callable[P, T], /, *arguments: P.args, **named: P.kwargs) -> Future[T]:
        call = current_call.get()
        if call is None:
            return super().submit(function, *arguments, **named)
        return call.threads.submit(partial(function, *arguments, **named))
