"""Pages of entries in name order: of kinds, or of any narrower choice of them."""

from collections.abc import Sequence
from functools import cache

from sqlalchemy import ColumnElement, Integer, and_, bindparam, func, select, true, tuple_, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from invito.plugins.contract import Entry, EntryPage, EntryQuery
from invito.services.directory.availability import is_available
from invito.services.directory.entry_values import EntriesSelect, entries_and_keys, entries_of, entries_select
from invito.services.directory.keyset import after, cut, number_of
from invito.services.directory.ordered_search import Wanted, merged_walks, plans
from invito.services.directory.words import NO_WORDS, Words, begin_words, words_of
from invito.services.storage.directory_tables import EntryKind, EntryRow
from invito.services.storage.value_lists import found_by

# Of each kind; counting further would cost more than the page.
MOST_COUNTED = 2_500


async def page_of_kinds(
    connection: AsyncConnection,
    kinds: Sequence[EntryKind],
    query: EntryQuery,
    names: Words = NO_WORDS,
    titles: Words = NO_WORDS,
) -> EntryPage:
    """The entries of these kinds, with the words of the search and those of `names` and `titles` besides."""
    wanted = Wanted(
        EntryRow,
        kinds,
        query.page,
        names + words_of(query.search),
        titles,
        is_available(include_unavailable=query.include_unavailable),
    )
    if wanted.names or wanted.titles:
        found = await entries_by_plan(connection, wanted)
    else:
        found = await _entries_of_kinds(connection, kinds, query)
    entries, has_more = cut(found, query.page)
    total = await total_of_kinds(connection, wanted, len(found)) if query.wants_total else None
    return EntryPage(entries, has_more, total)


async def page_of_few(connection: AsyncConnection, is_wanted: ColumnElement[bool], query: EntryQuery) -> EntryPage:
    """The entries for which `is_wanted` holds: an indexed choice of so few that they are all looked at."""
    is_listed = and_(
        is_wanted,
        begin_words(EntryRow.name_words, words_of(query.search), connection.dialect.name),
        is_available(include_unavailable=query.include_unavailable),
    )
    ids = (
        select(EntryRow.id)
        .where(is_listed, after(EntryRow, query.page.after))
        .order_by(EntryRow.name_key, EntryRow.id)
        .limit(query.page.first + 1)
        .subquery()
    )
    entries, has_more = cut(await entries_of(connection, select(ids.c.id)), query.page)
    count = select(func.count()).select_from(EntryRow).where(is_listed)
    total = (await connection.execute(count)).scalar_one() if query.wants_total else None
    return EntryPage(entries, has_more, total)


async def _entries_of_kinds(connection: AsyncConnection, kinds: Sequence[EntryKind], query: EntryQuery) -> list[Entry]:
    """The entries of the page and one more where there is one, of all that are there."""
    variables: dict[str, object] = {"limit": query.page.first + 1}
    behind = query.page.after
    if behind is not None:
        variables |= {"name_key": behind.name_key, "id": number_of(behind.id) or 0}
    statement = _all_of_kinds(
        tuple(kinds),
        connection.dialect.name,
        is_behind=behind is not None,
        include_unavailable=query.include_unavailable,
    )
    return [entry for entry, _ in await entries_and_keys(connection, statement, variables)]


@cache
def _all_of_kinds(
    kinds: tuple[EntryKind, ...], dialect: str, *, is_behind: bool, include_unavailable: bool
) -> EntriesSelect:
    """Rides on ix_directory_entry_order: of one kind the rows themselves, of several the ids, kind by kind."""
    place = tuple_(EntryRow.name_key, EntryRow.id) > tuple_(bindparam("name_key"), bindparam("id"))
    is_listed = and_(place if is_behind else true(), is_available(include_unavailable=include_unavailable))
    limit = bindparam("limit", type_=Integer())
    if len(kinds) == 1:
        return entries_select().where(EntryRow.kind == kinds[0], is_listed).limit(limit)
    walks = [select(EntryRow.id, EntryRow.name_key).where(EntryRow.kind == kind, is_listed) for kind in kinds]
    return entries_select().where(found_by(EntryRow.id, merged_walks(EntryRow, walks, limit), dialect))


async def entries_by_plan(connection: AsyncConnection, wanted: Wanted) -> list[Entry]:
    """The entries of the page and one more where there is one."""
    found: list[Entry] = []
    for ids, is_final in await plans(connection, wanted):
        found = await entries_of(connection, ids)
        if is_final or len(found) == wanted.limit:
            break
    return found


async def total_of_kinds(connection: AsyncConnection, wanted: Wanted, found: int) -> int | None:
    """How many there are on all pages, where that is cheap to know; `found` are those of this page and one more."""
    if wanted.page.after is None and found < wanted.limit:
        return found
    if wanted.names or wanted.titles:
        return None
    some = [
        select(EntryRow.id).where(EntryRow.kind == kind, wanted.condition).limit(MOST_COUNTED + 1).subquery()
        for kind in wanted.kinds
    ]
    counts = (await connection.execute(union_all(*(select(func.count()).select_from(one) for one in some)))).scalars()
    totals = counts.all()
    return None if max(totals) > MOST_COUNTED else sum(totals)
