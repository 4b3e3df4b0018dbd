"""Lists of any length as one variable of a statement: the text of the statement stays the same, and is planned once."""

from collections.abc import Sequence

import orjson
from sqlalchemy import BigInteger, ColumnElement, Text, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.types import TypeEngine


def among(
    number: InstrumentedAttribute[int] | InstrumentedAttribute[int | None], numbers: Sequence[int], dialect: str
) -> ColumnElement[bool]:
    """Whether the column is one of the numbers."""
    return _among(number, numbers, BigInteger(), dialect)


def texts_among(
    text: InstrumentedAttribute[str] | InstrumentedAttribute[str | None], texts: Sequence[str], dialect: str
) -> ColumnElement[bool]:
    """Whether the column is one of the texts."""
    return _among(text, texts, Text(), dialect)


def _among(
    searched: InstrumentedAttribute[int]
    | InstrumentedAttribute[int | None]
    | InstrumentedAttribute[str]
    | InstrumentedAttribute[str | None],
    values: Sequence[object],
    kind: TypeEngine[int] | TypeEngine[str],
    dialect: str,
) -> ColumnElement[bool]:
    if dialect == "sqlite":
        values_of = func.json_each(orjson.dumps(values).decode()).table_valued("value")
        return searched.in_(select(values_of.c.value))
    return searched == any_(bindparam(None, values, type_=ARRAY(kind)))
