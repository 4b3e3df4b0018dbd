"""A plugin's threads: as many as are needed and no more, and none that keeps the process from ending."""

import queue
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator

import pytest

from invito.plugins.plugin_threads import PluginThreads

MOST = 3


@pytest.fixture
def threads() -> Iterator[PluginThreads]:
    opened = PluginThreads("plugin", MOST)
    yield opened
    opened.close()


def answers(threads: PluginThreads, call: Callable[[], int], times: int) -> list[int]:
    """What so many calls at once answer."""
    found = queue.SimpleQueue[int]()

    def made() -> Callable[[], None]:
        answer = call()
        return lambda: found.put(answer)

    for _ in range(times):
        threads.run(made)
    return [found.get(timeout=30) for _ in range(times)]


def test_calls_run_side_by_side_up_to_the_limit_and_the_others_after_them(threads: PluginThreads) -> None:
    together = threading.Barrier(MOST)
    running = threading.Semaphore(MOST)

    def call() -> int:
        assert running.acquire(blocking=False), "more at once than there may be"
        together.wait(30)
        running.release()
        return threading.get_ident()

    assert len(set(answers(threads, call, 2 * MOST))) == MOST


def test_a_thread_that_is_idle_is_used_again(threads: PluginThreads) -> None:
    assert len({answers(threads, threading.get_ident, 1)[0] for _ in range(10)}) == 1


def test_a_process_ends_though_a_plugin_hangs() -> None:
    program = """
        import asyncio, threading
        from invito.plugins import hookimpl
        from invito.plugins.limits import PluginLimits
        from invito.plugins.plugin_manager import PluginManager

        class Plugin:
            @hookimpl
            def invito_follow_up_changed(self):
                threading.Event().wait()

        async def main():
            manager = PluginManager(PluginLimits(call_seconds=0.05))
            manager.load([Plugin()])
            for failure in await manager.hooks.tell("invito_follow_up_changed", None):
                print("given up:", failure)
            manager.close()

        asyncio.run(main())
    """

    ended = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, timeout=60, check=False
    )

    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.endswith("\ngiven up: did not answer within 0.05 seconds\n")
