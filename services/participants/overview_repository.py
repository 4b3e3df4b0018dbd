"""Open overviews in the database."""

from collections.abc import Sequence

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from invito.services.storage.message_tables import OpenOverviewRow


async def overviews_of(connection: AsyncConnection, employee: str) -> list[str]:
    """Whose overviews the employee has open, in their order."""
    query = select(OpenOverviewRow.reference).where(OpenOverviewRow.employee == employee)
    return list((await connection.execute(query.order_by(OpenOverviewRow.position))).scalars())


async def keep_overviews(connection: AsyncConnection, employee: str, references: Sequence[str]) -> None:
    """These and no others, in this order."""
    await connection.execute(delete(OpenOverviewRow).where(OpenOverviewRow.employee == employee))
    if references:
        rows = [{"employee": employee, "reference": one, "position": place} for place, one in enumerate(references)]
        await connection.execute(insert(OpenOverviewRow), rows)
