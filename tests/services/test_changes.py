"""The bus that pokes whoever looks: here at once, in other replicas through PostgreSQL; it may lose anything."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from invito.services.changes import ChangeBus, follow_up_topic, notification_topic
from invito.services.ids import FollowUpId
from invito.services.storage.database import Database

TOPIC, OTHER = follow_up_topic(FollowUpId(1)), notification_topic("employee:1")
NEVER = 600.0


async def poked(pokes: AsyncIterator[None]) -> None:
    await asyncio.wait_for(anext(pokes), 30)


@pytest.fixture
async def bus(database: Database) -> AsyncIterator[ChangeBus]:
    opened = ChangeBus(database, reread_seconds=NEVER)
    await opened.start()
    yield opened
    await opened.stop()


async def test_whoever_looks_at_a_topic_is_poked_and_nobody_else(bus: ChangeBus) -> None:
    async with bus.subscribe(TOPIC) as here, bus.subscribe(TOPIC) as there, bus.subscribe(OTHER) as elsewhere:
        other = asyncio.ensure_future(anext(elsewhere))
        await bus.tell([TOPIC])

        await poked(here)
        await poked(there)

        assert not other.done()
        other.cancel()


async def test_what_is_told_before_anybody_waits_is_not_lost(bus: ChangeBus) -> None:
    async with bus.subscribe(TOPIC) as pokes:
        await bus.tell([TOPIC])
        await bus.tell([TOPIC])

        await poked(pokes)


async def test_without_any_poke_one_looks_again_every_few_seconds(database: Database) -> None:
    bus = ChangeBus(database, reread_seconds=0.001)

    async with bus.subscribe(TOPIC) as pokes:
        await poked(pokes)
        await poked(pokes)


async def test_whoever_has_gone_is_forgotten(bus: ChangeBus) -> None:
    async with bus.subscribe(TOPIC):
        pass

    await bus.tell([TOPIC, OTHER])

    assert not bus._subscribers


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_another_replica_is_poked_through_the_database(bus: ChangeBus, database_url: str) -> None:
    second = Database(database_url)
    teller = ChangeBus(second, reread_seconds=NEVER)
    # Long references, beyond ASCII too: all together they are longer than one NOTIFY takes, many times over.
    many = [notification_topic(f"ldap:cn=Bjørn {number},{'ou=Ås,' * 40}") for number in range(300)]
    beyond = notification_topic("x" * 8_000)

    try:
        async with bus.subscribe(TOPIC) as pokes, bus.subscribe(many[150]) as middle, bus.subscribe(many[-1]) as last:
            waiting = asyncio.ensure_future(anext(pokes))
            # Until the first poke arrives the listener may not be connected yet.
            while not waiting.done():
                await teller.tell([TOPIC])
                await asyncio.wait([waiting], timeout=0.05)
            await teller.tell([TOPIC, beyond, *many])
            await poked(pokes)
            await poked(middle)
            await poked(last)
    finally:
        await second.close()


async def test_a_database_that_is_away_fails_nobody_who_tells(database_url: str) -> None:
    gone = Database("postgresql://postgres@127.0.0.1:1/nothing")
    bus = ChangeBus(gone, reread_seconds=NEVER)

    try:
        async with bus.subscribe(TOPIC) as pokes:
            await bus.tell([TOPIC])
            await poked(pokes)
    finally:
        await gone.close()
