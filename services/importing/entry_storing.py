"""How rows become entries: found again by what the file knows them by, added, changed or left alone, with their groups.

What a row does not say stays as it is.
"""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from hashlib import sha256

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncConnection

from invito.plugins.names import name_key
from invito.services.addresses import address_key
from invito.services.directory.writing import NewEntry, add_entries, change_entries
from invito.services.importing.groups import put_into_groups
from invito.services.importing.reports import BadRow, ImportReport
from invito.services.storage.directory_tables import ContainerTableKind, EntryKind, EntryRow
from invito.services.storage.value_lists import texts_among

_LONGEST = {"name": 300, "email": 320, "title": 300, "time_zone": 64}
_LONGEST_KEY = 500
# Where a column has another name than the field.
_COLUMNS = {"organization": "organization_id"}


@dataclass(frozen=True, slots=True)
class EntryToStore:
    """A row on its way: `entry.import_key` is what it is found again by. `groups` is None where it says nothing."""

    line: int
    entry: NewEntry
    company: str | None = None
    groups: tuple[str, ...] | None = None


class KeysOfFile:
    """What the rows of one file are known by; no two by the same."""

    def __init__(self) -> None:
        self._lines: dict[str, int] = {}

    def checked(self, row: EntryToStore) -> EntryToStore | BadRow:
        """The row as it can be stored. No two employees share an address, by which they are known when they sign in."""
        entry = row.entry
        for field, longest in _LONGEST.items():
            if len(getattr(entry, field) or "") > longest:
                return BadRow(row.line, f"has a {field} of more than {longest} characters")
        keys = [_short(entry.import_key or "")]
        if entry.kind is EntryKind.EMPLOYEE and entry.email:
            keys.append(f"address:{address_key(entry.email)}")
        taken = [self._lines[key] for key in keys if key in self._lines]
        if taken:
            return BadRow(row.line, f"is the same as line {taken[0]}")
        self._lines |= dict.fromkeys(keys, row.line)
        return replace(row, entry=replace(entry, import_key=keys[0]))


def key_of_name(name: str) -> str:
    """What a name is the same by; one of signs alone has no key to order it by."""
    return name_key(name) or name.lower()


async def store_entries(
    connection: AsyncConnection,
    rows: Sequence[EntryToStore],
    group_kind: ContainerTableKind,
    report: ImportReport,
    keys_of_file: Container[str | None] = (),
) -> None:
    """Stores rows of one file, whose keys differ: all of it, or some, where it has `keys_of_file`. In a writing
    transaction.
    """
    companies = await _companies(connection, [row.company for row in rows if row.company])
    known = await known_entries(connection, rows, keys_of_file)
    new, changed, ids = list[NewEntry](), list[tuple[int, NewEntry]](), dict[int, int]()
    for row in rows:
        entry = replace(row.entry, organization=companies.get(row.company or ""))
        if row.line not in known:
            new.append(entry)
            continue
        ids[row.line], old = known[row.line]
        merged = _merged(old, entry)
        if merged != old:
            changed.append((ids[row.line], merged))
    added = [row.line for row in rows if row.line not in known]
    ids |= dict(zip(added, await add_entries(connection, new), strict=True))
    await change_entries(connection, changed)
    grouped = {ids[row.line]: row.groups for row in rows if row.groups is not None}
    touched = await put_into_groups(connection, group_kind, grouped) | {id_ for id_, _ in changed}
    both = len(touched - {ids[line] for line in added})
    report.added += len(added)
    report.changed += both
    report.unchanged += len(rows) - len(added) - both


async def known_entries(
    connection: AsyncConnection, rows: Sequence[EntryToStore], keys_of_file: Container[str | None] = ()
) -> dict[int, tuple[int, NewEntry]]:
    """The entries that are there already, by line: those of the same key, or else of the same address and name.

    An employee is the same by address alone, since nobody can be two employees. Whom another row of the
    file knows by its key is none of these.
    """
    dialect = connection.dialect.name
    lines = {row.entry.import_key or "": row.line for row in rows}
    of_keys = await _read(connection, texts_among(EntryRow.import_key, list(lines), dialect))
    known = {lines[entry.import_key or ""]: (id_, entry) for id_, entry in of_keys}
    taken = {id_ for id_, _ in of_keys}
    rest = {_who(row.entry): row.line for row in reversed(rows) if row.entry.email and row.line not in known}
    addresses = list({address for _, address, _ in rest})
    for id_, entry in await _read(connection, texts_among(EntryRow.email_key, addresses, dialect)):
        line = rest.get(_who(entry))
        if line is not None and line not in known and id_ not in taken and entry.import_key not in keys_of_file:
            known[line] = (id_, entry)
    return known


def _who(entry: NewEntry) -> tuple[EntryKind, str, str]:
    name = "" if entry.kind is EntryKind.EMPLOYEE else key_of_name(entry.name)
    return entry.kind, address_key(entry.email or ""), name


async def _read(connection: AsyncConnection, is_wanted: ColumnElement[bool]) -> list[tuple[int, NewEntry]]:
    """Entries with all that an import may change of them, the oldest first."""
    columns = [getattr(EntryRow, _COLUMNS.get(field.name, field.name)) for field in fields(NewEntry)]
    rows = await connection.execute(select(EntryRow.id, *columns).where(is_wanted).order_by(EntryRow.id))
    return [(id_, NewEntry(*values)) for id_, *values in rows]


async def _companies(connection: AsyncConnection, names: Iterable[str]) -> dict[str, int]:
    """The companies' ids by name; those that are not there are made."""
    wanted = {name: name_key(name) for name in names}
    by_key = {key: name for name, key in reversed(wanted.items())}
    rows = await connection.execute(
        select(EntryRow.name_key, EntryRow.id)
        .where(
            EntryRow.kind == EntryKind.COMPANY, texts_among(EntryRow.name_key, list(by_key), connection.dialect.name)
        )
        .order_by(EntryRow.id.desc())
    )
    ids = {key: id_ for key, id_ in rows}  # noqa: C416  # a Result is no mapping
    new = [key for key in by_key if key not in ids]
    added = await add_entries(connection, [NewEntry(EntryKind.COMPANY, by_key[key]) for key in new])
    ids |= dict(zip(new, added, strict=True))
    return {name: ids[key] for name, key in wanted.items()}


def _merged(old: NewEntry, new: NewEntry) -> NewEntry:
    said = {field.name: value for field in fields(new) if (value := getattr(new, field.name)) is not None}
    return replace(old, **said)


def _short(key: str) -> str:
    return key if len(key) <= _LONGEST_KEY else f"sha256:{sha256(key.encode()).hexdigest()}"
