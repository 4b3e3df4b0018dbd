"""What is promised of a connection, whichever of the pool it is."""

import pytest
from sqlalchemy import text

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
