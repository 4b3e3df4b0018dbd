"""Where a database stands, and how it comes to where the program needs it."""

import importlib
import pkgutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, text

from invito.services import storage
from invito.services.storage.columns import Base
from invito.services.storage.database import Database

_MIGRATIONS = Path(__file__).parent / "migrations"
# Any number that no other program takes on the same server; shown in pg_locks.
_LOCK = 0x1A0170


@dataclass(frozen=True, slots=True)
class Standing:
    """The migration that a database stands at, None where it is empty, and the one that the program needs.

    `is_known`: the program has the migration that the database stands at; otherwise a newer program made it.
    """

    current: str | None
    needed: str
    is_known: bool

    @property
    def is_current(self) -> bool:
        return self.current == self.needed


async def upgrade(database_url: str) -> None:
    """Bring the database to what the program needs, all or nothing. Two replicas that start at once take turns."""
    await _migrate(database_url, lambda config: command.upgrade(config, "head"))


async def downgrade(database_url: str, revision: str = "base") -> None:
    """Take the database back to a revision; what the migrations in between brought is lost."""
    await _migrate(database_url, lambda config: command.downgrade(config, revision))


async def standing(database_url: str) -> Standing:
    """Which migration the database stands at."""
    async with _opened(database_url) as database, database.read() as connection:
        current = await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())
    scripts = ScriptDirectory.from_config(_config())
    known = [script.revision for script in scripts.walk_revisions()]
    return Standing(current, known[0], current is None or current in known)


async def differences(database_url: str) -> list[str]:
    """What the tables in the database have otherwise than the models say; the search indexes are not compared."""
    async with _opened(database_url) as database, database.read() as connection:
        return await connection.run_sync(_compare)


def all_tables() -> MetaData:
    """Every table of the program."""
    for module in pkgutil.iter_modules(storage.__path__, f"{storage.__name__}."):
        if module.name.endswith("_tables"):
            importlib.import_module(module.name)
    return Base.metadata


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[Database]:
    database = Database(url)
    try:
        yield database
    finally:
        await database.close()


async def _migrate(database_url: str, run: Callable[[Config], None]) -> None:
    async with _opened(database_url) as database, database.write() as connection:
        if not database.is_sqlite:  # SQLite has one writer at a time as it is
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        await connection.run_sync(lambda sync: run(_config(sync)))


def _config(connection: Connection | None = None) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _compare(connection: Connection) -> list[str]:
    options = {"include_name": _is_compared, "compare_type": True}
    context = MigrationContext.configure(connection, opts=options)
    return [str(difference) for difference in compare_metadata(context, all_tables())]


def _is_compared(name: str | None, kind: str, _parents: object) -> bool:
    # Full-text indexes differ between the databases, so they are written in the migrations alone.
    return kind not in ("table", "index") or not (name or "").startswith("search_")
