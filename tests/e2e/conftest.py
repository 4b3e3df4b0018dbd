"""Real servers, asked over HTTP and websocket alone, by a client library that others wrote."""

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from gql import Client, GraphQLRequest, gql
from gql.client import AsyncClientSession
from gql.transport.httpx import HTTPXAsyncTransport
from gql.transport.websockets import WebsocketsTransport

from tests.conftest import empty_database
from tests.free_ports import free_port

KARI = "kari.nordmann@nordlys.example"
_PATIENCE_SECONDS = 60


@dataclass
class Server:
    """A running `invito serve`, in demo mode, where whoever asks names themself."""

    port: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/graphql"

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait()

    async def ask(self, query: str, viewer: str = KARI, **variables: object) -> dict[str, Any]:
        """The data of an operation that must not fail."""
        async with self.session(viewer) as session:
            return await session.execute(request(query, **variables))

    @asynccontextmanager
    async def session(self, viewer: str = KARI) -> AsyncIterator[AsyncClientSession]:
        # Nothing is encrypted on the way, and the certificates to verify would take longer to read than an answer.
        headers = {"X-Invito-Viewer": viewer}
        transport = HTTPXAsyncTransport(self.url, headers=headers, timeout=_PATIENCE_SECONDS, verify=False)
        async with Client(transport=transport, execute_timeout=_PATIENCE_SECONDS) as session:
            yield session

    @asynccontextmanager
    async def live(self, viewer: str = KARI) -> AsyncIterator[AsyncClientSession]:
        """A session over graphql-transport-ws."""
        url = self.url.replace("http", "ws", 1)
        transport = WebsocketsTransport(url, init_payload={"X-Invito-Viewer": viewer})
        async with Client(transport=transport, execute_timeout=_PATIENCE_SECONDS) as session:
            yield session


def request(query: str, **variables: object) -> GraphQLRequest:
    """An operation with its variables, as the client library has it."""
    return GraphQLRequest(gql(query).document, variable_values=variables)


Start = Callable[..., Server]


def served(
    database_url: str, log: Path, *arguments: str, python: str | Path = sys.executable, **settings: str
) -> AbstractContextManager[Server]:
    """`invito serve` on this database, ended at the end; its log is shown where it does not start."""
    return served_at(free_port(), database_url, log, *arguments, python=python, **settings)


@contextmanager
def served_at(
    port: int, database_url: str, log: Path, *arguments: str, python: str | Path = sys.executable, **settings: str
) -> Iterator[Server]:
    """The same at this port."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("INVITO_")}
    with log.open("ab") as output:
        process = subprocess.Popen(
            [python, "-m", "invito", "serve", "--port", str(port), *(arguments or ("--demo",))],
            env=environment
            | {"INVITO_DATABASE_URL": database_url, "INVITO_MAIL_FOLDER": str(log.parent / "mail")}
            | settings,
            stdout=output,
            stderr=output,
        )
    try:
        _wait_until_healthy(process, port, log)
        yield Server(port, process)
    finally:
        process.terminate()
        process.wait()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def office(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The demo office on a database of each kind in turn, for tests that make what they need themselves."""
    folder = tmp_path_factory.mktemp("office")
    with empty_database(request, folder) as url, served(url, folder / "log") as server:
        yield server


@pytest.fixture
def start(database_url: str, tmp_path: Path) -> Iterator[Start]:
    """Starts servers on one database, of each kind in turn."""
    running = []

    def start_one(*arguments: str, **settings: str) -> Server:
        one = served(database_url, tmp_path / "log", *arguments, **settings)
        running.append(one)
        return one.__enter__()

    yield start_one
    for one in running:
        one.__exit__(None, None, None)


def _wait_until_healthy(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5):
                return
        except OSError:
            time.sleep(0.05)  # between two looks; what is waited for is the answer
    pytest.fail(f"the server did not start:\n{log.read_text()}")
