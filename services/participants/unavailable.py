"""Who is not available as a participant at all, whatever source lists them (F7)."""

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from invito.plugins.contract import Entry
from invito.services.house import House
from invito.services.storage.directory_tables import UnavailableEntryRow

_BATCH = 5_000


async def unavailable_among(house: House, references: Sequence[str]) -> set[str]:
    """Those of the references that an administrator set as not available."""
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
                delete(UnavailableEntryRow).where(UnavailableEntryRow.reference == entry.reference)
            )
            return
        insert = sqlite.insert if house.database.is_sqlite else postgresql.insert
        await connection.execute(insert(UnavailableEntryRow).values(reference=entry.reference).on_conflict_do_nothing())
