"""The rows that are measured on: made the same each time, loaded in bulk into a migrated database."""

import asyncio
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

import asyncpg
from sqlalchemy.engine import make_url

from invito.demo.names import FIRST, LAST
from invito.plugins.names import name_key, name_words
from invito.services.busy.spans import length_class
from invito.services.storage.migrating import upgrade

# A Monday morning in the middle of the two years that spans lie in.
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
HOUR = 3_600
_TWO_YEARS = 2 * 365 * 86_400

_SYLLABLES = (
    "ba",
    "de",
    "fi",
    "go",
    "hu",
    "ka",
    "le",
    "mi",
    "no",
    "pu",
    "ra",
    "se",
    "ti",
    "vo",
    "ly",
    "ne",
    "sø",
    "tå",
)

Row = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is: employees (who have references), persons, busy spans."""

    employees: int
    persons: int
    spans: int


@dataclass(frozen=True, slots=True)
class Table:
    """Rows for a table, in the order of its columns."""

    name: str
    columns: Sequence[str]
    rows: Iterable[Row]


async def fill(url: str, size: Size) -> None:
    """Migrate the database and fill it."""
    await load(url, list(_tables(size)))


async def load(url: str, tables: Sequence[Table]) -> None:
    """Migrate the database and load these rows into it."""
    await upgrade(url)
    if url.startswith("sqlite"):
        await asyncio.to_thread(_fill_sqlite, str(make_url(url).database), tables)
    else:
        await _fill_postgres(url, tables)


def _tables(size: Size) -> Iterator[Table]:
    columns = ("id", "kind", "name", "name_key", "name_words", "email", "email_key", "title", "title_words")
    yield Table("directory_entry", columns, _entries(size))
    references = ((number, f"employee:{number}", number) for number in range(1, size.employees + 1))
    yield Table("reference", ("id", "text", "identity_id"), references)
    yield Table("busy_span", ("id", "reference_id", "start", "end", "length_class"), _spans(size))


def _entries(size: Size) -> Iterator[Row]:
    random = Random(1)
    for number in range(1, size.employees + size.persons + 1):
        kind = "EMPLOYEE" if number <= size.employees else "PERSON"
        family = "".join(random.choices(_SYLLABLES, k=3)).capitalize()
        name = f"{random.choice(FIRST)} {family} {random.choice(LAST)}"
        email = f"{kind.lower()}{number}@office.example"
        yield number, kind, name, name_key(name), name_words(name), email, email, None, ""


def _spans(size: Size) -> Iterator[Row]:
    random, begin = Random(2), int(NOON.timestamp()) - _TWO_YEARS // 2
    lengths = (HOUR // 2, HOUR, HOUR, 2 * HOUR, 8 * HOUR, 3 * 86_400)
    for number in range(1, size.spans + 1):
        start, length = begin + random.randrange(_TWO_YEARS // 900) * 900, random.choice(lengths)
        yield number, random.randint(1, size.employees), start, start + length, length_class(length)


def _fill_sqlite(file: str, tables: Sequence[Table]) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        for table in tables:
            names = ", ".join(f'"{column}"' for column in table.columns)
            places = ", ".join("?" for _ in table.columns)
            connection.executemany(f"INSERT INTO {table.name} ({names}) VALUES ({places})", table.rows)
        connection.execute("INSERT INTO search_entry_name(search_entry_name) VALUES ('optimize')")
    connection.execute("ANALYZE")
    connection.close()


async def _fill_postgres(url: str, tables: Sequence[Table]) -> None:
    connection = await asyncpg.connect(url)
    for table in tables:
        await connection.copy_records_to_table(table.name, columns=list(table.columns), records=table.rows)
        if "id" in table.columns:
            await connection.execute(
                f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), (SELECT max(id) FROM {table.name}))"
            )
    await connection.execute("VACUUM ANALYZE")
    await connection.close()
