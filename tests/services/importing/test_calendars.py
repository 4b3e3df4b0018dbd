"""Busy times come in from iCalendar files, recurrence expanded within bounds."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar, Event
from sqlalchemy import select

from invito.plugins.contract import Entry, Span
from invito.services.directory import Directory
from invito.services.directory.writing import NewEntry, add_entries
from invito.services.importing import UnreadableFile, find_calendar_owner, import_calendar
from invito.services.importing.calendar_files import CalendarContents, ExpansionLimits, read_busy_times
from invito.services.storage.database import Database
from invito.services.storage.directory_tables import EntryKind
from invito.services.storage.follow_up_tables import BusySpanRow

OSLO = ZoneInfo("Europe/Oslo")
NOW = datetime(2026, 6, 1, tzinfo=UTC)
WINDOW = Span(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))


def read(folder: Path, *events: str, most: int = 10_000) -> CalendarContents:
    path = folder / "calendar.ics"
    inner = "".join(f"BEGIN:VEVENT\nUID:{number}\n{event}\nEND:VEVENT\n" for number, event in enumerate(events))
    path.write_text(f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:test\n{inner}END:VCALENDAR\n", encoding="utf-8")
    return read_busy_times(path, OSLO, WINDOW, ExpansionLimits(most_spans=most))


def starts(contents: CalendarContents) -> list[str]:
    return [span.start.strftime("%m-%dT%H:%M") for span, _ in contents.spans]


def test_a_time_with_a_zone_a_floating_one_and_one_in_utc(tmp_path: Path) -> None:
    contents = read(
        tmp_path,
        "DTSTART;TZID=America/New_York:20260601T090000\nDTEND;TZID=America/New_York:20260601T100000\nSUMMARY:Call",
        "DTSTART:20260602T090000\nDURATION:PT30M",
        "DTSTART:20260603T090000Z\nDTEND:20260603T100000Z",
    )

    assert starts(contents) == ["06-01T13:00", "06-02T07:00", "06-03T09:00"]
    assert contents.spans[0][1] == "Call"
    assert contents.spans[1][0].end - contents.spans[1][0].start == timedelta(minutes=30)


def test_a_whole_day_is_midnight_to_midnight_in_the_given_zone(tmp_path: Path) -> None:
    contents = read(tmp_path, "DTSTART;VALUE=DATE:20260329")

    ((span, _),) = contents.spans
    assert (span.start, span.end - span.start) == (datetime(2026, 3, 28, 23, tzinfo=UTC), timedelta(hours=23))


def test_a_weekly_time_keeps_its_clock_when_the_clocks_change(tmp_path: Path) -> None:
    contents = read(tmp_path, "DTSTART;TZID=Europe/Oslo:20260323T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=2")

    assert starts(contents) == ["03-23T08:00", "03-30T07:00"]


def test_exceptions_further_dates_and_changed_occurrences_are_applied(tmp_path: Path) -> None:
    series = "DTSTART:20260601T090000Z\nDTEND:20260601T100000Z\nRRULE:FREQ=DAILY;COUNT=5\nEXDATE:20260602T090000Z"
    path = tmp_path / "a.ics"
    path.write_text(
        "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:test\n"
        f"BEGIN:VEVENT\nUID:1\n{series}\nRDATE:20260620T090000Z\nEND:VEVENT\n"
        "BEGIN:VEVENT\nUID:1\nRECURRENCE-ID:20260603T090000Z\nDTSTART:20260603T150000Z\nDURATION:PT1H\nEND:VEVENT\n"
        "BEGIN:VEVENT\nUID:1\nRECURRENCE-ID:20260604T090000Z\nSTATUS:CANCELLED\n"
        "DTSTART:20260604T090000Z\nDURATION:PT1H\nEND:VEVENT\nEND:VCALENDAR\n"
    )

    contents = read_busy_times(path, OSLO, WINDOW, ExpansionLimits())

    assert starts(contents) == ["06-01T09:00", "06-03T15:00", "06-05T09:00", "06-20T09:00"]


@pytest.mark.parametrize("line", ["TRANSP:TRANSPARENT", "STATUS:CANCELLED"])
def test_what_is_free_or_cancelled_makes_nobody_busy(tmp_path: Path, line: str) -> None:
    contents = read(tmp_path, f"DTSTART:20260601T090000Z\nDURATION:PT1H\n{line}")

    assert (contents.spans, contents.bad) == ([], [])


@pytest.mark.parametrize(
    "rule",
    ["FREQ=SECONDLY", "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=MINUTELY", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"],
)
def test_a_rule_without_end_is_bounded(tmp_path: Path, rule: str) -> None:
    contents = read(tmp_path, f"DTSTART:20000601T090000Z\nDURATION:PT1S\nRRULE:{rule}", most=100)

    assert len(contents.spans) <= 100


def test_rules_of_the_calendar_keep_their_weekdays_and_leap_days(tmp_path: Path) -> None:
    contents = read(
        tmp_path,
        "DTSTART:20240229T090000Z\nDURATION:PT1H\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1",
        "DTSTART:20250106T090000Z\nDURATION:PT1H\nRRULE:FREQ=MONTHLY;BYDAY=-1MO;UNTIL=20260301T000000Z",
    )

    assert starts(contents) == ["01-26T09:00", "02-23T09:00", "02-28T09:00"]


def test_an_hourly_time_begun_long_ago_is_found_in_the_window(tmp_path: Path) -> None:
    contents = read(tmp_path, "DTSTART:19700101T003000Z\nDURATION:PT1M\nRRULE:FREQ=HOURLY;INTERVAL=24", most=1_000)

    assert (len(contents.spans), starts(contents)[0]) == (365, "01-01T00:30")


def test_a_bad_event_is_reported_with_its_line_and_spoils_no_other(tmp_path: Path) -> None:
    contents = read(
        tmp_path,
        "DTSTART:20260601T090000Z\nDURATION:PT1H",
        "DTSTART:yesterday",
        "SUMMARY:never",
        "DTSTART:20260602T090000Z\nDURATION:PT1H\nRRULE:FREQ=SOMETIMES",
        "DTSTART:20260603T090000Z\nDURATION:PT1H",
    )

    assert "06-03T09:00" in starts(contents)
    assert [row.line for row in contents.bad][:2] == [9, 13]


async def add_owner(database: Database) -> Entry:
    async with database.write() as connection:
        await add_entries(
            connection,
            [NewEntry(EntryKind.EMPLOYEE, "Kari Nordmann", "kari@x.example"), NewEntry(EntryKind.RESOURCE, "Fjorden")],
        )
    return await find_calendar_owner(database, "kari@x.example")


def exported(folder: Path, *hours: int) -> Path:
    calendar = Calendar()
    calendar.add("prodid", "another program")
    calendar.add("version", "2.0")
    for hour in hours:
        event = Event()
        event.add("uid", f"{hour}@x.example")
        event.add("summary", f"At {hour}")
        event.add("dtstart", datetime(2026, 6, 8, hour, tzinfo=OSLO))
        event.add("dtend", datetime(2026, 6, 8, hour + 1, tzinfo=OSLO))
        calendar.add_component(event)
    path = folder / "exported.ics"
    path.write_bytes(calendar.to_ical())
    return path


async def test_busy_times_are_stored_and_a_second_import_changes_nothing(database: Database, tmp_path: Path) -> None:
    owner = await add_owner(database)
    path = exported(tmp_path, 9, 13)

    first = await import_calendar(database, owner, path, now=NOW)
    second = await import_calendar(database, owner, path, now=NOW + timedelta(hours=3))

    assert (first.added, second.added, second.unchanged) == (2, 0, 2)
    async with database.read() as connection:
        rows = (await connection.execute(select(BusySpanRow.start, BusySpanRow.title).order_by("start"))).all()
    nine = datetime(2026, 6, 8, 9, tzinfo=OSLO).timestamp()
    assert [tuple(row) for row in rows] == [(nine, "At 9"), (nine + 4 * 3_600, "At 13")]


async def test_a_newer_file_takes_the_place_of_the_older(database: Database, tmp_path: Path) -> None:
    owner = await add_owner(database)
    await import_calendar(database, owner, exported(tmp_path, 9, 13), now=NOW)

    report = await import_calendar(database, owner, exported(tmp_path, 13, 15), now=NOW)

    assert (report.added, report.unchanged, report.removed) == (1, 1, 1)


async def test_the_owner_of_a_calendar_is_named_by_address_name_or_reference(database: Database) -> None:
    kari = await add_owner(database)

    assert await find_calendar_owner(database, "kari nordmann") == kari
    assert await find_calendar_owner(database, kari.reference) == kari
    assert (await find_calendar_owner(database, "Fjorden")).name == "Fjorden"
    with pytest.raises(UnreadableFile):
        await find_calendar_owner(database, "nobody")


async def test_the_window_bounds_what_is_stored(database: Database, tmp_path: Path) -> None:
    owner = await add_owner(database)
    path = tmp_path / "daily.ics"
    path.write_text(
        "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:test\nBEGIN:VEVENT\nUID:1\nDTSTART:20200101T090000Z\nDURATION:PT1H\n"
        "RRULE:FREQ=DAILY\nEND:VEVENT\nEND:VCALENDAR\n"
    )
    limits = ExpansionLimits(past=timedelta(days=10), future=timedelta(days=20))

    report = await import_calendar(database, owner, path, limits=limits, now=NOW)

    assert report.added == 1
    assert "30 busy times" in report.notes[0]
    assert len(await Directory(database).resolve([owner.reference])) == 1
