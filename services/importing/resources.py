"""Resources from a CSV file, with their groups: columns name, type, group, address, capacity, and id."""

from pathlib import Path

from invito.services.directory.writing import NewEntry
from invito.services.importing.entry_storing import EntryToStore, KeysOfFile, key_of_name, store_entries
from invito.services.importing.reports import BadRow, ImportReport, Progress, no_progress
from invito.services.importing.tables import TableRow, read_table
from invito.services.storage.database import Database
from invito.services.storage.directory_tables import ContainerTableKind, EntryKind, ResourceType

_TYPES = {
    "location": ResourceType.LOCATION,
    "lokasjon": ResourceType.LOCATION,
    "sted": ResourceType.LOCATION,
    "other": ResourceType.OTHER,
    "annet": ResourceType.OTHER,
    "": ResourceType.OTHER,
}
_LARGEST_CAPACITY = 1_000_000


async def import_resources(database: Database, path: Path, progress: Progress = no_progress) -> ImportReport:
    """Imports a CSV file of resources, in one transaction.

    :raises UnreadableFile: the file as a whole cannot be read.
    """
    report, keys = ImportReport(), KeysOfFile()
    rows = [_checked(row, keys) for row in read_table(path, "name", notes=report.notes).rows]
    report.bad += [row for row in rows if isinstance(row, BadRow)]
    async with database.write() as connection:
        good = [row for row in rows if isinstance(row, EntryToStore)]
        await store_entries(connection, good, ContainerTableKind.RESOURCE_GROUP, report)
    progress(len(rows), len(rows))
    return report


def _checked(row: TableRow | BadRow, keys: KeysOfFile) -> EntryToStore | BadRow:
    if isinstance(row, BadRow):
        return row
    if not row["name"]:
        return BadRow(row.line, "has no name")
    resource_type = _TYPES.get(row["type"].lower())
    if resource_type is None:
        return BadRow(row.line, f"has a type that there is not: {row['type']}; there are location and other")
    capacity = row["capacity"]
    if capacity and not (capacity.isascii() and capacity.isdigit() and int(capacity[:9]) <= _LARGEST_CAPACITY):
        return BadRow(row.line, f"has a capacity that is no number of people: {capacity}")
    key = f"id:{row['id']}" if row["id"] else f"name:{key_of_name(row['name'])}"
    entry = NewEntry(
        EntryKind.RESOURCE,
        row["name"],
        resource_type=resource_type,
        address=row["address"] or None,
        capacity=int(capacity) if capacity else None,
        import_key=f"{EntryKind.RESOURCE.value}:{key}",
    )
    return keys.checked(EntryToStore(row.line, entry, groups=row.listed("groups") or None))
