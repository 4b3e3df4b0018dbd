"""Leases go by one clock, whatever the clocks of the processes show."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from invito.services.storage.database import Database
from invito.services.storage.database_time import from_now

HOUR = timedelta(hours=1)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_an_instant_from_now_is_the_databases(database: Database) -> None:
    async with database.read() as connection:
        # PostgreSQL's now() is that of the transaction's beginning.
        now, later = (await connection.execute(select(func.now(), from_now(connection, HOUR)))).one()

    assert later - now == HOUR


async def test_instants_from_now_come_in_their_order(database: Database) -> None:
    async with database.read() as connection:
        query = select(from_now(connection, -HOUR), from_now(connection), from_now(connection, HOUR))
        before, now, after = (await connection.execute(query)).one()

    assert before < now < after
