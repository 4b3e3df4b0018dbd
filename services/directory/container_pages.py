"""User groups, projects, selections and resource groups, with how many each lists."""

from collections.abc import Sequence

from sqlalchemy import Row, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from invito.plugins.contract import Container, ContainerKind, ContainerPage, ContainerQuery
from invito.services.directory.availability import is_available
from invito.services.directory.entry_pages import MOST_COUNTED
from invito.services.directory.keyset import cut, of_kinds
from invito.services.directory.member_pages import HELD
from invito.services.directory.ordered_search import Wanted, plans
from invito.services.directory.words import words_of
from invito.services.storage.directory_tables import ContainerRow, ContainerTableKind, EntryRow, MemberRow
from invito.services.storage.value_lists import among

_ContainerColumns = tuple[int, str, str | None, dict[str, object] | None]


async def page_of_containers(
    connection: AsyncConnection, kind: ContainerTableKind, query: ContainerQuery
) -> ContainerPage:
    """The containers of a kind. A saved search is not run to be counted: its `member_count` is None."""
    wanted = Wanted(ContainerRow, [kind], query.page, words_of(query.search))
    found: Sequence[Row[*_ContainerColumns]] = []
    for ids, is_final in await plans(connection, wanted):
        found = await _rows_of(connection, ids)
        if is_final or len(found) == wanted.limit:
            break
    rows, has_more = cut(found, query.page)
    counted = [number for number, _, _, saved in rows if saved is None and query.wants_member_counts]
    counts = dict.fromkeys(counted, 0) | await _counts(connection, kind, counted)
    containers = [
        Container(str(number), name, ContainerKind[kind.name], description, counts.get(number))
        for number, name, description, _ in rows
    ]
    total = await _total(connection, wanted, len(found)) if query.wants_total else None
    return ContainerPage(containers, has_more, total)


async def _rows_of(connection: AsyncConnection, ids: Select[int]) -> Sequence[Row[*_ContainerColumns]]:
    statement = (
        select(ContainerRow.id, ContainerRow.name, ContainerRow.description, ContainerRow.saved_search)
        .where(ContainerRow.id.in_(ids))
        .order_by(ContainerRow.name_key, ContainerRow.id)
    )
    return (await connection.execute(statement)).all()


async def _counts(connection: AsyncConnection, kind: ContainerTableKind, containers: Sequence[int]) -> dict[int, int]:
    """How many available members each of the containers has; one without is left out."""
    if not containers:
        return {}
    statement = (
        select(MemberRow.container_id, func.count())
        .join(EntryRow, EntryRow.id == MemberRow.entry_id)
        .where(
            among(MemberRow.container_id, containers, connection.dialect.name),
            of_kinds(EntryRow, HELD[kind], connection.dialect.name),
            is_available(),
        )
        .group_by(MemberRow.container_id)
    )
    return {row[0]: row[1] for row in await connection.execute(statement)}


async def _total(connection: AsyncConnection, wanted: Wanted, found: int) -> int | None:
    if wanted.page.after is None and found < wanted.limit:
        return found
    if wanted.names:
        return None
    some = select(ContainerRow.id).where(ContainerRow.kind.in_(wanted.kinds)).limit(MOST_COUNTED + 1).subquery()
    total = (await connection.execute(select(func.count()).select_from(some))).scalar_one()
    return total if total <= MOST_COUNTED else None
