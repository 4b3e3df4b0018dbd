"""User groups and resource groups by name, and who is in them in which order."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from invito.plugins.names import name_key
from invito.services.directory.entry_values import groups_of, reference_of
from invito.services.directory.writing import NewContainer, NewMember, add_containers, add_members
from invito.services.storage.directory_tables import ContainerRow, ContainerTableKind, EntryKind, MemberRow
from invito.services.storage.follow_up_tables import OwnerRow, ReferenceRow
from invito.services.storage.value_lists import among, texts_among


async def put_into_groups(
    connection: AsyncConnection, kind: ContainerTableKind, groups: Mapping[int, Sequence[str]]
) -> set[int]:
    """Gives each entry exactly these groups, the first one being *the* group; tells whose groups that changed.

    The copy that an employee's follow-ups keep of the groups is renewed in the same transaction.
    """
    ids = await _ids_of_groups(connection, kind, [name for names in groups.values() for name in names])
    wanted = {entry: list(dict.fromkeys(ids[name_key(name)] for name in names)) for entry, names in groups.items()}
    before = await _memberships(connection, kind, list(wanted))
    changed = {entry for entry, containers in wanted.items() if containers != before.get(entry, [])}
    if not changed:
        return set()
    dialect = connection.dialect.name
    of_kind = select(ContainerRow.id).where(ContainerRow.kind == kind)
    await connection.execute(
        delete(MemberRow).where(
            among(MemberRow.entry_id, sorted(changed), dialect), MemberRow.container_id.in_(of_kind)
        )
    )
    await add_members(
        connection,
        [
            NewMember(container, entry, position)
            for entry in sorted(changed)
            for position, container in enumerate(wanted[entry])
        ],
    )
    if kind is ContainerTableKind.USER_GROUP:
        await _renew_owners(connection, changed)
    return changed


async def _ids_of_groups(connection: AsyncConnection, kind: ContainerTableKind, names: Iterable[str]) -> dict[str, int]:
    """The groups' ids by the keys of their names; those that are not there are made."""
    by_key = {name_key(name): name for name in reversed(list(names))}
    rows = await connection.execute(
        select(ContainerRow.name_key, ContainerRow.id)
        .where(ContainerRow.kind == kind, texts_among(ContainerRow.name_key, list(by_key), connection.dialect.name))
        .order_by(ContainerRow.id.desc())
    )
    ids = {key: id_ for key, id_ in rows}  # noqa: C416  # a Result is no mapping
    new = [key for key in by_key if key not in ids]
    added = await add_containers(connection, [NewContainer(kind, by_key[key]) for key in new])
    return ids | dict(zip(new, added, strict=True))


async def _memberships(
    connection: AsyncConnection, kind: ContainerTableKind, entries: Sequence[int]
) -> dict[int, list[int]]:
    rows = await connection.execute(
        select(MemberRow.entry_id, MemberRow.container_id)
        .join(ContainerRow, ContainerRow.id == MemberRow.container_id)
        .where(ContainerRow.kind == kind, among(MemberRow.entry_id, entries, connection.dialect.name))
        .order_by(MemberRow.entry_id, MemberRow.position)
    )
    groups: dict[int, list[int]] = defaultdict(list)
    for entry, container in rows:
        groups[entry].append(container)
    return groups


async def _renew_owners(connection: AsyncConnection, employees: Collection[int]) -> None:
    """The groups as they are kept now: a file may spell their names otherwise."""
    groups = await groups_of(connection, sorted(employees))
    references = {reference_of(EntryKind.EMPLOYEE, one): groups.get(one, []) for one in employees}
    owners = await connection.execute(
        select(ReferenceRow.text, ReferenceRow.id)
        .join(OwnerRow, OwnerRow.reference_id == ReferenceRow.id)
        .where(texts_among(ReferenceRow.text, list(references), connection.dialect.name))
    )
    renewed = [
        {
            "owner": id_,
            "groups": [group.name for group in references[text]],
            "first_group": next((group.id for group in references[text]), None),
        }
        for text, id_ in owners
    ]
    if renewed:
        await connection.execute(update(OwnerRow).where(OwnerRow.reference_id == bindparam("owner")), renewed)
