"""What the log says of a database that refuses a statement: which sort of error, and nothing of what it was about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

if TYPE_CHECKING:
    from tests.schema.conftest import Office

CAUSES = {
    "sqlite": {"cause": "OperationalError", "sqlite": "SQLITE_ERROR"},
    "postgresql": {"cause": "UndefinedTableError", "sqlstate": "42P01"},
}


@pytest.fixture
async def office_without_follow_ups(office: Office) -> Office:
    async with office.house.database.write() as connection:
        await connection.execute(text("ALTER TABLE follow_up RENAME TO secret_files"))
    return office


async def test_a_masked_error_of_the_database_is_logged_with_what_the_database_calls_it(
    office_without_follow_ups: Office, database_url: str
) -> None:
    with capture_logs() as logged:
        error = await office_without_follow_ups.error("{ followUps { nodes { id } } }")

    (entry,) = [one for one in logged if one["log_level"] == "error"]
    assert entry["error_id"] == error["id"]
    kind = database_url.partition(":")[0]
    assert {name: entry.get(name) for name in CAUSES[kind]} == CAUSES[kind]
    assert "SELECT" not in str(entry)
    assert "no such table" not in str(entry)
