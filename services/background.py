"""What runs beside the requests: waiting to be poked, and ending."""

import asyncio
import contextlib


async def poked_within(poked: asyncio.Event, seconds: float) -> None:
    """Until it is poked, at most this long: a poke may be lost."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(poked.wait(), seconds)


async def end(task: asyncio.Task[None] | None) -> None:
    """Cancel a task, and wait until it is over."""
    if task is not None:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
