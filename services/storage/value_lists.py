"""Lists of any length as one variable of a statement: the text of the statement stays the same, and is planned once."""

from collections.abc import Sequence

import orjson
from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Dialect,
    Integer,
    Select,
    Text,
    any_,
    bindparam,
    func,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.types import TypeDecorator, TypeEngine

Numbers = InstrumentedAttribute[int] | InstrumentedAttribute[int | None]
Texts = InstrumentedAttribute[str] | InstrumentedAttribute[str | None]


class JsonList(TypeDecorator[Sequence[object]]):
    """A list as SQLite's json_each reads it."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Sequence[object] | None, dialect: Dialect) -> str | None:
        return None if value is None else orjson.dumps(list(value)).decode()


def among(number: Numbers, numbers: Sequence[int], dialect: str) -> ColumnElement[bool]:
    """Whether the column is one of the numbers."""
    return _among(number, bindparam(None, numbers, type_=_list_of(BigInteger(), dialect)), dialect)


def texts_among(text: Texts, texts: Sequence[str], dialect: str) -> ColumnElement[bool]:
    """Whether the column is one of the texts."""
    return _among(text, bindparam(None, texts, type_=_list_of(Text(), dialect)), dialect)


def among_named(searched: Numbers | Texts, name: str, dialect: str) -> ColumnElement[bool]:
    """Whether the column is one of the values that the statement is executed with by this name.

    For statements that are kept: to build one costs as much as to execute it.
    """
    kind = BigInteger() if isinstance(searched.type, BigInteger | Integer) else Text()
    return _among(searched, bindparam(name, type_=_list_of(kind, dialect)), dialect)


def found_by(number: Numbers, numbers: Select[int], dialect: str) -> ColumnElement[bool]:
    """Whether the column is one of those that a statement selects, which are few: each is looked up by the index."""
    if dialect == "sqlite":
        return number.in_(numbers)
    # PostgreSQL's planner, which takes a page of a thousand for many, reads the whole table where it may join.
    return number == any_(func.array(numbers.scalar_subquery()))


def texts_in_order(texts: Sequence[str], dialect: str) -> Select[str]:
    """The texts as rows, for an INSERT to take from."""
    values = bindparam(None, texts, type_=_list_of(Text(), dialect))
    text: ColumnElement[str]
    if dialect == "sqlite":
        text = func.json_each(values).table_valued("value").c.value
    else:
        text = func.unnest(values).column_valued("value")
    # Without a WHERE between them SQLite reads the ON of ON CONFLICT as that of a join.
    return select(text).where(true()).order_by(text)


def _list_of(kind: TypeEngine[int] | TypeEngine[str], dialect: str) -> TypeEngine[Sequence[object]]:
    return JsonList() if dialect == "sqlite" else ARRAY(kind)


def _among(searched: Numbers | Texts, values: BindParameter[Sequence[object]], dialect: str) -> ColumnElement[bool]:
    if dialect == "sqlite":
        values_of = func.json_each(values).table_valued("value")
        return searched.in_(select(values_of.c.value))
    return searched == any_(values)
