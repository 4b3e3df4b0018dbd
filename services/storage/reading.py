"""Reading by a statement that is kept: compiled once, and sent by the driver itself.

From a statement to its rows SQLAlchemy takes several times as long as the driver (docs/decisions.md), which counts
where a page is a handful of statements that hardly take any time themselves.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, TypeVarTuple, overload

import structlog
from sqlalchemy import Dialect, Engine, Enum
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.expression import Select, TextualSelect
from sqlalchemy.types import TypeEngine

Ts = TypeVarTuple("Ts")

# The execution option of connections on which nothing is begun, so that it makes no difference who sends a statement.
READS_ALONE = "invito_reads_alone"

_Convert = Callable[[Any], Any]
# More than there are statements that are kept.
_MOST_KEPT = 500


log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Place:
    """A place in a statement: its name, the value where none is given, and what makes the driver's value of one."""

    name: str
    value: object
    is_required: bool
    convert: _Convert | None

    def bound(self, given: Mapping[str, object]) -> object:
        """
        :raises KeyError: no value is given, and the statement has none.
        """
        value = given[self.name] if self.is_required else given.get(self.name, self.value)
        return value if self.convert is None else self.convert(value)


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A statement as the driver takes it; `columns` make our values of the driver's, None where both are the same."""

    text: str
    places: Sequence[_Place]
    columns: Sequence[_Convert | None]

    def bound(self, given: Mapping[str, object]) -> list[object]:
        """The driver's values of those that are given, in the order of the statement."""
        return [place.bound(given) for place in self.places]

    def rows(self, found: Iterable[Sequence[Any]]) -> list[tuple[Any, ...]]:
        """What the driver found, with our values: column by column, which is the fastest."""
        if not any(self.columns):
            return list(map(tuple, found))
        columns: Iterable[Iterable[Any]] = zip(*found, strict=True)
        # Of no row there is no column either.
        converted = (
            column if convert is None else map(convert, column)
            for column, convert in zip(columns, self.columns, strict=False)
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
) -> Sequence[tuple[Any, ...]]:
    """The rows of a statement that is made once and kept, by whoever asks.

    SQLAlchemy sends it where a transaction may be open, or somebody listens to what is sent; and once more where the
    driver failed, which hurts nobody who only reads: what is raised is what callers know.

    :raises KeyError: a variable of the statement is not given.
    :raises sqlalchemy.exc.SQLAlchemyError: the database is away, or refused the statement.
    """
    own = connection.sync_connection
    given = variables or {}
    if own is not None and own.get_execution_options().get(READS_ALONE) and not _is_heard(own.engine):
        compiled = _compiled(statement, own.dialect)
        values = compiled.bound(given)
        driver: Any = own.connection.driver_connection
        try:
            if own.dialect.name == "sqlite":
                found = await driver.execute_fetchall(compiled.text, values)
            else:
                found = await driver.fetch(compiled.text, *values)
        except Exception as problem:  # of the driver: it was given what is its own
            log.debug("a statement that is kept failed", problem=type(problem).__name__)
        else:
            return compiled.rows(found)
    return [tuple(row) for row in await connection.execute(statement, given)]


def _is_heard(engine: Engine) -> bool:
    """Whether somebody listens to what is sent, as OpenTelemetry's instrumentation does."""
    events = engine.dispatch
    return bool(events.before_cursor_execute or events.after_cursor_execute or events.before_execute)


@lru_cache(_MOST_KEPT)
def _compiled(statement: Select[*tuple[Any, ...]] | TextualSelect, dialect: Dialect) -> _Compiled:
    compiled = statement.compile(dialect=dialect)
    binds = [compiled.binds[name] for name in compiled.positiontup or ()]
    # The text of such a statement is another one for each list.
    assert not any(bind.expanding for bind in binds), "lists are one variable in statements that are kept: value_lists"
    return _Compiled(
        compiled.string,
        [
            _Place(bind.key, bind.value, bind.required, bind.type.dialect_impl(dialect).bind_processor(dialect))
            for bind in binds
        ],
        [_from_driver(column.type, dialect) for column in statement.selected_columns],
    )


def _from_driver(kind: TypeEngine[Any], dialect: Dialect) -> _Convert | None:
    convert = kind.dialect_impl(dialect).result_processor(dialect, None)
    # An enum has few values, which are sooner looked up than made.
    return cache(convert) if convert is not None and isinstance(kind, Enum) else convert
