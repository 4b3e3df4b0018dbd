"""The migrations make what the models say, on both databases, and can be taken back."""

import asyncio
import os
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import insert, inspect, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from invito.services.busy.references import intern
from invito.services.directory.writing import (
    NewContainer,
    NewEntry,
    NewMember,
    add_containers,
    add_entries,
    add_members,
)
from invito.services.storage import migrating
from invito.services.storage.database import Database
from invito.services.storage.directory_tables import ContainerTableKind, EntryKind
from invito.services.storage.follow_up_tables import OwnerRow

_POSTGRESQL = make_url(os.environ.get("INVITO_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432"))


@pytest.fixture(params=["sqlite", "postgresql"])
async def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/invito.sqlite3"
        return
    name = f"invito_migrations_{uuid.uuid4().hex}"
    engine = create_async_engine(
        _POSTGRESQL.set(drivername="postgresql+asyncpg", database="postgres"), isolation_level="AUTOCOMMIT"
    )
    try:
        async with engine.connect() as connection:
            await connection.execute(text(f"CREATE DATABASE {name}"))
    except OSError as problem:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"PostgreSQL does not answer at {_POSTGRESQL.host}:{_POSTGRESQL.port}: {problem}")
    try:
        yield _POSTGRESQL.set(database=name).render_as_string(hide_password=False)
    finally:
        async with engine.connect() as connection:
            await connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        await engine.dispose()


async def test_an_empty_database_becomes_what_the_models_say(empty_database_url: str) -> None:
    await migrating.upgrade(empty_database_url)

    assert await migrating.differences(empty_database_url) == []


async def test_migrations_go_down_and_up_again(empty_database_url: str) -> None:
    await migrating.upgrade(empty_database_url)

    await migrating.downgrade(empty_database_url)

    assert await _tables(empty_database_url) <= {"alembic_version"}
    await migrating.upgrade(empty_database_url)
    assert await migrating.differences(empty_database_url) == []


async def test_a_database_tells_where_it_stands(empty_database_url: str) -> None:
    before = await migrating.standing(empty_database_url)

    await migrating.upgrade(empty_database_url)

    after = await migrating.standing(empty_database_url)
    assert before.current is None
    assert not before.is_current
    assert after.is_current


async def test_migrating_twice_changes_nothing(empty_database_url: str) -> None:
    await migrating.upgrade(empty_database_url)
    tables = await _tables(empty_database_url)

    await migrating.upgrade(empty_database_url)

    assert await _tables(empty_database_url) == tables


async def test_two_replicas_that_migrate_at_once_take_turns(empty_database_url: str) -> None:
    await asyncio.gather(*(migrating.upgrade(empty_database_url) for _ in range(2)))

    assert (await migrating.standing(empty_database_url)).is_current


async def test_groups_that_were_kept_by_name_are_compared_by_id(empty_database_url: str) -> None:
    await migrating.upgrade(empty_database_url)
    database = Database(empty_database_url)
    async with database.write() as connection:
        ola, gone = await add_entries(connection, [NewEntry(EntryKind.EMPLOYEE, name) for name in ("Ola", "Gone")])
        kinds = (ContainerTableKind.USER_GROUP, ContainerTableKind.USER_GROUP, ContainerTableKind.PROJECT)
        second, first, project = await add_containers(connection, [NewContainer(kind, "Salg") for kind in kinds])
        members = [NewMember(project, ola, 0), NewMember(first, ola, 1), NewMember(second, ola, 2)]
        await add_members(connection, members)
        references = [f"employee:{ola}", f"employee:{gone}", "ldap:1"]
        for reference, number in (await intern(connection, references)).items():
            row = {"reference_id": number, "name": reference, "groups": ["Salg"], "first_group": "new"}
            await connection.execute(insert(OwnerRow).values(row))

    await migrating.downgrade(empty_database_url, "0002")
    before = await _first_groups(database)
    await migrating.upgrade(empty_database_url)

    assert set(before.values()) == {"Salg"}
    assert await _first_groups(database) == {
        f"employee:{ola}": f"user_group:{first}",
        f"employee:{gone}": None,
        "ldap:1": "Salg",
    }
    await database.close()


async def _first_groups(database: Database) -> dict[str, str | None]:
    async with database.read() as connection:
        rows = await connection.execute(select(OwnerRow.name, OwnerRow.first_group))
        return {name: group for name, group in rows}  # noqa: C416  # a Result is no mapping


async def _tables(url: str) -> set[str]:
    database = Database(url)
    try:
        async with database.read() as connection:
            return set(await connection.run_sync(lambda sync: inspect(sync).get_table_names()))
    finally:
        await database.close()
