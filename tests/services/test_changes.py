"""The bus that pokes whoever looks: here at once, in other replicas by a relay; it may lose anything."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import TYPE_CHECKING

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from invito.services.changes import ChangeBus, follow_up_topic, notification_topic
from invito.services.changes.postgres_relay import PostgresRelay
from invito.services.changes.redis_relay import RedisRelay
from invito.services.ids import FollowUpId
from invito.services.storage.database import Database
from tests.conftest import missing
from tests.services.inbox.imap.proxy import Proxy

if TYPE_CHECKING:
    from invito.services.changes.relay import Relay

TOPIC, OTHER = follow_up_topic(FollowUpId(1)), notification_topic("employee:1")
NEVER = 600.0
REDIS = os.environ.get("INVITO_TEST_REDIS", "redis://127.0.0.1:6379")


async def poked(pokes: AsyncIterator[None]) -> None:
    await asyncio.wait_for(anext(pokes), 30)


@pytest.fixture
def bus() -> ChangeBus:
    return ChangeBus(reread_seconds=NEVER)


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


async def test_without_any_poke_one_looks_again_every_few_seconds() -> None:
    bus = ChangeBus(reread_seconds=0.001)

    async with bus.subscribe(TOPIC) as pokes:
        await poked(pokes)
        await poked(pokes)


async def test_whoever_has_gone_is_forgotten(bus: ChangeBus) -> None:
    async with bus.subscribe(TOPIC):
        pass

    await bus.tell([TOPIC, OTHER])

    assert not bus._subscribers


@pytest.fixture(params=["PostgreSQL", "Redis"])
async def replicas(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[tuple[ChangeBus, ChangeBus]]:
    """Two replicas that have nothing but a relay in common."""
    if request.param == "PostgreSQL":
        databases = [Database(database_url), Database(database_url)]
        relays: list[Relay] = [PostgresRelay(database) for database in databases]
    else:
        await redis_is_there()
        databases, relays = [], [RedisRelay(REDIS), RedisRelay(REDIS)]
    first, second = (ChangeBus(relay, reread_seconds=NEVER) for relay in relays)
    await first.start()
    await second.start()
    yield first, second
    for bus in (first, second):
        await bus.stop()
    for database in databases:
        await database.close()


async def redis_is_there() -> None:
    async with aclosing(Redis.from_url(REDIS)) as redis:
        try:
            await redis.ping()
        except (RedisError, OSError) as problem:
            missing(f"no Redis at {REDIS}: {problem}")


async def until_heard(teller: ChangeBus, pokes: AsyncIterator[None]) -> None:
    """Tell until the first poke arrives: the other's listener may not be connected yet."""
    waiting = asyncio.ensure_future(anext(pokes))
    async with asyncio.timeout(30):
        while not waiting.done():
            await teller.tell([TOPIC])
            await asyncio.wait([waiting], timeout=0.05)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_another_replica_is_poked(replicas: tuple[ChangeBus, ChangeBus]) -> None:
    bus, teller = replicas
    # Long references, beyond ASCII too: all together they are longer than one NOTIFY takes, many times over.
    many = [notification_topic(f"ldap:cn=Bjørn {number},{'ou=Ås,' * 40}") for number in range(300)]
    beyond = notification_topic("x" * 8_000)

    async with bus.subscribe(TOPIC) as pokes, bus.subscribe(many[150]) as middle, bus.subscribe(many[-1]) as last:
        await until_heard(teller, pokes)
        await teller.tell([TOPIC, beyond, *many])

        await poked(pokes)
        await poked(middle)
        await poked(last)


async def test_a_relay_that_was_cut_is_connected_to_again_and_whoever_looks_reads_anew() -> None:
    await redis_is_there()
    proxy = Proxy(int(REDIS.rpartition(":")[2]))
    async with proxy.running():
        bus = ChangeBus(RedisRelay(f"redis://127.0.0.1:{proxy.port}"), reread_seconds=NEVER)
        teller = ChangeBus(RedisRelay(REDIS), reread_seconds=NEVER)
        await bus.start()
        try:
            async with bus.subscribe(TOPIC) as pokes, bus.subscribe(OTHER) as elsewhere:
                await until_heard(teller, pokes)
                proxy.drop()
                # Nothing was told of this one: what happened meanwhile would be missed.
                await poked(elsewhere)
                await until_heard(teller, pokes)
        finally:
            await bus.stop()
            await teller.stop()


@pytest.mark.parametrize("kind", ["PostgreSQL", "Redis"])
async def test_a_relay_that_is_away_fails_nobody_who_tells(kind: str) -> None:
    gone = Database("postgresql://postgres@127.0.0.1:1/nothing")
    relay: Relay = PostgresRelay(gone) if kind == "PostgreSQL" else RedisRelay("redis://127.0.0.1:1")
    bus = ChangeBus(relay, reread_seconds=NEVER)

    try:
        async with bus.subscribe(TOPIC) as pokes:
            await bus.tell([TOPIC])
            await poked(pokes)
    finally:
        await bus.stop()
        await gone.close()
