"""Counting SQL statements."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from invito.services.storage.database import Database


@contextmanager
def statements_of(database: Database) -> Iterator[list[str]]:
    """The statements that are sent while the context lasts."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(database.engine.sync_engine, "before_cursor_execute", note)
