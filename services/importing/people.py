"""People from a file: employees with their groups, or persons with their companies."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from itertools import islice
from pathlib import Path
from typing import TypeVar

from invito.services.addresses import address_key
from invito.services.directory.writing import NewEntry
from invito.services.importing.employee_addresses import taken_addresses
from invito.services.importing.entry_storing import EntryToStore, KeysOfFile, key_of_name, store_entries
from invito.services.importing.people_files import PersonRow, read_people
from invito.services.importing.reports import BadRow, ImportReport, Progress, no_progress
from invito.services.storage.database import Database
from invito.services.storage.directory_tables import ContainerTableKind, EntryKind

T = TypeVar("T")

# Rows that go in together: few enough that no other writer waits long, many enough to be fast.
_BATCH = 2_000


async def import_people(
    database: Database, kind: EntryKind, path: Path, progress: Progress = no_progress
) -> ImportReport:
    """Imports a vCard or CSV file of employees (EMPLOYEE), or of persons and companies (PERSON).

    Batches of rows are written in a transaction each: where an import is broken off, whole rows are in, and importing
    the file again goes on with the rest. The keys by which people are found again are id, else address, else name; of
    persons who share an address it is both.

    :raises UnreadableFile: the file as a whole cannot be read.
    """
    report, keys = ImportReport(), KeysOfFile()
    rows = list(read_people(path, report.notes))
    shared = _shared_addresses(rows) if kind is EntryKind.PERSON else frozenset()
    checked = [_checked(row, kind, keys, shared) for row in rows]
    in_file = {row.entry.import_key for row in checked if isinstance(row, EntryToStore)}
    if kind is EntryKind.EMPLOYEE:
        async with database.read() as connection:
            taken = await taken_addresses(connection, [row for row in checked if isinstance(row, EntryToStore)])
        checked = [taken.get(row.line, row) for row in checked]
    done = 0
    for pairs in _batches(zip(rows, checked, strict=True), _BATCH):
        batch, wanted = zip(*pairs, strict=True)
        report.bad += [row for row in wanted if isinstance(row, BadRow)]
        went_in = {row.line for row in wanted if isinstance(row, EntryToStore)}
        report.bad += [one for row in batch if row.line in went_in for one in _missing(row)]
        async with database.write() as connection:
            good = [row for row in wanted if isinstance(row, EntryToStore)]
            await store_entries(connection, good, ContainerTableKind.USER_GROUP, report, in_file)
        done += len(batch)
        progress(done, len(rows))
    report.bad.sort(key=lambda row: row.line)
    return report


def _batches(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(rows)
    while batch := list(islice(rest, size)):
        yield batch


def _missing(row: PersonRow | BadRow) -> Iterator[BadRow]:
    """What of a row that goes in does not, or is of no use."""
    if isinstance(row, PersonRow):
        yield from (BadRow(row.line, what, partly_in=True) for what in row.missing)


def _shared_addresses(rows: Iterable[PersonRow | BadRow]) -> AbstractSet[str]:
    names: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if isinstance(row, PersonRow) and row.email:
            names[address_key(row.email)].add(key_of_name(row.name))
    return {address for address, several in names.items() if len(several) > 1}


def _checked(
    row: PersonRow | BadRow, kind: EntryKind, keys: KeysOfFile, shared: AbstractSet[str]
) -> EntryToStore | BadRow:
    if isinstance(row, BadRow):
        return row
    if row.is_company and kind is EntryKind.EMPLOYEE:
        return BadRow(row.line, "is a company, and no employee")
    return keys.checked(_to_store(row, EntryKind.COMPANY if row.is_company else kind, shared))


def _to_store(row: PersonRow, kind: EntryKind, shared: AbstractSet[str]) -> EntryToStore:
    return EntryToStore(
        row.line,
        NewEntry(
            kind,
            row.name,
            email=row.email,
            title=row.title,
            language=row.language,
            time_zone=row.time_zone,
            import_key=f"{kind.value}:{_key(row, shared)}",
        ),
        company=row.company if kind is EntryKind.PERSON else None,
        groups=row.groups if kind is EntryKind.EMPLOYEE else None,
    )


def _key(row: PersonRow, shared: AbstractSet[str]) -> str:
    if row.uid:
        return f"id:{row.uid}"
    if row.email:
        address = address_key(row.email)
        return f"email:{address}|{key_of_name(row.name)}" if address in shared else f"email:{address}"
    return f"name:{key_of_name(row.name)}|{key_of_name(row.company or '')}"
