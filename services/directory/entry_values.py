"""Rows as the contract's entries: by what selects their ids, by reference, and by e-mail address."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import NamedTuple, cast

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from invito.plugins.contract import Entry, Language, ParticipantKind
from invito.services.addresses import address_key
from invito.services.directory.keyset import number_of, of_kinds
from invito.services.storage.directory_tables import (
    ContainerRow,
    ContainerTableKind,
    EntryKind,
    EntryRow,
    MemberRow,
    ResourceType,
)
from invito.services.storage.reading import read_rows
from invito.services.storage.value_lists import among_named, found_by

_Company = aliased(EntryRow, name="company")

_EntryColumns = tuple[
    int,
    EntryKind,
    str,
    str | None,
    str | None,
    str | None,
    ResourceType | None,
    str | None,
    Language | None,
    str | None,
    str | None,
]


EntriesSelect = Select[*_EntryColumns]

_MOST_KEPT = 10_000

# A member's name and value take their time, which a page of a thousand would take a thousand times.
_AS_A_PARTICIPANT = {kind: (kind.value, ParticipantKind[kind.name]) for kind in EntryKind}


class Group(NamedTuple):
    """A user group: its id, which no group of another source has, and its name."""

    id: str
    name: str


def reference_of(kind: EntryKind, number: int) -> str:
    return f"{kind.value}:{number}"


async def entries_of(connection: AsyncConnection, ids: Select[int]) -> list[Entry]:
    """The entries whose ids the statement selects, in name order."""
    statement = entries_select().where(found_by(EntryRow.id, ids, connection.dialect.name))
    # Made anew each time, so that nothing of it is kept.
    rows = (await connection.execute(statement)).all()
    return [entry for entry, _ in await _as_entries(connection, cast("Sequence[_EntryColumns]", rows))]


async def entries_behind(connection: AsyncConnection, references: Sequence[str]) -> list[Entry | None]:
    """The entries of these references, in this order."""
    numbers = [number for reference in references if (number := number_of(reference)) is not None]
    statement = _numbered(connection.dialect.name)
    found = {entry.reference: entry for entry, _ in await entries_and_keys(connection, statement, {"numbers": numbers})}
    return [found.get(reference) for reference in references]


async def entries_at(
    connection: AsyncConnection, addresses: Sequence[str], kinds: Sequence[EntryKind]
) -> list[list[Entry]]:
    """For each address the entries that have it. Rides on ix_directory_entry_email."""
    keys = [address_key(address) for address in addresses]
    statement = _addressed(connection.dialect.name, tuple(kinds))
    found: dict[str | None, list[Entry]] = defaultdict(list)
    for entry, key in await entries_and_keys(connection, statement, {"keys": keys}):
        found[key].append(entry)
    return [found[key] for key in keys]


@cache
def _numbered(dialect: str) -> EntriesSelect:
    return entries_select().where(among_named(EntryRow.id, "numbers", dialect))


@cache
def _addressed(dialect: str, kinds: tuple[EntryKind, ...]) -> EntriesSelect:
    return entries_select().where(among_named(EntryRow.email_key, "keys", dialect), of_kinds(EntryRow, kinds, dialect))


async def entries_and_keys(
    connection: AsyncConnection, statement: EntriesSelect, variables: Mapping[str, object] | None = None
) -> list[tuple[Entry, str | None]]:
    """The entries that a kept statement selects, in name order, each with its address's key."""
    return await _as_entries(connection, await read_rows(connection, statement, variables))


async def _as_entries(connection: AsyncConnection, rows: Sequence[_EntryColumns]) -> list[tuple[Entry, str | None]]:
    groups = await groups_of(connection, [row[0] for row in rows if row[1] is EntryKind.EMPLOYEE])
    return [(_entry(row, tuple(groups.get(row[0], ()))), row[10]) for row in rows]


def entries_select() -> EntriesSelect:
    """What `entries_and_keys` reads, to be narrowed down."""
    return (
        select(
            EntryRow.id,
            EntryRow.kind,
            EntryRow.name,
            EntryRow.email,
            EntryRow.title,
            _Company.name,
            EntryRow.resource_type,
            EntryRow.address,
            EntryRow.language,
            EntryRow.time_zone,
            EntryRow.email_key,
        )
        .outerjoin(_Company, EntryRow.organization_id == _Company.id)
        .order_by(EntryRow.name_key, EntryRow.id)
    )


@lru_cache(_MOST_KEPT)
def _entry(row: _EntryColumns, groups: tuple[Group, ...]) -> Entry:
    number, entry_kind, name, email, title, company, resource_type, address, language, time_zone, _ = row
    directory, kind = _AS_A_PARTICIPANT[entry_kind]
    is_location = resource_type is ResourceType.LOCATION
    return Entry(
        reference=f"{directory}:{number}",
        kind=kind,
        name=name,
        email=email,
        organization=company,
        title=title,
        groups=tuple(group.name for group in groups) if groups else (),
        group_ids=tuple(group.id for group in groups) if groups else (),
        place=", ".join(filter(None, (name, address))) if is_location else None,
        is_location=is_location,
        language=language,
        time_zone=time_zone,
    )


async def groups_of(connection: AsyncConnection, employees: Sequence[int]) -> dict[int, list[Group]]:
    """Each employee's user groups, *the* group first. Rides on ix_directory_member_entry."""
    groups: dict[int, list[Group]] = defaultdict(list)
    if not employees:
        return groups
    rows = await read_rows(connection, _groups_of(connection.dialect.name), {"employees": employees})
    for employee, number, name in rows:
        groups[employee].append(Group(f"{ContainerTableKind.USER_GROUP.value}:{number}", name))
    return groups


@cache
def _groups_of(dialect: str) -> Select[int, int, str]:
    return (
        select(MemberRow.entry_id, ContainerRow.id, ContainerRow.name)
        .join(ContainerRow, ContainerRow.id == MemberRow.container_id)
        .where(
            among_named(MemberRow.entry_id, "employees", dialect),
            ContainerRow.kind == ContainerTableKind.USER_GROUP,
        )
        .order_by(MemberRow.entry_id, MemberRow.position, ContainerRow.name_key, ContainerRow.id)
    )
