"""Waiting to be poked ends when it is to end, whatever else happens at that moment."""

import asyncio

import pytest

from invito.services.background import end, poked_within


@pytest.mark.timeout(10)
async def test_a_task_ends_though_it_is_poked_while_it_is_cancelled() -> None:
    for turns in range(5):
        poked = asyncio.Event()

        async def work(poked: asyncio.Event = poked) -> None:
            while True:
                await poked_within(poked, 60)
                poked.clear()

        task = asyncio.create_task(work())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        poked.set()
        for _ in range(turns):
            await asyncio.sleep(0)
        await end(task)

        assert task.cancelled()
