"""Connections that rest between two uses are used again, unless something happened to them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import column, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.pool import QueuePool

from invito.services.storage import resting_readers
from invito.services.storage.database import Database
from invito.services.storage.reading import read_rows

_LONG = text("SELECT pg_sleep(60)").columns(column("nothing"))
_ONE = text("SELECT 1").columns(column("number"))
on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture
async def small(database_url: str) -> AsyncIterator[Database]:
    """Room for four connections, of which one may rest."""
    opened = Database(database_url, pool_size=2)
    yield opened
    await opened.close()


def driver_of(connection: AsyncConnection) -> Any:
    assert connection.sync_connection is not None
    return connection.sync_connection.connection.driver_connection


def checked_out(database: Database) -> int:
    assert isinstance(database.engine.pool, QueuePool)
    return database.engine.pool.checkedout()


async def the_next(database: Database) -> Any:
    """The driver's connection that the next reader gets, after which it rests."""
    async with database.read() as connection:
        assert [tuple(row) for row in await read_rows(connection, _ONE)] == [(1,)]
        return driver_of(connection)


async def test_what_was_read_by_is_read_by_again(database: Database) -> None:
    assert await the_next(database) is await the_next(database)


async def test_those_who_read_at_once_have_one_each(small: Database) -> None:
    async with small.read() as one, small.read() as other:
        assert driver_of(one) is not driver_of(other)


@on_postgresql
async def test_whoever_writes_finds_room_where_others_rest(small: Database) -> None:
    await the_next(small)

    # As many as there is room for, of which one rests.
    async with asyncio.timeout(10), AsyncExitStack() as writing:
        for _ in range(4):
            await writing.enter_async_context(small.write())


async def test_none_rests_where_somebody_may_be_waiting(small: Database) -> None:
    async with AsyncExitStack() as reading:
        for _ in range(3):
            await reading.enter_async_context(small.read())
        await the_next(small)

        assert checked_out(small) == 3


async def test_one_that_is_read_by_while_the_database_closes_rests_no_more(database_url: str) -> None:
    database = Database(database_url)

    async with database.read():
        await database.close()

    assert checked_out(database) == 0


@on_postgresql
async def test_whoever_is_cancelled_in_the_middle_leaves_a_connection_that_works(small: Database) -> None:
    for _ in range(3):
        begun = asyncio.Event()

        async def wait_long(begun: asyncio.Event = begun) -> None:
            async with small.read() as connection:
                begun.set()
                await read_rows(connection, _LONG)

        task = asyncio.create_task(wait_long())
        await begun.wait()
        await asyncio.sleep(0)  # so that the statement is sent
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    assert checked_out(small) == 0
    async with small.read() as one, small.read() as other:
        for connection in (one, other):
            assert [tuple(row) for row in await read_rows(connection, _ONE)] == [(1,)]


@on_postgresql
async def test_one_that_was_closed_while_it_rested_is_replaced(database: Database) -> None:
    before = await the_next(database)

    await _end_all_but_the_one_who_asks(database)
    async with asyncio.timeout(10):
        while not before.is_closed():  # noqa: ASYNC110  # the driver has no event for it
            await asyncio.sleep(0)

    assert await the_next(database) is not before


@on_postgresql
async def test_one_that_rested_long_is_asked_first_whether_it_is_there(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await the_next(database)
    monkeypatch.setattr(resting_readers, "PINGED_AFTER_SECONDS", -1.0)
    assert await the_next(database) is before

    # While our own loop stands still, so that the driver has not read yet that it was closed.
    other = Thread(target=lambda: asyncio.run(_end_all(str(database.url))))
    other.start()
    other.join()

    assert await the_next(database) is not before


async def _end_all(url: str) -> None:
    database = Database(url)
    await _end_all_but_the_one_who_asks(database)
    await database.close()


async def _end_all_but_the_one_who_asks(database: Database) -> None:
    async with database.write() as connection:
        await connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
