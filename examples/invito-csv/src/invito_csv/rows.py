"""The rows of a CSV file as entries. What is wrong with a row is said without anything that stands in it."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from invito.plugins import (
    MOST_IN_ADDRESS,
    MOST_IN_NAME,
    MOST_IN_REFERENCE,
    Entry,
    ParticipantKind,
    clean_address,
    clean_text,
)

DIRECTORY = "csv"
_NEEDED = ("id", "name")
_COLUMNS = (*_NEEDED, "email", "title", "organization", "kind")
_MOST_CHARACTERS = {
    "id": MOST_IN_REFERENCE - len(f"{DIRECTORY}:"),
    "name": MOST_IN_NAME,
    "email": MOST_IN_ADDRESS,
    "title": MOST_IN_NAME,
    "organization": MOST_IN_NAME,
    "kind": 20,
}
# People and things from outside: employees are Invito's own.
_KINDS = {kind.name: kind for kind in ParticipantKind if kind not in (ParticipantKind.EMPLOYEE, ParticipantKind.EMAIL)}


class UnreadableFile(ValueError):
    """A file that is no table, or not yet a whole one; the message says why, and nothing that stands in it."""


class _BadRow(ValueError):
    pass


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that is left out. `line` is where it ends, the file's first line being 1."""

    line: int
    problem: str


def read_rows(raw: bytes) -> list[Entry | BadRow]:
    """
    :raises UnreadableFile: it has no table, or breaks off within a row.
    """
    text = _text_of(raw)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter_of(text), strict=True)
    try:
        rows = [(reader.line_num, row) for row in reader if any(row)]
    except csv.Error as problem:
        raise UnreadableFile(f"is no CSV file from line {reader.line_num} on: {problem}") from problem
    if not rows:
        raise UnreadableFile("is empty")
    columns = [name.strip().lower() for name in rows[0][1]]
    missing = [name for name in _NEEDED if name not in columns]
    if missing:
        raise UnreadableFile(f"has no column {' and no column '.join(missing)} in its first line")
    if not text.endswith(("\n", "\r")) and len(rows[-1][1]) < len(columns):
        raise UnreadableFile(f"breaks off within line {rows[-1][0]}")
    return list(_read(columns, rows[1:]))


def _text_of(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = raw.count(b"\n", 0, problem.start) + 1
        raise UnreadableFile(f"is no UTF-8 in line {line}: save it as UTF-8") from problem


def _delimiter_of(text: str) -> str:
    """What the first line, which holds nothing but the names of columns, has most of."""
    header = text.lstrip("\r\n").partition("\n")[0]
    return max(",;\t", key=header.count)


def _read(columns: list[str], rows: list[tuple[int, list[str]]]) -> Iterator[Entry | BadRow]:
    lines: dict[str, int] = {}
    for line, row in rows:
        try:
            if len(row) > len(columns):
                raise _BadRow(f"has {len(row)} fields, and the first line names {len(columns)}")
            entry = _entry_of(dict(zip(columns, row, strict=False)))
            if lines.setdefault(entry.reference, line) != line:
                raise _BadRow(f"has the id of line {lines[entry.reference]}")
        except _BadRow as bad:
            yield BadRow(line, str(bad))
        else:
            yield entry


def _entry_of(row: Mapping[str, str]) -> Entry:
    values = {column: " ".join(row.get(column, "").split()) for column in _COLUMNS}
    for column, value in values.items():
        if len(value) > _MOST_CHARACTERS[column]:
            raise _BadRow(f"has more than {_MOST_CHARACTERS[column]} characters as {column}")
        if clean_text(value, len(value)) != value:
            raise _BadRow(f"has a character as {column} that is no text")
        if not value and column in _NEEDED:
            raise _BadRow(f"has no {column}")
    kind = _KINDS.get((values["kind"] or "person").upper())
    if kind is None:
        raise _BadRow(f"has a kind that is none of {', '.join(_KINDS).lower()}")
    if values["email"] and clean_address(values["email"]) is None:
        raise _BadRow("has an email that is no address")
    return Entry(
        reference=f"{DIRECTORY}:{values['id']}",
        kind=kind,
        name=values["name"],
        email=values["email"] or None,
        title=values["title"] or None,
        organization=values["organization"] or None,
    )
