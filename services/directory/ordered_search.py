"""The first rows in name order that have all the words typed, out of a million, by the plan that suits the words.

What many names have is soon found by walking the index of the name order; what few have is found by the index of words
and sorted. Walking goes a bounded way: where it has not filled the page by then, the words are few, or all at the end.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    SQLColumnExpression,
    Text,
    and_,
    column,
    func,
    literal,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy import table as table_clause
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import InstrumentedAttribute

from invito.plugins.contract import PageRequest
from invito.services.directory.keyset import Listed, after, of_kinds
from invito.services.directory.words import NO_WORDS, Words, begin_words, full_text
from invito.services.storage.directory_tables import ContainerTableKind, EntryKind, EntryRow

# Measured over 1,000,000 persons (docs/decisions.md).
_FEW_MATCHES = 3_000
_LONGEST_WALK = {"sqlite": 20_000, "postgresql": 5_000}

Kinds = Sequence[EntryKind | ContainerTableKind]
Bound = tuple[str, int] | None

_ANY = true()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows of a table are listed: those of these kinds, with these words, for which `condition` holds."""

    table: Listed
    kinds: Kinds
    page: PageRequest
    names: Words = NO_WORDS
    titles: Words = NO_WORDS
    condition: ColumnElement[bool] = _ANY

    @property
    def limit(self) -> int:
        """One more than the page has, to know whether there is more."""
        return self.page.first + 1


async def plans(connection: AsyncConnection, wanted: Wanted) -> list[tuple[Select[int], bool]]:
    """The statements that select the ids, to be run in this order until one is final or fills the page."""
    if not (wanted.names or wanted.titles):
        return [(in_order(wanted), True)]
    dialect = connection.dialect.name
    if dialect == "sqlite" and await _are_few(connection, wanted):
        return [(by_words(wanted, dialect), True)]
    bounds = await _bounds(connection, wanted)
    is_final = all(bound is None for bound in bounds)
    walk = in_order(wanted, dialect, bounds)
    return [(walk, True)] if is_final else [(walk, False), (by_words(wanted, dialect), True)]


def in_order(wanted: Wanted, dialect: str = "", bounds: Sequence[Bound] | None = None) -> Select[int]:
    """Walks the order index (kind, name_key, id) of each kind, as far as its bound, and merges them.

    With words, SQLite walks search_entry_walk, which has them besides.
    """
    walks = [
        _of_kind(wanted, kind).where(_has_words(wanted, dialect, is_walk=True), _up_to(wanted.table, bound))
        for kind, bound in zip(wanted.kinds, bounds or [None] * len(wanted.kinds), strict=True)
    ]
    return merged_walks(wanted.table, walks, wanted.limit)


def merged_walks(table: Listed, walks: Sequence[Select[int, str]], limit: int | BindParameter[int]) -> Select[int]:
    """The first ids of all walks together, each of which walks the order index of one kind."""
    each = [walk.order_by(table.name_key, table.id).limit(limit).subquery() for walk in walks]
    merged = union_all(*(select(walk.c.id, walk.c.name_key) for walk in each)).subquery()
    return select(merged.c.id).order_by(merged.c.name_key, merged.c.id).limit(limit)


def by_words(wanted: Wanted, dialect: str) -> Select[int]:
    """Rides on the index of words, and sorts what it found."""
    table = wanted.table
    found = select(table.id, table.name_key).where(
        of_kinds(table, wanted.kinds, dialect),
        after(table, wanted.page.after),
        wanted.condition,
        _has_words(wanted, dialect),
        _full_text_has(wanted) if dialect == "sqlite" else true(),
    )
    # Materialized, so that PostgreSQL's planner does not walk the name order after all.
    fenced = found.cte().prefix_with("MATERIALIZED")
    return select(fenced.c.id).order_by(fenced.c.name_key, fenced.c.id).limit(wanted.limit)


def _of_kind(wanted: Wanted, kind: EntryKind | ContainerTableKind) -> Select[int, str]:
    table = wanted.table
    return select(table.id, table.name_key).where(table.kind == kind, after(table, wanted.page.after), wanted.condition)


def _has_words(wanted: Wanted, dialect: str, *, is_walk: bool = False) -> ColumnElement[bool]:
    # An expression in place of the column keeps PostgreSQL from its trigram index, which is no use in a walk.
    end = "" if is_walk and dialect == "postgresql" else None
    names = begin_words(_with(wanted.table.name_words, end), wanted.names, dialect)
    if not wanted.titles:
        return names
    return and_(names, begin_words(_with(EntryRow.title_words, end), wanted.titles, dialect))


def _with(column: InstrumentedAttribute[str], end: str | None) -> SQLColumnExpression[str]:
    return column if end is None else column + end


def _up_to(table: Listed, bound: Bound) -> ColumnElement[bool]:
    return true() if bound is None else tuple_(table.name_key, table.id) <= tuple_(*bound)


async def _bounds(connection: AsyncConnection, wanted: Wanted) -> list[Bound]:
    """How far to walk for each kind; None where the walk ends by itself before that."""
    table = wanted.table
    ends = [
        select(table.name_key, table.id, literal(number).label("kind_number"))
        .where(table.kind == kind, after(table, wanted.page.after))
        .order_by(table.name_key, table.id)
        .offset(_LONGEST_WALK[connection.dialect.name])
        .limit(1)
        .subquery()
        for number, kind in enumerate(wanted.kinds)
    ]
    rows = await connection.execute(union_all(*(select(end) for end in ends)))
    found: dict[int, Bound] = {number: (name_key, id_) for name_key, id_, number in rows}
    return [found.get(number) for number in range(len(wanted.kinds))]


async def _are_few(connection: AsyncConnection, wanted: Wanted) -> bool:
    """Whether so few rows of any kind have the words that sorting them is the cheapest."""
    found = _full_text(wanted)
    if found is None:
        return False
    some = found.limit(_FEW_MATCHES).subquery()
    matches = (await connection.execute(select(func.count()).select_from(some))).scalar_one()
    return matches < _FEW_MATCHES


def _full_text_has(wanted: Wanted) -> ColumnElement[bool]:
    found = _full_text(wanted)
    return true() if found is None else wanted.table.id.in_(found)


def _full_text(wanted: Wanted) -> Select[int] | None:
    """The row ids that FTS5 finds for the names, or else for the titles; None where it knows not all the letters."""
    search = "search_entry_name" if wanted.table is EntryRow else "search_container_name"
    if not wanted.names:
        search = "search_entry_title"
    expression = full_text(wanted.names or wanted.titles)
    if expression is None:
        return None
    index = table_clause(search, column("rowid", Integer()), column(search, Text()))
    return select(index.c.rowid).where(index.c[search].match(expression))
