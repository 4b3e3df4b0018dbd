"""What runs beside the requests: waiting to be poked, and ending."""

import asyncio
import contextlib


async def poked_within(poked: asyncio.Event, seconds: float) -> None:
    """Until it is poked, at most this long: a poke may be lost."""
    # Not wait_for, which loses a cancelling that comes at the same moment as the poke (Python 3.11): who ends the task
    # would wait for ever.
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await poked.wait()


async def end(task: asyncio.Task[None] | None) -> None:
    """Cancel a task, and wait until it is over."""
    if task is not None:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
