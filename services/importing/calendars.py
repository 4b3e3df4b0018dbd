"""The busy times of an employee or a resource from an iCalendar file."""

from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from invito.plugins.contract import Entry, EntryQuery, PageRequest, ParticipantKind, Span
from invito.plugins.names import name_key
from invito.services.busy.references import intern
from invito.services.busy.spans import store_calendar
from invito.services.directory import Directory
from invito.services.ids import ReferenceId
from invito.services.importing.calendar_files import ExpansionLimits, read_busy_times
from invito.services.importing.reports import ImportReport, Progress, UnreadableFile, no_progress
from invito.services.storage.database import Database
from invito.services.storage.directory_tables import ImportedCalendarRow
from invito.services.storage.follow_up_tables import BusySpanRow

# Both have a calendar here; persons outside have none (F9).
_KINDS = (ParticipantKind.EMPLOYEE, ParticipantKind.RESOURCE)
_MOST_OF_A_NAME = 200

_Times = list[tuple[Span, str | None]]


async def find_calendar_owner(database: Database, who: str) -> Entry:
    """The employee or resource of this reference, e-mail address or whole name.

    :raises UnreadableFile: there is none, or more than one.
    """
    directory = Directory(database)
    query = EntryQuery(PageRequest(_MOST_OF_A_NAME), search=who, include_unavailable=True)
    by_name = [
        entry for entry in (await directory.entries(_KINDS, query)).entries if name_key(entry.name) == name_key(who)
    ]
    (by_reference,) = await directory.resolve([who])
    (by_address,) = await directory.find([who], _KINDS)
    for found in ([by_reference] if by_reference else [], by_address, by_name):
        owners = [entry for entry in found if entry.kind in _KINDS]
        if len(owners) > 1:
            names = ", ".join(entry.reference for entry in owners)
            raise UnreadableFile(f"{who} may be {names}: name one of these references.")
        if owners:
            return owners[0]
    raise UnreadableFile(f"No employee and no resource is {who}: name an address, a whole name, or a reference.")


async def import_calendar(
    database: Database,
    owner: Entry,
    path: Path,
    progress: Progress = no_progress,
    *,
    calendar: str | None = None,
    zone: str = "Europe/Oslo",
    limits: ExpansionLimits | None = None,
    now: datetime | None = None,
) -> ImportReport:
    """Puts the file's busy times in place of those that the owner's calendar of this name had, in one transaction.

    `calendar` is the file's name where none is given. Times without a zone are those of the owner's, or of `zone`.

    :raises UnreadableFile: the file as a whole cannot be read.
    """
    limits, now = limits or ExpansionLimits(), now or datetime.now(UTC)
    local = ZoneInfo(owner.time_zone or zone)
    # Whole days, so that a second import on the same day has the same window.
    window = limits.window(now.replace(hour=0, minute=0, second=0, microsecond=0))
    contents = read_busy_times(path, local, window, limits.most_spans)
    report = ImportReport(bad=contents.bad)
    name = (calendar or path.name)[:300]
    digest = sha256(repr(contents.spans).encode()).hexdigest()
    async with database.write() as connection:
        if await _digest(connection, owner.reference, name) == digest:
            report.unchanged = len(contents.spans)
        else:
            identity = (await intern(connection, [owner.reference]))[owner.reference]
            await _count(connection, identity, name, contents.spans, report)
            await store_calendar(connection, identity, name, contents.spans)
            await _keep_digest(connection, owner.reference, name, digest, now)
    progress(len(contents.spans), len(contents.spans))
    return report


async def _digest(connection: AsyncConnection, reference: str, name: str) -> str | None:
    return (
        await connection.execute(
            select(ImportedCalendarRow.digest).where(
                ImportedCalendarRow.reference == reference, ImportedCalendarRow.name == name
            )
        )
    ).scalar_one_or_none()


async def _keep_digest(connection: AsyncConnection, reference: str, name: str, digest: str, now: datetime) -> None:
    await connection.execute(
        delete(ImportedCalendarRow).where(ImportedCalendarRow.reference == reference, ImportedCalendarRow.name == name)
    )
    await connection.execute(
        insert(ImportedCalendarRow).values(reference=reference, name=name, digest=digest, imported_at=now)
    )


async def _count(
    connection: AsyncConnection, identity: ReferenceId, name: str, times: _Times, report: ImportReport
) -> None:
    """What is new, what stays and what goes. Rides on ix_busy_span_reference."""
    rows = await connection.execute(
        select(BusySpanRow.start, BusySpanRow.title).where(
            BusySpanRow.reference_id == identity, BusySpanRow.calendar == name
        )
    )
    before = {(start, title) for start, title in rows}
    now = {(int(span.start.timestamp()), title) for span, title in times}
    report.added, report.unchanged, report.removed = len(now - before), len(now & before), len(before - now)
