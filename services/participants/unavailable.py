"""Who is not available as a participant at all, whatever source lists them (F7)."""

from collections.abc import Iterable, Sequence
from functools import cache

from sqlalchemy import Select, delete, select

from invito.plugins.contract import Entry
from invito.services.house import House
from invito.services.storage.directory_tables import UnavailableEntryRow
from invito.services.storage.inserting import insert_into
from invito.services.storage.reading import read_rows
from invito.services.storage.value_lists import among_named


async def unavailable_among(house: House, entries: Iterable[Entry]) -> set[str]:
    """The references of those entries that an administrator set as not available, by whichever they were known then."""
    asked = list(entries)
    known = await _unavailable(house, list(dict.fromkeys(text for entry in asked for text in entry.references)))
    return {entry.reference for entry in asked if not known.isdisjoint(entry.references)}


async def _unavailable(house: House, references: Sequence[str]) -> set[str]:
    if not references:
        return set()
    async with house.database.read() as connection:
        rows = await read_rows(connection, _unavailable_of(connection.dialect.name), {"references": references})
        return {reference for (reference,) in rows}


@cache
def _unavailable_of(dialect: str) -> Select[str]:
    reference = UnavailableEntryRow.reference
    return select(reference).where(among_named(reference, "references", dialect))


async def store_availability(house: House, entry: Entry, *, is_available: bool) -> None:
    """Keep whether the entry is available as a participant."""
    async with house.database.write() as connection:
        if is_available:
            await connection.execute(
                delete(UnavailableEntryRow).where(UnavailableEntryRow.reference.in_(entry.references))
            )
            return
        await connection.execute(
            insert_into(connection, UnavailableEntryRow).values(reference=entry.reference).on_conflict_do_nothing()
        )
