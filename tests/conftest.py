"""What all tests share: an empty, migrated database of each kind, and the house that stands on it."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from pathlib import Path
from typing import NoReturn
from uuid import uuid4

import asyncpg
import pytest
import uvicorn
from starlette.types import ASGIApp

from invito.opening import open_house
from invito.services.house import House
from invito.services.storage.database import Database
from invito.services.storage.migrating import upgrade
from invito.settings import Settings

POSTGRES_SERVER = os.environ.get("INVITO_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432")


def missing(reason: str) -> NoReturn:
    """Skip with the reason on a developer's machine; in CI nothing may be missing."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what tests measured by the way: `record_property("measured", …)`. No test fails of it."""
    reports = terminalreporter.getreports("passed")
    measured = [said for report in reports for name, said in report.user_properties if name == "measured"]
    if measured:
        terminalreporter.section("measured")
    for said in measured:
        terminalreporter.write_line(str(said))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with the API contract and the real mails, which is no part of the project."""
    folder = Path(os.environ.get("INVITO_SHARED", "../shared"))
    if not folder.is_dir():
        missing(f"{folder} is not there: set INVITO_SHARED to the folder with the contract")
    return folder


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty, migrated database file, to be copied."""
    file = tmp_path_factory.mktemp("template") / "empty.sqlite3"
    asyncio.run(upgrade(f"sqlite:///{file}"))
    return file


@pytest.fixture(scope="session")
def postgres_template() -> Iterator[str]:
    """The name of an empty, migrated database, to be copied."""
    name = f"invito_template_{uuid4().hex[:12]}"
    try:
        asyncio.run(_on_postgres(f'CREATE DATABASE "{name}"'))
    except (OSError, asyncpg.PostgresError) as problem:
        missing(f"no PostgreSQL at {POSTGRES_SERVER}: {problem}")
    asyncio.run(upgrade(f"{POSTGRES_SERVER}/{name}"))
    yield name
    asyncio.run(_on_postgres(f'DROP DATABASE "{name}" WITH (FORCE)'))


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty, migrated database, of each kind in turn."""
    with empty_database(request, tmp_path) as url:
        yield url


@contextmanager
def empty_database(request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    """The URL of an empty, migrated database of the kind that the fixture's parameter names."""
    if request.param == "sqlite":
        file = folder / "invito.sqlite3"
        shutil.copy(request.getfixturevalue("sqlite_template"), file)
        yield f"sqlite:///{file}"
        return
    name = f"invito_test_{uuid4().hex[:12]}"
    template = request.getfixturevalue("postgres_template")
    asyncio.run(_on_postgres(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
    yield f"{POSTGRES_SERVER}/{name}"
    asyncio.run(_on_postgres(f'DROP DATABASE "{name}" WITH (FORCE)'))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An empty, migrated database that is open."""
    opened = Database(database_url)
    yield opened
    await opened.close()


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    """The house with the built-in sources on an empty database, whose service may send mail."""
    async with open_house(Settings(database_url=database_url, mail_from="invito@nordlys.example")) as opened:
        yield opened


@pytest.fixture
def listening() -> Callable[[ASGIApp], AbstractAsyncContextManager[str]]:
    """Has an application listen at a free port of the loopback while the context lasts, and gives its address."""
    return _listening


@asynccontextmanager
async def _listening(app: ASGIApp) -> AsyncIterator[str]:
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, timeout_graceful_shutdown=1))
    task = asyncio.create_task(server.serve())
    while not server.started and not task.done():  # noqa: ASYNC110  # uvicorn has no event for it
        await asyncio.sleep(0.005)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await task


async def _on_postgres(statement: str) -> None:
    connection = await asyncpg.connect(f"{POSTGRES_SERVER}/postgres", timeout=10)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
