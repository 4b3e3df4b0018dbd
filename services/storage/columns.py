"""The column types that both databases share, and the base of all tables."""

from datetime import UTC, datetime
from enum import Enum
from typing import TypeVar

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, String, Text
from sqlalchemy import Enum as EnumColumn
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator, TypeEngine

E = TypeVar("E", bound=Enum)

# SQLite gives row ids to INTEGER PRIMARY KEY alone.
Id = BigInteger().with_variant(Integer(), "sqlite")
# Compared code point by code point on both: the stored keys of names depend on it.
Key = Text(collation="C").with_variant(Text(collation="BINARY"), "sqlite")


class Base(DeclarativeBase):
    """What all tables are collected in; migrations are compared with it."""


class UtcInstant(TypeDecorator[datetime]):
    """An instant in UTC: timestamptz on PostgreSQL, ISO 8601 text of one fixed, sortable form on SQLite."""

    impl = String(27)
    cache_ok = True
    _FORM = "%Y-%m-%dT%H:%M:%S.%fZ"

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[datetime] | TypeEngine[str]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(DateTime(timezone=True))
        return dialect.type_descriptor(String(27))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | str | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant without an offset cannot be stored")
        instant = value.astimezone(UTC)
        return instant if dialect.name == "postgresql" else instant.strftime(self._FORM)

    def process_result_value(self, value: datetime | str | None, dialect: Dialect) -> datetime | None:
        if value is None or isinstance(value, datetime):
            return value if value is None else value.astimezone(UTC)
        return datetime.strptime(value, self._FORM).replace(tzinfo=UTC)


def enum_column(kind: type[E]) -> EnumColumn:
    """An enum kept as its name in text, so that a migration is no more than a new name."""
    return EnumColumn(kind, native_enum=False, length=24, create_constraint=False, validate_strings=True)
