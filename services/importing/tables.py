"""CSV files as rows by column name, whatever delimits them; columns are named in English or Norwegian."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
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
# The names of columns that people use, by the name that the program has for them; what Google Contacts and Outlook
# write, today and some years ago, is among them.
_NAMES = {
    "id": ("id", "uid", "external_id", "nr", "nummer"),
    "name": ("name", "navn", "full_name", "display_name"),
    "first_name": ("first_name", "given_name", "fornavn"),
    "middle_name": ("middle_name", "additional_name", "mellomnavn"),
    "last_name": ("last_name", "family_name", "surname", "etternavn"),
    "email": (
        *("email", "e-mail", "e_mail", "epost", "e-post", "mail", "e-mail_address", "email_address"),
        *("e-postadresse", "e-mail_1_-_value", "e-mail_2_-_value", "e-mail_2_address", "e-mail_3_address"),
    ),
    "title": ("title", "tittel"),
    "job_title": ("job_title", "organization_title", "organization_1_-_title", "stilling"),
    "company": (
        *("company", "organization", "organization_name", "organization_1_-_name"),
        *("organisation", "firma", "organisasjon"),
    ),
    "groups": ("groups", "group", "categories", "labels", "group_membership", "grupper", "gruppe", "kategorier"),
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
# How Google divides several values of a field, and how it marks the groups that everybody has.
_GOOGLE_DIVIDES = " ::: "
_GOOGLE_OWN_GROUP = "* "
_MOST_NAMED_COLUMNS = 10
_COLUMNS = {alias: name for name, aliases in _NAMES.items() for alias in aliases}


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of a CSV file. `line` is where it begins; a column that is empty or not there is the empty text.

    A row may have fewer fields than there are columns, as if the last ones were empty.
    """

    line: int
    values: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.values.get(column, "")

    def first(self, column: str) -> str:
        """The first value of a column in which Google writes several."""
        return self[column].partition(_GOOGLE_DIVIDES)[0].strip()

    def listed(self, column: str) -> tuple[str, ...]:
        """The values of a column that holds several, divided by semicolons, each once."""
        parts = (part.strip() for part in self[column].replace(_GOOGLE_DIVIDES, ";").split(";"))
        return tuple(dict.fromkeys(part for part in parts if part and not part.startswith(_GOOGLE_OWN_GROUP)))


@dataclass(frozen=True, slots=True)
class Table:
    """A CSV file that is open; `columns` are those that it has, by the program's names."""

    columns: frozenset[str]
    rows: Iterator[TableRow | BadRow]


def read_table(path: Path, *needed: str, notes: list[str] | None = None) -> Table:
    """
    :raises UnreadableFile: it cannot be read, or has none of the columns that are `needed`.
    """
    notes = [] if notes is None else notes
    text = text_of(path, notes)
    lines = io.StringIO(text, newline="")
    delimiter, passed = _delimiter_of(text)
    for _ in range(passed):
        lines.readline()
    csv.field_size_limit(_LONGEST_FIELD)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        names = next((row for row in reader if any(row)), [])
    except csv.Error as problem:
        raise UnreadableFile(f"{path} is no CSV file: {problem}.") from problem
    columns = _columns(names)
    if not any(column in columns for column in needed):
        there = ", ".join(cleaned(name) or "(no name)" for name in names)[:200]
        raise UnreadableFile(f"{path} has no column {' or '.join(needed)}; its first line names: {there}.")
    notes += _about_columns(names, columns)
    return Table(frozenset(filter(None, columns)), _rows(reader, columns, passed))


def _delimiter_of(text: str) -> tuple[str, int]:
    """What divides the fields, and how many lines are passed: Excel writes a first line such as `sep=;` to say it."""
    first, _, _ = text.partition("\n")
    first = first.rstrip("\r")
    if first.lower().startswith("sep=") and len(first) == len("sep=;"):
        return first[-1], 1
    header, _, _ = text.lstrip("\r\n").partition("\n")
    return max(_DELIMITERS, key=header.count), 0


def _columns(names: Sequence[str]) -> list[str]:
    """The program's names of the columns, the empty text for those that it does not know.

    Beside a job title, `title` is what somebody is addressed by, such as Dr.
    """
    columns = [_COLUMNS.get("_".join(cleaned(name).lower().split()), "") for name in names]
    if "job_title" in columns:
        columns = ["" if column == "title" else column for column in columns]
    return ["title" if column == "job_title" else column for column in columns]


def _about_columns(names: Sequence[str], columns: Sequence[str]) -> Iterator[str]:
    """A word on columns that nothing is taken from."""
    numbered = list(enumerate(zip(names, columns, strict=True), start=1))
    nameless = [str(number) for number, (name, _) in numbered if not name.strip()]
    unknown = [cleaned(name) for name, column in zip(names, columns, strict=True) if name.strip() and not column]
    if nameless:
        yield f"Nothing is taken from columns without a name: number {', '.join(nameless)}."
    if unknown:
        more = len(unknown) - _MOST_NAMED_COLUMNS
        named = ", ".join(unknown[:_MOST_NAMED_COLUMNS])
        yield f"Nothing is taken from the columns {named}{f' and {more} more' if more > 0 else ''}."


def _rows(reader: "Reader", columns: Sequence[str], passed: int) -> Iterator[TableRow | BadRow]:
    while True:
        line = reader.line_num + passed + 1
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as problem:
            is_cut = "unexpected end" in str(problem)
            what = "opens a quotation mark that is never closed: it is left out, with all that follows"
            yield BadRow(line, what if is_cut else f"cannot be read: {problem}")
            continue
        if len(fields) > len(columns) and any(field.strip() for field in fields[len(columns) :]):
            yield BadRow(line, f"has {len(fields)} fields where there are {len(columns)} columns")
        elif any(field.strip() for field in fields):
            yield TableRow(line, _values(columns, fields))


def _values(columns: Sequence[str], fields: Sequence[str]) -> dict[str, str]:
    """The values by column; of several columns for the same thing, the first that is not empty."""
    values: dict[str, str] = {}
    for column, field in zip(columns, fields, strict=False):
        value = cleaned(field) if column in _WITH_LINE_BREAKS else on_one_line(field)
        if column and value:
            values.setdefault(column, value)
    return values
