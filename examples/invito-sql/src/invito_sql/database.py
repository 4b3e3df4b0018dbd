"""The company's database: read only, a few connections, each statement within a time."""

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from pydantic import SecretStr
from sqlalchemy import (
    URL,
    Connection,
    CursorResult,
    DateTime,
    Dialect,
    Engine,
    QueuePool,
    bindparam,
    create_engine,
    event,
    text,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from invito_sql.source_file import WrongSourceFile

_CONNECTIONS = 4
_CONNECT_SECONDS = 5
_RECYCLE_SECONDS = 1_800
# How long a server may say nothing at all, so that one that is cut off holds nobody for ever.
_SILENCE_SECONDS = 90
# Every transaction of a connection reads only, instants are in UTC, and "double quotes" are about names, as in the
# standard.
_MARIADB = (
    "SET SESSION TRANSACTION READ ONLY",
    "SET time_zone = '+00:00'",
    "SET sql_mode = CONCAT(@@sql_mode, ',ANSI_QUOTES')",
)
_OPENING = {
    "postgresql": ("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", "SET TIME ZONE 'UTC'"),
    "mariadb": _MARIADB,
    "mysql": _MARIADB,
    "sqlite": ("PRAGMA query_only = ON",),
}
_SQLITE_STEPS = 10_000


class Database:
    """Connects when it is asked. `close` lets the connections go; whoever asks afterwards gets new ones."""

    def __init__(self, url: URL, silence_seconds: int = _SILENCE_SECONDS) -> None:
        self._engine = _engine(url, silence_seconds)

    @contextmanager
    def reading(self, seconds: float) -> Iterator[Connection]:
        """A connection whose statements may take so long each. Nothing is ever committed."""
        with self._engine.connect() as connection:
            _limit(connection, seconds)
            yield connection

    def close(self) -> None:
        self._engine.dispose()


def database_url(url: str | None, password: SecretStr | None) -> URL:
    """
    :raises WrongSourceFile: there is none, it is no URL, or holds a password.
    """
    if url is None:
        raise WrongSourceFile("No database is named: write `url` into the file, or set INVITO_SQL_URL")
    try:
        made = make_url(url)
    except ArgumentError:
        raise WrongSourceFile("url should be <dialect>+<driver>://<user>@<host>/<database>") from None
    if made.password is not None:
        raise WrongSourceFile("url holds a password, which others may see: set INVITO_SQL_PASSWORD instead")
    return made if password is None else made.set(password=password.get_secret_value())


@contextmanager
def select(connection: Connection, query: str, **parameters: object) -> Iterator[CursorResult[Any]]:
    """What the query gives, a few rows at a time. Lists and instants (naive, UTC) may be parameters."""
    statement = text(query)
    used = {name: value for name, value in parameters.items() if name in statement.compile().params}
    typed = [_parameter(name, value) for name, value in used.items()]
    with connection.execute(statement.bindparams(*typed), used, execution_options={"yield_per": 2_000}) as result:
        yield result


def said_of(problem: Exception) -> str:
    """What kind of failure it was, without what the database says about it, which may hold anything."""
    if not isinstance(problem, DBAPIError) or problem.orig is None:
        return type(problem).__name__
    code = getattr(problem.orig, "sqlstate", None) or next(iter(problem.orig.args), None)
    is_code = isinstance(code, int) or (isinstance(code, str) and re.fullmatch(r"\w{5}", code))
    return f"{type(problem.orig).__name__} {code}" if is_code else type(problem.orig).__name__


def _parameter(name: str, value: object) -> Any:
    if isinstance(value, datetime):
        return bindparam(name, type_=DateTime())
    return bindparam(name, expanding=isinstance(value, Sequence) and not isinstance(value, str))


def _engine(url: URL, silence_seconds: int) -> Engine:
    dialect = _dialect_of(url)
    patience = _patience(dialect.driver, silence_seconds)
    try:
        engine = create_engine(
            url,
            connect_args={name: value for name, value in patience.items() if name not in url.query},
            hide_parameters=True,
            poolclass=QueuePool,
            pool_size=_CONNECTIONS,
            max_overflow=0,
            pool_timeout=_CONNECT_SECONDS,
            pool_pre_ping=True,
            pool_recycle=_RECYCLE_SECONDS,
        )
    except ModuleNotFoundError as missing:
        raise WrongSourceFile(f"url: the driver of {url.drivername} is not installed ({missing})") from None

    @event.listens_for(engine, "connect")
    def open_read_only(connection: Any, _: object) -> None:
        cursor = connection.cursor()
        for statement in _OPENING.get(dialect.name, ()):
            cursor.execute(statement)
        cursor.close()
        connection.commit()

    return engine


def _patience(driver: str, silence_seconds: int) -> dict[str, int]:
    """What drivers call these times; of others their own hold, and what the URL says."""
    if driver in ("pymysql", "mysqldb", "mariadbconnector"):
        return {"connect_timeout": _CONNECT_SECONDS, "read_timeout": silence_seconds}
    if driver in ("psycopg", "psycopg2"):
        third = max(1, silence_seconds // 3)
        asking = {"keepalives_idle": third, "keepalives_interval": third, "keepalives_count": 2}
        return {"connect_timeout": _CONNECT_SECONDS, **asking}
    return {}


def _dialect_of(url: URL) -> type[Dialect]:
    try:
        dialect = url.get_dialect()
    except NoSuchModuleError:
        raise WrongSourceFile(f"url: SQLAlchemy knows no {url.drivername}: is its package installed?") from None
    if dialect.is_async:
        raise WrongSourceFile(
            f"url: {url.drivername} is an async driver: take a plain one, such as postgresql+psycopg or mysql+pymysql"
        )
    return dialect


def _limit(connection: Connection, seconds: float) -> None:
    """Have each statement end after so many seconds, where the database has a way to."""
    dialect = connection.dialect
    milliseconds = max(1, round(seconds * 1_000))
    if dialect.name == "postgresql":
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {milliseconds}")
    elif dialect.name in ("mysql", "mariadb"):
        limit = "max_statement_time" if getattr(dialect, "is_mariadb", False) else "max_execution_time"
        value = milliseconds / 1_000 if limit == "max_statement_time" else milliseconds
        connection.exec_driver_sql(f"SET SESSION {limit} = {value}")
    elif dialect.name == "sqlite":
        end = time.monotonic() + seconds
        driver: Any = connection.connection.driver_connection
        driver.set_progress_handler(lambda: time.monotonic() > end, _SQLITE_STEPS)
