"""What is promised of a connection, whichever of the pool it is."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.pool import QueuePool

from invito.services.storage.database import Database


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("pragma", "value"), [("synchronous", 2), ("foreign_keys", 1), ("journal_mode", "wal")])
async def test_what_is_committed_on_sqlite_is_on_the_disk_and_hangs_together(
    database: Database, pragma: str, value: object
) -> None:
    async with database.read() as connection:
        found = (await connection.execute(text(f"PRAGMA {pragma}"))).scalar_one()

    assert found == value


async def test_who_reads_sees_what_was_committed_meanwhile_and_holds_no_writer_up(database: Database) -> None:
    async with database.read() as reader:
        before = (await reader.execute(text("SELECT count(*) FROM unavailable_entry"))).scalar_one()
        async with database.write() as writer:
            await writer.execute(text("INSERT INTO unavailable_entry (reference) VALUES ('employee:1')"))
        after = (await reader.execute(text("SELECT count(*) FROM unavailable_entry"))).scalar_one()

    assert (before, after) == (0, 1)


async def test_what_a_writer_leaves_by_an_exception_is_undone_whoever_read_before(database: Database) -> None:
    async with database.read() as reader:
        await reader.execute(text("SELECT 1"))

    with pytest.raises(ZeroDivisionError):
        await _fail_in_the_middle(database)

    async with database.read() as reader:
        assert (await reader.execute(text("SELECT count(*) FROM unavailable_entry"))).scalar_one() == 0


async def _fail_in_the_middle(database: Database) -> None:
    async with database.write() as writer:
        await writer.execute(text("INSERT INTO unavailable_entry (reference) VALUES ('employee:1')"))
        raise ZeroDivisionError


# Longer than it takes to cancel it; SQLite's thread counts to the end, since nothing interrupts it.
_LONG = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) SELECT max(i) FROM n",
    "postgresql": "SELECT pg_sleep(60)",
}
_ROUNDS = 5
_AT_ONCE = 10


async def test_connections_of_those_who_were_cancelled_in_the_middle_serve_others(database: Database) -> None:
    for _ in range(_ROUNDS):
        await _cancel_in_the_middle(database, database.read, _AT_ONCE)
        await _cancel_in_the_middle(database, database.write, 1)
    assert isinstance(database.engine.pool, QueuePool)
    assert database.engine.pool.checkedout() == 0

    async with database.write() as writer:
        await writer.execute(text("INSERT INTO unavailable_entry (reference) VALUES ('employee:1')"))
    found = await asyncio.gather(*(_count(database) for _ in range(2 * _AT_ONCE)))

    assert found == [1] * (2 * _AT_ONCE)


async def _cancel_in_the_middle(
    database: Database, opened: Callable[[], AbstractAsyncContextManager[AsyncConnection]], number: int
) -> None:
    begun = asyncio.Semaphore(0)

    async def take_long() -> None:
        async with opened() as connection:
            if opened == database.write:
                await connection.execute(text("INSERT INTO unavailable_entry (reference) VALUES ('employee:2')"))
            begun.release()
            await connection.execute(text(_LONG[database.url.get_backend_name()]))

    tasks = [asyncio.create_task(take_long()) for _ in range(number)]
    for _ in tasks:
        await begun.acquire()
    for task in tasks:
        task.cancel()
    ended = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(one, asyncio.CancelledError) for one in ended), ended


async def _count(database: Database) -> int:
    async with database.read() as reader:
        return int((await reader.execute(text("SELECT count(*) FROM unavailable_entry"))).scalar_one())
