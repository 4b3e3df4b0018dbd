"""Name order and the place in it after which a page begins."""

import re
from collections.abc import Sequence
from typing import TypeVar

from sqlalchemy import ColumnElement, false, literal_column, or_, true, tuple_

from invito.plugins.contract import PageRequest, Position
from invito.services.storage.directory_tables import ContainerRow, ContainerTableKind, EntryKind, EntryRow

T = TypeVar("T")

Listed = type[EntryRow] | type[ContainerRow]

_NUMBER = re.compile(r"(?:0|[1-9][0-9]{0,17})\Z")


def number_of(text: str) -> int | None:
    """The row's number in an id or behind a reference's colon; None where it can be none."""
    digits = text.rpartition(":")[2]
    return int(digits) if _NUMBER.match(digits) else None


def after(table: Listed, position: Position | None) -> ColumnElement[bool]:
    """Behind the position in name order. One whose id is none of ours stands before all of the same name."""
    if position is None:
        return true()
    return tuple_(table.name_key, table.id) > tuple_(position.name_key, number_of(position.id) or 0)


def of_kinds(table: Listed, kinds: Sequence[EntryKind | ContainerTableKind], dialect: str) -> ColumnElement[bool]:
    """Whether a row is of one of the kinds, of rows that another index finds.

    SQLite, which has no statistics, takes the kind for selective and scans all of it, unless + forbids it.
    """
    kind = literal_column(f"+{table.__tablename__}.kind", table.kind.type) if dialect == "sqlite" else table.kind
    return or_(false(), *(kind == one for one in kinds))


def cut(rows: Sequence[T], page: PageRequest) -> tuple[Sequence[T], bool]:
    """The page, and whether there is more, of rows of which one too many was asked for."""
    return rows[: page.first], len(rows) > page.first
