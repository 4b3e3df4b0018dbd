"""Pages of entries in name order: of kinds, or of any narrower choice of them."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, func, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from invito.plugins.contract import Entry, EntryPage, EntryQuery
from invito.services.directory.availability import is_available
from invito.services.directory.entry_values import entries_of
from invito.services.directory.keyset import after, cut
from invito.services.directory.ordered_search import Wanted, plans
from invito.services.directory.words import NO_WORDS, Words, begin_words, words_of
from invito.services.storage.directory_tables import EntryKind, EntryRow

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
    found = await entries_by_plan(connection, wanted)
    entries, has_more = cut(found, query.page)
    return EntryPage(entries, has_more, await total_of_kinds(connection, wanted, len(found)))


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
    total = (await connection.execute(select(func.count()).select_from(EntryRow).where(is_listed))).scalar_one()
    return EntryPage(entries, has_more, total)


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
