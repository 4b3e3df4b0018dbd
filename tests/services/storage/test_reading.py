"""Statements that are kept are read by the driver itself, and answer what SQLAlchemy would."""

from datetime import UTC, datetime
from unittest.mock import AsyncMock, patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import bindparam, insert, literal, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from invito.plugins.contract import Language, ViewerIdentity
from invito.services.caller import Caller
from invito.services.house import House
from invito.services.paging import PageAsk
from invito.services.participants.searching import search_participants
from invito.services.storage import reading
from invito.services.storage.database import Database
from invito.services.storage.directory_tables import EntryKind, EntryRow, UnavailableEntryRow
from invito.services.storage.message_tables import NotificationRow
from invito.services.storage.reading import read_rows
from invito.services.storage.value_lists import among_named
from tests.statements import statements_of

_ENTRIES = (
    select(EntryRow.id, EntryRow.kind, EntryRow.name, EntryRow.email, EntryRow.language, EntryRow.capacity)
    .where(EntryRow.kind == bindparam("kind", type_=EntryRow.kind.type))
    .order_by(EntryRow.id)
)
_UNAVAILABLE = select(UnavailableEntryRow.reference)
_NOWHERE = select(text("1")).select_from(text("no_such_table"))
_INSTANT = select(literal(datetime(2026, 6, 1, 12, tzinfo=UTC), NotificationRow.created_at.type))

names = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=30)
rows = st.lists(
    st.tuples(
        st.sampled_from(EntryKind),
        names,
        st.none() | names,
        st.none() | st.sampled_from(Language),
        st.none() | st.integers(0, 2**31 - 1),
    ),
    max_size=8,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=rows, kind=st.sampled_from(EntryKind))
async def test_the_driver_answers_what_sqlalchemy_does(
    database: Database, rows: list[tuple[object, ...]], kind: EntryKind
) -> None:
    async with database.write() as connection:
        await connection.execute(text("DELETE FROM directory_entry"))
        for kind_, name, email, language, capacity in rows:
            values = {"kind": kind_, "name": name, "email": email, "language": language, "capacity": capacity}
            words = {"name_key": "", "name_words": "", "title_words": ""}
            await connection.execute(insert(EntryRow).values(**values, **words))

    async with database.read() as connection:
        found = await read_rows(connection, _ENTRIES, {"kind": kind})
        expected = (await connection.execute(_ENTRIES, {"kind": kind})).all()

    assert [tuple(row) for row in found] == [tuple(row) for row in expected]


async def test_it_is_the_driver_that_is_asked(database: Database) -> None:
    with patch.object(AsyncConnection, "execute", AsyncMock(side_effect=AssertionError)):
        async with database.read() as connection:
            assert list(await read_rows(connection, _UNAVAILABLE)) == []


async def test_values_are_ours_and_not_the_drivers(database: Database) -> None:
    async with database.read() as connection:
        ((instant,),) = await read_rows(connection, _INSTANT)

    assert instant == datetime(2026, 6, 1, 12, tzinfo=UTC)


async def test_lists_are_given_as_lists(database: Database) -> None:
    async with database.write() as connection:
        await connection.execute(insert(UnavailableEntryRow), [{"reference": f"employee:{n}"} for n in range(5)])
    statement = _UNAVAILABLE.where(
        among_named(UnavailableEntryRow.reference, "references", database.engine.dialect.name)
    ).order_by(UnavailableEntryRow.reference)

    async with database.read() as connection:
        found = await read_rows(connection, statement, {"references": ["employee:3", "employee:1", "employee:9"]})

    assert [tuple(row) for row in found] == [("employee:1",), ("employee:3",)]


async def test_in_a_transaction_what_it_wrote_is_read(database: Database) -> None:
    async with database.write() as connection:
        await connection.execute(insert(UnavailableEntryRow).values(reference="employee:1"))

        found = await read_rows(connection, _UNAVAILABLE)

    assert [tuple(row) for row in found] == [("employee:1",)]


async def test_whoever_listens_to_what_is_sent_hears_of_it(database: Database) -> None:
    with statements_of(database) as sent:
        async with database.read() as connection:
            await read_rows(connection, _UNAVAILABLE)

    assert len(sent) == 1


async def test_a_variable_that_is_not_given_is_a_mistake_and_not_null(database: Database) -> None:
    async with database.read() as connection:
        with pytest.raises(KeyError, match="kind"):
            await read_rows(connection, _ENTRIES)


async def test_what_a_search_is_made_of_is_not_kept(house: House) -> None:
    administrator = Caller(
        ViewerIdentity("kari@nordlys.example", (), is_administrator=True), None, Language.EN, "Europe/Oslo"
    )
    kept = []
    for number in range(3):
        await search_participants(house, administrator, f"kari{number}", None, None, PageAsk(20))
        kept.append(reading._compiled.cache_info().misses)

    assert kept[0] == kept[-1]


async def test_what_fails_is_an_error_of_sqlalchemy_as_everywhere(database: Database) -> None:
    async with database.read() as connection:
        with pytest.raises(DBAPIError):
            await read_rows(connection, _NOWHERE)

        assert list(await read_rows(connection, _UNAVAILABLE)) == []


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_connection_that_is_lost_is_told_and_replaced(database: Database) -> None:
    async with database.read() as connection, database.read() as other:
        number = (await connection.execute(text("SELECT pg_backend_pid()"))).scalar_one()
        await other.execute(text("SELECT pg_terminate_backend(:number)"), {"number": number})
        with pytest.raises(DBAPIError) as caught:
            await read_rows(connection, _UNAVAILABLE)
    assert caught.value.connection_invalidated

    async with database.read() as connection:
        assert list(await read_rows(connection, _UNAVAILABLE)) == []
