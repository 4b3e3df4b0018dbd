"""CSV files as rows by column name, whatever delimits them; columns are named in English or Norwegian."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from invito.services.importing.reports import BadRow, UnreadableFile
from invito.services.importing.text_files import cleaned, on_one_line, text_of

if TYPE_CHECKING:  # what csv.reader gives has a name for type checkers alone
    from _csv import Reader

_LONGEST_FIELD = 1_000_000
_WITH_LINE_BREAKS = {"description"}
_DELIMITERS = ",;\t"
# The names of columns that people use, by the name that the program has for them.
_NAMES = {
    "id": ("id", "uid", "external_id", "nr", "nummer"),
    "name": ("name", "navn", "full_name", "display_name"),
    "first_name": ("first_name", "given_name", "fornavn"),
    "last_name": ("last_name", "family_name", "surname", "etternavn"),
    "email": ("email", "e-mail", "e_mail", "epost", "e-post", "mail", "e-mail_address", "e-mail_1_-_value"),
    "title": ("title", "job_title", "organization_title", "tittel", "stilling"),
    "company": ("company", "organization", "organization_name", "organisation", "firma", "organisasjon"),
    "groups": ("groups", "group", "categories", "grupper", "gruppe"),
    "language": ("language", "språk"),
    "time_zone": ("time_zone", "timezone", "tidssone"),
    "type": ("type",),
    "address": ("address", "adresse"),
    "capacity": ("capacity", "kapasitet"),
    "description": ("description", "beskrivelse"),
    "members": ("members", "member", "medlemmer", "medlem", "deltakere"),
    "search": ("search", "søk"),
    "kinds": ("kinds", "kind", "slag"),
}
_COLUMNS = {alias: name for name, aliases in _NAMES.items() for alias in aliases}


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of a CSV file. `line` is where it begins; a column that is empty or not there is the empty text."""

    line: int
    values: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.values.get(column, "")

    def listed(self, column: str) -> tuple[str, ...]:
        """The values of a column that holds several, divided by semicolons, each once."""
        return tuple(dict.fromkeys(filter(None, (part.strip() for part in self[column].split(";")))))


@dataclass(frozen=True, slots=True)
class Table:
    """A CSV file that is open; `columns` are those that it has, by the program's names."""

    columns: frozenset[str]
    rows: Iterator[TableRow | BadRow]


def read_table(path: Path, *needed: str) -> Table:
    """
    :raises UnreadableFile: it cannot be read, or has none of the columns that are `needed`.
    """
    text = text_of(path)
    header, _, _ = text.lstrip("\r\n").partition("\n")
    csv.field_size_limit(_LONGEST_FIELD)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(_DELIMITERS, key=header.count), strict=True)
    try:
        names = next((row for row in reader if any(row)), [])
    except csv.Error as problem:
        raise UnreadableFile(f"{path} is no CSV file: {problem}.") from problem
    columns = [_COLUMNS.get("_".join(cleaned(name).lower().split()), "") for name in names]
    if not any(column in columns for column in needed):
        raise UnreadableFile(f"{path} has no column {' or '.join(needed)}; its first line is {header.strip()[:200]!r}.")
    return Table(frozenset(filter(None, columns)), _rows(reader, columns))


def _rows(reader: "Reader", columns: list[str]) -> Iterator[TableRow | BadRow]:
    while True:
        line = reader.line_num + 1
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as problem:
            yield BadRow(line, f"cannot be read: {problem}")
            continue
        if len(fields) > len(columns) and any(fields[len(columns) :]):
            yield BadRow(line, f"has {len(fields)} fields where there are {len(columns)} columns")
        elif any(field.strip() for field in fields):
            yield TableRow(line, _values(columns, fields))


def _values(columns: list[str], fields: list[str]) -> dict[str, str]:
    """The values by column; of several columns for the same thing, the first that is not empty."""
    values: dict[str, str] = {}
    for column, field in zip(columns, fields, strict=False):
        value = cleaned(field) if column in _WITH_LINE_BREAKS else on_one_line(field)
        if column and value:
            values.setdefault(column, value)
    return values
