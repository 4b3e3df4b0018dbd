"""An outbox on each kind of database in turn, receivers, and the plugin at work between them."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
import structlog
from invito_webhook.settings import Endpoint, WebhookSettings
from invito_webhook.webhooks import Webhooks
from pydantic import SecretStr
from webhook_endpoints import AtWork
from webhook_receivers import Receiver, receiving

from invito.plugins import PluginContext
from tests.conftest import POSTGRES_SERVER, missing


@pytest.fixture(params=["sqlite", "postgresql"])
def outbox_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'webhook.sqlite3'}"
        return
    with empty_postgres() as url:
        yield url


@pytest.fixture
def postgres_url() -> Iterator[str]:
    with empty_postgres() as url:
        yield url


@contextmanager
def empty_postgres() -> Iterator[str]:
    name = f"invito_webhook_{uuid4().hex[:12]}"
    try:
        asyncio.run(_on_postgres(f'CREATE DATABASE "{name}"'))
    except (OSError, asyncpg.PostgresError) as problem:
        missing(f"no PostgreSQL at {POSTGRES_SERVER}: {problem}")
    yield f"{POSTGRES_SERVER}/{name}"
    asyncio.run(_on_postgres(f'DROP DATABASE "{name}" WITH (FORCE)'))


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as listening:
        yield listening


@pytest.fixture
def at_work(outbox_url: str) -> AtWork:
    """Has the plugin work for some endpoints while the context lasts, without Invito around it."""

    @asynccontextmanager
    async def work(*endpoints: Endpoint, **values: object) -> AsyncIterator[Webhooks]:
        url = SecretStr(outbox_url)
        settings = WebhookSettings.model_validate({"endpoints": endpoints, "database_url": url} | values)
        webhooks = await Webhooks.opened(PluginContext("webhook", settings, structlog.get_logger(), None))
        try:
            yield webhooks
        finally:
            await webhooks.close()

    return work


async def _on_postgres(statement: str) -> None:
    connection = await asyncpg.connect(f"{POSTGRES_SERVER}/postgres", timeout=10)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
