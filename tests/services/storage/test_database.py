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
