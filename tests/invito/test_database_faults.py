"""A database that is away or full: a code for that moment, nothing half-done, and then all goes on by itself."""

import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, closing

import httpx2
import pytest
from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import Pool
from starlette.types import ASGIApp

from invito.asgi import create_app
from invito.services.directory.writing import NewEntry, add_entries
from invito.services.storage.database import Database
from invito.services.storage.directory_tables import EntryKind
from invito.settings import Settings
from tests.database_faults import shut

Listening = Callable[[ASGIApp], AbstractAsyncContextManager[str]]

AS_KARI = {"X-Invito-Viewer": "kari@nordlys.example"}
TITLES = "{ followUps { nodes { title } } }"
CREATE = """mutation { createFollowUp(input: {type: TASK, title: "%s", start: "2027-03-01T10:00", description: "%s",
    idempotencyKey: "%s"}) { followUp { title } errors { code } } }"""
AWAY = "The database does not answer at the moment. Try again soon."
FULL = "There is no room left to store anything: nothing was changed. Tell the administrator."


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(headers=AS_KARI, timeout=60) as open_client:
        yield open_client


class Disk:
    """How many pages the SQLite databases of this process may have."""

    most_pages = 1_000_000

    def fill(self, connection: DBAPIConnection, *_: object) -> None:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA max_page_count = {self.most_pages}")
        cursor.close()


@pytest.fixture
def disk() -> Iterator[Disk]:
    there = Disk()
    event.listen(Pool, "checkout", there.fill)
    yield there
    event.remove(Pool, "checkout", there.fill)


async def hire_kari(database_url: str) -> None:
    database = Database(database_url)
    async with database.write() as connection:
        await add_entries(connection, [NewEntry(EntryKind.EMPLOYEE, "Kari Nordmann", "kari@nordlys.example")])
    await database.close()


def the_only_error(answer: httpx2.Response) -> tuple[str, str]:
    (error,) = answer.json()["errors"]
    return error["extensions"]["code"], error["message"]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_while_the_database_is_away_there_is_a_code_and_then_the_same_key_finishes_the_work(
    database_url: str, client: httpx2.AsyncClient, listening: Listening
) -> None:
    await hire_kari(database_url)
    create = {"query": CREATE % ("Budget", "", "1")}

    async with listening(create_app(Settings(database_url=database_url), demo=True)) as address:
        await client.post(f"{address}/graphql", json={"query": TITLES})
        await shut(database_url, is_shut=True)
        asked = await client.post(f"{address}/graphql", json={"query": TITLES})
        refused = await client.post(f"{address}/graphql", json=create)
        await shut(database_url, is_shut=False)
        done = await client.post(f"{address}/graphql", json=create)
        found = await client.post(f"{address}/graphql", json={"query": TITLES})

    assert the_only_error(asked) == the_only_error(refused) == ("INTERNAL", AWAY)
    assert done.json()["data"]["createFollowUp"] == {"followUp": {"title": "Budget"}, "errors": []}
    assert found.json()["data"]["followUps"]["nodes"] == [{"title": "Budget"}]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_readyz_says_no_while_the_database_is_away_and_yes_once_it_is_back(
    database_url: str, client: httpx2.AsyncClient, listening: Listening
) -> None:
    async with listening(create_app(Settings(database_url=database_url))) as address:
        await shut(database_url, is_shut=True)
        away = await client.get(f"{address}/readyz")
        await shut(database_url, is_shut=False)
        back = await client.get(f"{address}/readyz")

    assert (away.status_code, back.status_code) == (503, 200)
    assert away.headers["retry-after"] == "5"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_full_disk_is_said_reading_works_and_writing_goes_on_when_there_is_room(
    database_url: str, client: httpx2.AsyncClient, listening: Listening, disk: Disk
) -> None:
    await hire_kari(database_url)
    with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"))) as connection:
        connection.execute("VACUUM")  # pages that migrations left free would be room
    long = "All there is to say. " * 400

    async with listening(create_app(Settings(database_url=database_url), demo=True)) as address:
        before = await client.post(f"{address}/graphql", json={"query": CREATE % ("Before", "", "1")})
        disk.most_pages = 1  # SQLite takes it for as many as there are
        refused = await client.post(f"{address}/graphql", json={"query": CREATE % ("Budget", long, "2")})
        read = await client.post(f"{address}/graphql", json={"query": TITLES})
        disk.most_pages = 1_000_000
        done = await client.post(f"{address}/graphql", json={"query": CREATE % ("Budget", long, "2")})

    assert before.json()["data"]["createFollowUp"]["errors"] == []
    assert the_only_error(refused) == ("INTERNAL", FULL)
    assert read.json()["data"]["followUps"]["nodes"] == [{"title": "Before"}]
    assert done.json()["data"]["createFollowUp"] == {"followUp": {"title": "Budget"}, "errors": []}
    with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"))) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
