"""What arrives live goes on after the database was away: nobody has to ask anew, and nothing is missed."""

from __future__ import annotations

import asyncio
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from invito.services.changes import follow_up_topic
from invito.services.subscriptions import watch_follow_up

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from invito.services.caller import Caller
    from invito.services.follow_ups.values import FollowUp
    from invito.services.ids import FollowUpId
    from tests.services.conftest import Office


@asynccontextmanager
async def watched(office: Office, follow_up: FollowUpId) -> AsyncIterator[AsyncGenerator[FollowUp]]:
    async def kari() -> Caller:
        return office.kari

    async with aclosing(watch_follow_up(office.house, office.kari, follow_up, kari)) as opened:
        await anext(opened)
        yield opened


async def following(stream: AsyncGenerator[FollowUp]) -> FollowUp:
    return await asyncio.wait_for(anext(stream), 30)


async def end_all_connections(database_url: str) -> None:
    """As an administrator or a restart does; each is gone when this returns."""
    own = await asyncpg.connect(database_url)
    await own.execute(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await own.close()


async def rename(office: Office, there: str, to: str) -> None:
    async with office.house.database.write() as connection:
        await connection.execute(text(f"ALTER TABLE {there} RENAME TO {to}"))


async def lines(logged: list[Any], event: str) -> None:
    """Once something is logged."""
    async with asyncio.timeout(30):
        while not any(line["event"] == event for line in logged):  # noqa: ASYNC110  # a log has no event
            await asyncio.sleep(0.005)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_connections_that_were_ended_fail_no_request_and_end_no_subscription(
    office: Office, database_url: str
) -> None:
    follow_up = await office.create()

    async with watched(office, follow_up) as stream:
        await asyncio.gather(*(office.follow_up(follow_up) for _ in range(5)))
        await end_all_connections(database_url)
        await office.update(follow_up, title="After the restart")
        told = await following(stream)

    assert told.title == "After the restart"


async def test_a_read_that_failed_is_tried_again_until_it_succeeds(office: Office) -> None:
    follow_up = await office.create()

    with capture_logs() as logged:
        async with watched(office, follow_up) as stream:
            waiting = asyncio.ensure_future(following(stream))
            await rename(office, "follow_up", "away")
            await office.house.changes.tell([follow_up_topic(follow_up)])
            await lines(logged, "live re-read failed")
            await rename(office, "away", "follow_up")
            await office.update(follow_up, title="Told late")
            told = await waiting

    assert told.title == "Told late"
