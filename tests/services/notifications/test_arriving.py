"""A notification arrives once, however late its transaction commits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from invito.services.caller import Caller
from invito.services.changes import ChangeBus
from invito.services.notifications import arriving
from invito.services.notifications.values import NotificationId
from invito.services.storage.message_tables import NotificationRow
from invito.services.subscriptions import watch_notifications

if TYPE_CHECKING:
    from tests.services.conftest import Office


@asynccontextmanager
async def told(office: Office) -> AsyncIterator[asyncio.Queue[NotificationId]]:
    """The ids of what arrives for Ola, who listens already and reads again all the time."""
    house = replace(office.house, changes=ChangeBus(reread_seconds=0.001))
    arriving: asyncio.Queue[NotificationId] = asyncio.Queue()

    async def ola() -> Caller:
        return office.ola

    async def listen() -> None:
        async with aclosing(watch_notifications(house, office.ola, ola)) as watched:
            async for one in watched:
                arriving.put_nowait(one.id)

    task = asyncio.create_task(listen())
    first = asyncio.create_task(arriving.get())
    sent = []
    while not first.done():  # nobody is told of what came before they listened
        async with office.house.database.write() as connection:
            sent.append(await notify(office, connection))
        await asyncio.wait([first], timeout=0.05)
    for _ in sent[sent.index(await first) + 1 :]:
        await arriving.get()
    yield arriving
    task.cancel()


async def notify(office: Office, connection: AsyncConnection) -> NotificationId:
    """One more notification like the first that there is."""
    columns = [column for column in NotificationRow.__table__.columns if column.name != "id"]
    like = (await connection.execute(select(*columns).limit(1))).mappings().one()
    made = await connection.execute(insert(NotificationRow).values(**like).returning(NotificationRow.id))
    return NotificationId(made.scalar_one())


async def following(arriving: asyncio.Queue[NotificationId]) -> NotificationId:
    return await asyncio.wait_for(arriving.get(), 30)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_one_that_commits_after_a_later_one_arrives_all_the_same(office: Office) -> None:
    await office.create(office.ref.ola)
    database = office.house.database

    async with told(office) as arriving:
        async with database.write() as slow:
            early = await notify(office, slow)
            async with database.write() as fast:
                late = await notify(office, fast)
            first = await following(arriving)
        second = await following(arriving)

    assert early < late
    assert [first, second] == [late, early]


async def test_what_arrived_does_not_arrive_again_however_much_there_is(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arriving, "_REMEMBERED", 3)
    await office.create(office.ref.ola)

    async with told(office) as queue:
        sent = []
        for _ in range(4):
            async with office.house.database.write() as connection:
                sent += [await notify(office, connection) for _ in range(2)]
        arrived = [await following(queue) for _ in sent]

    assert arrived == sent
