"""The members of user groups, projects, selections and resource groups."""

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from invito.plugins.contract import EntryPage, EntryQuery, UnknownContainer
from invito.services.directory.entry_pages import page_of_few
from invito.services.directory.keyset import number_of, of_kinds
from invito.services.directory.saved_searches import SELECTABLE, SavedSearch, page_of_saved_search
from invito.services.storage.directory_tables import (
    ContainerRow,
    ContainerTableKind,
    EntryKind,
    EntryRow,
    MemberRow,
)

# What each kind of container holds (F12).
HELD: dict[ContainerTableKind, tuple[EntryKind, ...]] = {
    ContainerTableKind.USER_GROUP: (EntryKind.EMPLOYEE,),
    ContainerTableKind.PROJECT: SELECTABLE,
    ContainerTableKind.SELECTION: SELECTABLE,
    ContainerTableKind.RESOURCE_GROUP: (EntryKind.RESOURCE,),
}


async def page_of_members(connection: AsyncConnection, kind: ContainerTableKind, query: EntryQuery) -> EntryPage:
    """
    :raises UnknownContainer: there is no container of this kind and id.
    """
    # A reference has a number too, but is no container of these.
    number = None if ":" in (query.container or "") else number_of(query.container or "")
    row = (
        await connection.execute(
            select(ContainerRow.saved_search).where(ContainerRow.id == number, ContainerRow.kind == kind)
        )
    ).one_or_none()
    if row is None:
        raise UnknownContainer(f"there is no {kind.value} {query.container!r}")
    if row[0] is not None:
        return await page_of_saved_search(connection, SavedSearch.from_stored(row[0]), query)
    members = select(MemberRow.entry_id).where(MemberRow.container_id == number)
    is_held = of_kinds(EntryRow, HELD[kind], connection.dialect.name)
    return await page_of_few(connection, and_(EntryRow.id.in_(members), is_held), query)
