"""The databases that are measured on, gone at the end."""

import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import asyncpg

from benchmarks.data import Size, fill

POSTGRES_SERVER = os.environ.get("INVITO_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432")


@asynccontextmanager
async def filled(kind: str, size: Size) -> AsyncIterator[str]:
    """The URL of a database with so many rows, gone at the end."""
    async with empty(kind) as url:
        await fill(url, size)
        yield url


@asynccontextmanager
async def empty(kind: str) -> AsyncIterator[str]:
    """The URL of a database with nothing in it, gone at the end."""
    if kind == "SQLite":
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{Path(folder) / 'bench.sqlite3'}"
        return
    name = f"invito_bench_{uuid4().hex[:12]}"
    await _on_server(f'CREATE DATABASE "{name}"')
    try:
        yield f"{POSTGRES_SERVER}/{name}"
    finally:
        await _on_server(f'DROP DATABASE "{name}" WITH (FORCE)')


async def _on_server(statement: str) -> None:
    connection = await asyncpg.connect(f"{POSTGRES_SERVER}/postgres")
    await connection.execute(statement)
    await connection.close()
