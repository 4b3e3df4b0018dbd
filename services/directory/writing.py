"""How the directory is filled, many rows at a time: by imports, demo data and benchmarks.

All of it in a writing transaction of the caller's. Ids come back in the order of what was given.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from invito.plugins.contract import Language
from invito.plugins.names import name_key, name_words
from invito.services.addresses import address_key
from invito.services.directory.keyset import Listed
from invito.services.storage.directory_tables import (
    ContainerRow,
    ContainerTableKind,
    EntryKind,
    EntryRow,
    MemberRow,
    ResourceType,
)


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An entry to be. `organization` is the id of a person's company; `import_key` is unique where it is given."""

    kind: EntryKind
    name: str
    email: str | None = None
    title: str | None = None
    organization: int | None = None
    resource_type: ResourceType | None = None
    address: str | None = None
    capacity: int | None = None
    language: Language | None = None
    time_zone: str | None = None
    import_key: str | None = None


@dataclass(frozen=True, slots=True)
class NewContainer:
    """A container to be. `saved_search` is what `SavedSearch.to_store()` gives."""

    kind: ContainerTableKind
    name: str
    description: str | None = None
    saved_search: dict[str, object] | None = None
    import_key: str | None = None


@dataclass(frozen=True, slots=True)
class NewMember:
    """An entry in a container. `position` orders an employee's groups: 0 is *the* group."""

    container: int
    entry: int
    position: int = 0


async def add_entries(connection: AsyncConnection, entries: Sequence[NewEntry]) -> list[int]:
    """Adds the entries, and gives their ids."""
    ids = await _new_ids(connection, EntryRow, len(entries))
    rows = [{"id": id_, **_entry_values(entry)} for id_, entry in zip(ids, entries, strict=True)]
    if rows:
        await connection.execute(insert(EntryRow), rows)
    return ids


async def change_entries(connection: AsyncConnection, entries: Sequence[tuple[int, NewEntry]]) -> None:
    """Puts these values in place of what the entries of these ids had."""
    rows = [{"changed_id": id_, **_entry_values(entry)} for id_, entry in entries]
    if rows:
        await connection.execute(update(EntryRow).where(EntryRow.id == bindparam("changed_id")), rows)


async def add_containers(connection: AsyncConnection, containers: Sequence[NewContainer]) -> list[int]:
    """Adds the containers, and gives their ids."""
    ids = await _new_ids(connection, ContainerRow, len(containers))
    rows = [{"id": id_, **_container_values(container)} for id_, container in zip(ids, containers, strict=True)]
    if rows:
        await connection.execute(insert(ContainerRow), rows)
    return ids


async def add_members(connection: AsyncConnection, members: Sequence[NewMember]) -> None:
    """Adds members that are not there yet.

    :raises sqlalchemy.exc.IntegrityError: an entry is a member already.
    """
    rows = [
        {"container_id": member.container, "entry_id": member.entry, "position": member.position} for member in members
    ]
    if rows:
        await connection.execute(insert(MemberRow), rows)


async def _new_ids(connection: AsyncConnection, table: Listed, count: int) -> list[int]:
    """Ids that nothing has, in rising order; SQLite's one writer at a time makes them its own."""
    if connection.dialect.name == "sqlite":
        highest = (await connection.execute(select(func.coalesce(func.max(table.id), 0)))).scalar_one()
        return list(range(highest + 1, highest + 1 + count))
    numbers = func.generate_series(1, count).table_valued("number")
    sequence = func.pg_get_serial_sequence(table.__tablename__, "id")
    return sorted((await connection.execute(select(func.nextval(sequence)).select_from(numbers))).scalars())


def _entry_values(entry: NewEntry) -> dict[str, object]:
    return {
        "kind": entry.kind,
        "name": entry.name,
        "name_key": name_key(entry.name),
        "name_words": name_words(entry.name),
        "email": entry.email,
        "email_key": address_key(entry.email) if entry.email else None,
        "title": entry.title,
        "title_words": name_words(entry.title or ""),
        "organization_id": entry.organization,
        "resource_type": entry.resource_type,
        "address": entry.address,
        "capacity": entry.capacity,
        "language": entry.language,
        "time_zone": entry.time_zone,
        "import_key": entry.import_key,
    }


def _container_values(container: NewContainer) -> dict[str, object]:
    return {
        "kind": container.kind,
        "name": container.name,
        "name_key": name_key(container.name),
        "name_words": name_words(container.name),
        "description": container.description,
        "saved_search": container.saved_search,
        "import_key": container.import_key,
    }
