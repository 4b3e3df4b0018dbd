"""Reading by a statement that is kept: compiled once, and sent by the driver itself.

From a statement to its rows SQLAlchemy takes several times as long as the driver (docs/decisions.md), which counts
where a page is a handful of statements that hardly take any time themselves.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, TypeVarTuple, overload

from sqlalchemy import Dialect, Engine, Enum
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.expression import Select, TextualSelect
from sqlalchemy.types import TypeEngine

Ts = TypeVarTuple("Ts")

# The execution option of connections on which nothing is begun, so that it makes no difference who sends a statement.
READS_ALONE = "invito_reads_alone"

_Convert = Callable[[Any], Any]
_Rows = Sequence[Sequence[Any]]
# More than there are statements that are kept.
_MOST_KEPT = 500


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A statement as the driver takes it.

    `variables` are the places in it, in order: a name, the value where none is given, and what makes the driver's value
    of it; `columns` make ours of the driver's. None where both are the same.
    """

    text: str
    variables: Sequence[tuple[str, object, _Convert | None]]
    columns: Sequence[_Convert | None]

    def bound(self, given: Mapping[str, object]) -> list[object]:
        """The driver's values of those that are given."""
        values = ((given.get(name, default), convert) for name, default, convert in self.variables)
        return [value if convert is None else convert(value) for value, convert in values]

    def rows(self, found: _Rows) -> _Rows:
        """What the driver found, with our values: column by column, which is the fastest."""
        if not found or not any(self.columns):
            return found
        columns: Iterable[Iterable[Any]] = zip(*found, strict=True)
        converted = (
            column if convert is None else map(convert, column)
            for convert, column in zip(self.columns, columns, strict=True)
        )
        return list(zip(*converted, strict=True))


@overload
async def read_rows(
    connection: AsyncConnection, statement: Select[*Ts], variables: Mapping[str, object] | None = None
) -> Sequence[tuple[*Ts]]: ...


@overload
async def read_rows(
    connection: AsyncConnection, statement: TextualSelect, variables: Mapping[str, object] | None = None
) -> Sequence[tuple[Any, ...]]: ...


async def read_rows(
    connection: AsyncConnection,
    statement: Select[*tuple[Any, ...]] | TextualSelect,
    variables: Mapping[str, object] | None = None,
) -> _Rows:
    """The rows of a statement that is kept, each a tuple or read like one.

    SQLAlchemy sends it where a transaction may be open, or somebody listens to what is sent; and once more where the
    driver failed, which hurts nobody who only reads: what is raised is what callers know.

    :raises sqlalchemy.exc.SQLAlchemyError: the database is away, or refused the statement.
    """
    own = connection.sync_connection
    if own is not None and own.get_execution_options().get(READS_ALONE) and not _is_heard(own.engine):
        with suppress(Exception):
            compiled = _compiled(statement, own.dialect)
            values = compiled.bound(variables or {})
            driver: Any = own.connection.driver_connection
            if own.dialect.name == "sqlite":
                return compiled.rows(await driver.execute_fetchall(compiled.text, values))
            return compiled.rows(await driver.fetch(compiled.text, *values))
    return (await connection.execute(statement, variables)).all()


def _is_heard(engine: Engine) -> bool:
    """Whether somebody listens to what is sent, as OpenTelemetry's instrumentation does."""
    return bool(engine.dispatch.before_cursor_execute)


@lru_cache(_MOST_KEPT)
def _compiled(statement: Select[*tuple[Any, ...]] | TextualSelect, dialect: Dialect) -> _Compiled:
    compiled = statement.compile(dialect=dialect)
    places = [compiled.binds[name] for name in compiled.positiontup or ()]
    return _Compiled(
        compiled.string,
        [(place.key, place.value, place.type.dialect_impl(dialect).bind_processor(dialect)) for place in places],
        [_from_driver(column.type, dialect) for column in statement.selected_columns],
    )


def _from_driver(kind: TypeEngine[Any], dialect: Dialect) -> _Convert | None:
    convert = kind.dialect_impl(dialect).result_processor(dialect, None)
    # An enum has few values, which are sooner looked up than made.
    return cache(convert) if convert is not None and isinstance(kind, Enum) else convert
