"""Who is not available as a participant at all, whatever source lists them (F7)."""

from collections.abc import Iterable, Sequence

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from invito.plugins.contract import Entry
from invito.services.house import House
from invito.services.storage.directory_tables import UnavailableEntryRow

_BATCH = 5_000


async def unavailable_among(house: House, entries: Iterable[Entry]) -> set[str]:
    """The references of those entries that an administrator set as not available, by whichever they were known then."""
    asked = list(entries)
    known = await _unavailable(house, list(dict.fromkeys(text for entry in asked for text in entry.references)))
    return {entry.reference for entry in asked if not known.isdisjoint(entry.references)}


async def _unavailable(house: House, references: Sequence[str]) -> set[str]:
    found: set[str] = set()
    async with house.database.read() as connection:
        for first in range(0, len(references), _BATCH):
            batch = references[first : first + _BATCH]
            rows = await connection.execute(
                select(UnavailableEntryRow.reference).where(UnavailableEntryRow.reference.in_(batch))
            )
            found.update(rows.scalars())
    return found


async def store_availability(house: House, entry: Entry, *, is_available: bool) -> None:
    """Keep whether the entry is available as a participant."""
    async with house.database.write() as connection:
        if is_available:
            await connection.execute(
                delete(UnavailableEntryRow).where(UnavailableEntryRow.reference.in_(entry.references))
            )
            return
        insert = sqlite.insert if house.database.is_sqlite else postgresql.insert
        await connection.execute(insert(UnavailableEntryRow).values(reference=entry.reference).on_conflict_do_nothing())
