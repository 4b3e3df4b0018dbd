"""Plain methods, asked in threads of the kit's own, so that the loop goes on meanwhile."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import TypeVar

from invito.plugins.plugin_threads import PluginThreads

T = TypeVar("T")


def in_thread(threads: PluginThreads, function: Callable[[], T]) -> asyncio.Future[T]:
    """What the function answers; one that is cancelled before its turn is never called."""
    promise: Future[T] = Future()
    threads.run(partial(_called, promise, function))
    return asyncio.wrap_future(promise)


def _called(promise: "Future[T]", function: Callable[[], T]) -> Callable[[], None]:
    if not promise.set_running_or_notify_cancel():
        return _nothing
    try:
        return partial(promise.set_result, function())
    except BaseException as problem:  # a source may raise anything; whoever asked gets it
        return partial(promise.set_exception, problem)


def _nothing() -> None:
    """Nobody waits for the outcome any more."""
