"""A plugin's threads: as many as are needed and no more, and none that keeps the process from ending."""

import asyncio
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator

import pytest

from invito.plugins.plugin_threads import PluginThreads

MOST = 3


@pytest.fixture
def threads() -> Iterator[PluginThreads]:
    opened = PluginThreads("plugin", MOST)
    yield opened
    opened.close()


async def test_calls_run_side_by_side_up_to_the_limit_and_the_others_after_them(threads: PluginThreads) -> None:
    together = threading.Barrier(MOST)
    running = threading.Semaphore(MOST)

    def call() -> int:
        assert running.acquire(blocking=False), "more at once than there may be"
        together.wait(30)
        running.release()
        return threading.get_ident()

    used = await asyncio.gather(*(threads.run(call) for _ in range(2 * MOST)))

    assert len(set(used)) == MOST


async def test_a_thread_that_is_idle_is_used_again(threads: PluginThreads) -> None:
    assert len({await threads.run(threading.get_ident) for _ in range(10)}) == 1


async def test_what_a_call_raises_comes_back(threads: PluginThreads) -> None:
    def broken() -> None:
        raise KeyError("gone")

    with pytest.raises(KeyError, match="gone"):
        await threads.run(broken)

    assert await threads.run(lambda: "next") == "next"


async def test_a_call_that_is_cancelled_before_its_turn_is_never_made(threads: PluginThreads) -> None:
    released = threading.Event()
    made = []
    hanging = [threads.run(released.wait) for _ in range(MOST)]

    waiting = threads.run(lambda: made.append("waiting"))
    waiting.cancel()
    await asyncio.sleep(0)  # asyncio hands a cancellation on in its next round
    released.set()
    await asyncio.gather(*hanging)
    await threads.run(lambda: made.append("next"))

    assert made == ["next"]


def test_a_process_ends_though_a_plugin_hangs() -> None:
    program = """
        import asyncio, threading
        from invito.plugins import hookimpl
        from invito.plugins.contract import Label
        from invito.plugins.plugin_manager import PluginFailure, PluginManager
        from invito.plugins.source import Source

        class Hanging(Source):
            key = "hanging"
            label = container_label = all_label = Label("Hanging", "Henger")
            directories = frozenset({"hanging"})

        class Plugin:
            @hookimpl
            def invito_participant_sources(self):
                return [Hanging()]

        async def main():
            manager = PluginManager(call_seconds=0.05)
            manager.load([Plugin()])
            try:
                await manager.call(manager.sources["hanging"].plugin, threading.Event().wait)
            except PluginFailure:
                print("given up")
            manager.close()

        asyncio.run(main())
    """

    ended = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, timeout=60, check=False
    )

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "given up\n", "")
