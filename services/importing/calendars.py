"""The busy times of an employee or a resource from an iCalendar file."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from invito.plugins.contract import Entry, EntryQuery, PageRequest, ParticipantKind, Span
from invito.plugins.names import name_key
from invito.services.busy.references import hold_identities, intern
from invito.services.busy.spans import store_calendar
from invito.services.directory import Directory
from invito.services.importing.calendar_files import CalendarContents, ExpansionLimits, read_busy_times
from invito.services.importing.reports import ImportReport, Progress, UnreadableFile, no_progress
from invito.services.storage.database import Database
from invito.services.storage.directory_tables import ImportedCalendarRow, ImportedEventRow

# Both have a calendar here; persons outside have none (F9).
_KINDS = (ParticipantKind.EMPLOYEE, ParticipantKind.RESOURCE)
_MOST_OF_A_NAME = 200
_LONGEST_NAME = 300
_DOWNLOADED_AGAIN = re.compile(r" ?\(\d{1,3}\)$")


@dataclass(frozen=True, slots=True)
class CalendarKey:
    """One of the calendars of an employee or a resource."""

    reference: str
    name: str


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

    `calendar` is the file's name where none is given, and other calendars of the owner stay as they are. Times without
    a zone are those of the owner's, or of `zone`. The report counts events, by UID and RECURRENCE-ID.

    :raises UnreadableFile: the file as a whole cannot be read.
    """
    limits, now = limits or ExpansionLimits(), now or datetime.now(UTC)
    local = ZoneInfo(owner.time_zone or zone)
    # Whole days, so that a second import on the same day has the same window.
    window = limits.window(now.replace(hour=0, minute=0, second=0, microsecond=0))
    contents = read_busy_times(path, local, window, limits, owner.email)
    key = CalendarKey(owner.reference, (calendar or calendar_name(path))[:_LONGEST_NAME])
    report = ImportReport(bad=contents.bad, notes=[*contents.notes, _told(contents, key, window, local)])
    async with database.write() as connection:
        await hold_identities(connection)
        await _count(connection, key, contents.digests, report)
        report.notes += await _same_elsewhere(connection, key, contents.digests)
        if await _take_up(connection, key, contents, now):
            identity = (await intern(connection, [owner.reference]))[owner.reference]
            await store_calendar(connection, identity, key.name, contents.spans)
    progress(len(contents.digests), len(contents.digests))
    return report


def calendar_name(path: Path) -> str:
    """The file's name without the number that browsers add to a second download: `kari (1).ics` is `kari.ics`."""
    return _DOWNLOADED_AGAIN.sub("", path.stem) + path.suffix


def _told(contents: CalendarContents, key: CalendarKey, window: Span, zone: ZoneInfo) -> str:
    """What is in now, and what makes nobody busy."""
    first, last = (moment.astimezone(zone).date() for moment in (window.start, window.end))
    text = f"The calendar {key.name} has {len(contents.spans)} busy times from {first} to {last}."
    if contents.free:
        reasons = ", ".join(f"{number} {reason}" for reason, number in sorted(contents.free.items()))
        text += f" Events that make nobody busy then: {reasons}."
    return text


async def _count(
    connection: AsyncConnection, key: CalendarKey, digests: Mapping[str, str], report: ImportReport
) -> None:
    """What is new, what changed, what stays and what goes, by event; remembered for the next time."""
    of_calendar = (ImportedEventRow.reference == key.reference, ImportedEventRow.calendar == key.name)
    rows = await connection.execute(select(ImportedEventRow.event, ImportedEventRow.digest).where(*of_calendar))
    before = {event: digest for event, digest in rows}  # noqa: C416  # a Result is no mapping
    report.added = len(digests.keys() - before.keys())
    report.removed = len(before.keys() - digests.keys())
    report.unchanged = len(digests.items() & before.items())
    report.changed = len(digests) - report.added - report.unchanged
    if before == digests:
        return
    await connection.execute(delete(ImportedEventRow).where(*of_calendar))
    values = {"reference": key.reference, "calendar": key.name}
    if digests:
        rows_of_file = [values | {"event": event, "digest": digest} for event, digest in digests.items()]
        await connection.execute(insert(ImportedEventRow), rows_of_file)


async def _same_elsewhere(connection: AsyncConnection, key: CalendarKey, events: Collection[str]) -> Iterator[str]:
    """A word on other calendars of the owner that have most of these events too: such times count twice."""
    rows = await connection.execute(
        select(ImportedEventRow.calendar, ImportedEventRow.event).where(
            ImportedEventRow.reference == key.reference, ImportedEventRow.calendar != key.name
        )
    )
    shared = Counter(calendar for calendar, event in rows if event in events)
    return (
        f"{number} of its events are in the calendar {name} too: import files of one calendar with one --calendar."
        for name, number in sorted(shared.items())
        if number * 2 > len(events)
    )


async def _take_up(connection: AsyncConnection, key: CalendarKey, contents: CalendarContents, now: datetime) -> bool:
    """Whether the calendar has other busy times than it had, of which the digest is kept."""
    digest = sha256(repr(contents.spans).encode()).hexdigest()
    of_calendar = (ImportedCalendarRow.reference == key.reference, ImportedCalendarRow.name == key.name)
    before = await connection.execute(select(ImportedCalendarRow.digest).where(*of_calendar))
    if before.scalar_one_or_none() == digest:
        return False
    await connection.execute(delete(ImportedCalendarRow).where(*of_calendar))
    values = {"reference": key.reference, "name": key.name, "digest": digest, "imported_at": now}
    await connection.execute(insert(ImportedCalendarRow).values(**values))
    return True
