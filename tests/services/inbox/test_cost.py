"""Taking in an answer costs the same however much there is already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event

if TYPE_CHECKING:
    from tests.services.conftest import Office
    from tests.services.inbox.conftest import Post


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_no_table_that_grows_is_looked_through(office: Office, post: Post) -> None:
    made = await office.create(office.ref.per, email_invitations=True)
    await office.send_all(made)
    seen: list[tuple[str, Any]] = []

    def note(_: object, __: object, statement: str, values: Any, *___: object) -> None:
        seen.append((statement, values))

    engine = office.house.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    await post.answer(made, "Per", "ACCEPTED")
    event.remove(engine, "before_cursor_execute", note)

    assert len([one for one, _ in seen if not one.startswith(("BEGIN", "PRAGMA"))]) < 20
    scanned = set()
    async with office.house.database.read() as connection:
        for statement, values in seen:
            if statement.startswith(("SELECT", "UPDATE", "DELETE")):
                plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
                scanned |= {row[-1].split()[1] for row in plan if row[-1].startswith("SCAN")}
    # Who owns follow-ups is few, and SQLite begins with them; what a statement found itself has no name of its own.
    assert {one for one in scanned if not one.startswith("anon")} <= {"owner", "CONSTANT"}
