"""An event is known by UID and RECURRENCE-ID: what another file says of it takes the place of what the first said."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from invito.plugins.contract import Entry
from invito.services.directory.writing import NewEntry, add_entries
from invito.services.importing import BadRow, ImportReport, find_calendar_owner, import_calendar
from invito.services.importing.calendar_files import ExpansionLimits
from invito.services.storage.database import Database
from invito.services.storage.directory_tables import EntryKind
from invito.services.storage.follow_up_tables import BusySpanRow

NOW = datetime(2026, 6, 1, tzinfo=UTC)
KARI = "kari@x.example"


@pytest.fixture
async def kari(database: Database) -> Entry:
    async with database.write() as connection:
        await add_entries(connection, [NewEntry(EntryKind.EMPLOYEE, "Kari Nordmann", KARI)])
    return await find_calendar_owner(database, KARI)


def event(uid: str, start: str, *more: str) -> str:
    """An hour at a time of 8 June 2026 (UTC), and further lines."""
    lines = ("BEGIN:VEVENT", f"UID:{uid}", f"DTSTART:20260608T{start}0000Z", "DURATION:PT1H", *more, "END:VEVENT")
    return "\n".join(lines) + "\n"


def calendar(path: Path, *events: str) -> Path:
    path.write_text(f"BEGIN:VCALENDAR\nVERSION:2.0\n{''.join(events)}END:VCALENDAR\n", encoding="utf-8")
    return path


async def hours(database: Database) -> list[int]:
    """When somebody is busy on 8 June 2026 (UTC), in order."""
    async with database.read() as connection:
        starts = await connection.execute(select(BusySpanRow.start).order_by(BusySpanRow.start))
        return [datetime.fromtimestamp(start, UTC).hour for start in starts.scalars()]


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    return report.added, report.changed, report.unchanged, report.removed


async def test_a_newer_file_of_a_calendar_moves_events_and_drops_those_that_went(
    database: Database, kari: Entry, tmp_path: Path
) -> None:
    older = calendar(tmp_path / "work.ics", event("a", "08"), event("b", "10"), event("c", "12"))
    first = await import_calendar(database, kari, older, now=NOW)
    newer = calendar(tmp_path / "work.ics", event("a", "08"), event("b", "14"), event("d", "16"))

    second = await import_calendar(database, kari, newer, now=NOW)
    third = await import_calendar(database, kari, newer, now=NOW)

    assert [counts(report) for report in (first, second, third)] == [(3, 0, 0, 0), (1, 1, 1, 1), (0, 0, 3, 0)]
    assert await hours(database) == [8, 14, 16]


async def test_another_calendar_stays_as_it_is(database: Database, kari: Entry, tmp_path: Path) -> None:
    await import_calendar(database, kari, calendar(tmp_path / "home.ics", event("h", "18")), now=NOW)

    await import_calendar(database, kari, calendar(tmp_path / "work.ics", event("a", "08")), now=NOW)
    await import_calendar(database, kari, calendar(tmp_path / "work.ics", event("b", "10")), now=NOW)

    assert await hours(database) == [10, 18]


async def test_a_file_that_was_downloaded_again_is_the_same_calendar(
    database: Database, kari: Entry, tmp_path: Path
) -> None:
    await import_calendar(database, kari, calendar(tmp_path / "work.ics", event("a", "08")), now=NOW)

    await import_calendar(database, kari, calendar(tmp_path / "work (1).ics", event("a", "09")), now=NOW)

    assert await hours(database) == [9]


async def test_a_calendar_may_be_named_and_one_of_the_same_events_is_pointed_out(
    database: Database, kari: Entry, tmp_path: Path
) -> None:
    await import_calendar(database, kari, calendar(tmp_path / "june.ics", event("a", "08")), now=NOW, calendar="work")
    july = calendar(tmp_path / "july.ics", event("a", "09"))

    unnamed = await import_calendar(database, kari, july, now=NOW)
    await import_calendar(database, kari, calendar(tmp_path / "july.ics"), now=NOW)
    named = await import_calendar(database, kari, calendar(july, event("a", "09")), now=NOW, calendar="work")

    assert any("1 of its events are in the calendar work too" in note for note in unnamed.notes)
    assert counts(named) == (0, 1, 0, 0)
    assert await hours(database) == [9]


async def test_a_new_time_of_export_is_no_change(database: Database, kari: Entry, tmp_path: Path) -> None:
    path = tmp_path / "work.ics"
    await import_calendar(database, kari, calendar(path, event("a", "08", "DTSTAMP:20260601T000000Z")), now=NOW)

    again = calendar(path, event("a", "08", "DTSTAMP:20260602T000000Z"))

    assert counts(await import_calendar(database, kari, again, now=NOW)) == (0, 0, 1, 0)


async def test_a_changed_occurrence_is_an_event_of_its_own(database: Database, kari: Entry, tmp_path: Path) -> None:
    series = event("a", "08", "RRULE:FREQ=HOURLY;COUNT=3")
    occurrence = "RECURRENCE-ID:20260608T090000Z"
    await import_calendar(database, kari, calendar(tmp_path / "work.ics", series), now=NOW)

    report = await import_calendar(
        database, kari, calendar(tmp_path / "work.ics", series, event("a", "15", occurrence)), now=NOW
    )

    assert counts(report) == (1, 0, 1, 0)
    assert await hours(database) == [8, 10, 15]


async def test_of_two_states_of_an_event_the_later_counts(database: Database, kari: Entry, tmp_path: Path) -> None:
    both = calendar(tmp_path / "work.ics", event("a", "09", "SEQUENCE:2"), event("a", "08", "SEQUENCE:1"))

    report = await import_calendar(database, kari, both, now=NOW)

    assert await hours(database) == [9]
    assert report.bad == [BadRow(9, "is the same event as line 3, which counts")]


async def test_what_kari_declined_makes_her_not_busy_and_is_counted(
    database: Database, kari: Entry, tmp_path: Path
) -> None:
    declined = "ATTENDEE;PARTSTAT=DECLINED:MAILTO:Kari@x.example"
    others = "ATTENDEE;PARTSTAT=DECLINED:mailto:ola@x.example"
    free = event("f", "13", "TRANSP:TRANSPARENT") + event("c", "14", "STATUS:CANCELLED")
    instant = event("i", "15").replace("DURATION:PT1H\n", "")
    past = event("p", "16").replace("2026", "1999")
    busy = event("b", "10", others)
    path = calendar(tmp_path / "work.ics", event("a", "08", declined), busy, free, instant, past)

    report = await import_calendar(database, kari, path, now=NOW)

    assert await hours(database) == [10]
    assert report.bad == []
    told = "1 cancelled, 1 declined, 1 outside of that time, 1 shown as free, 1 without an end"
    assert report.notes[-1].endswith(f"busy then: {told}.")


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ("DTSTART:20260608T100000Z\nDTEND:20260608T090000Z", "ends before it starts"),
        ("DTSTART;VALUE=DATE:20260608\nDTEND:20260609T090000Z", "of which one is a day and one a time"),
        ("SUMMARY:never", "has no start"),
    ],
)
async def test_an_event_that_cannot_be_placed_is_told(
    database: Database, kari: Entry, tmp_path: Path, lines: str, reason: str
) -> None:
    odd = f"BEGIN:VEVENT\nUID:odd\n{lines}\nEND:VEVENT\n"

    report = await import_calendar(database, kari, calendar(tmp_path / "a.ics", odd, event("a", "08")), now=NOW)

    ((line, told, partly),) = [(row.line, row.reason, row.partly_in) for row in report.bad]
    assert (line, reason in told, partly) == (3, True, False)
    assert await hours(database) == [8]


async def test_the_zones_of_windows_are_known_and_a_zone_that_nobody_knows_is_told(
    database: Database, kari: Entry, tmp_path: Path
) -> None:
    def at(zone: str) -> str:
        return event(zone, "08").replace("DTSTART:", f"DTSTART;TZID={zone}:").replace("0000Z", "0000", 1)

    path = calendar(tmp_path / "a.ics", at("Eastern Standard Time"), at("Middle-earth"))

    report = await import_calendar(database, kari, path, now=NOW, zone="Europe/Oslo")

    assert await hours(database) == [6, 12]
    assert [(row.line, row.partly_in) for row in report.bad] == [(8, True)]
    assert "Middle-earth, and is taken to be in Europe/Oslo" in report.bad[0].reason


async def test_an_alarm_that_cannot_be_read_spoils_no_event(database: Database, kari: Entry, tmp_path: Path) -> None:
    broken = event("a", "08", "BEGIN:VALARM", "TRIGGER:soon", "DURATION:PT9H", "END:VALARM")
    unended = event("b", "10", "BEGIN:VALARM", "TRIGGER:-PT5M")

    report = await import_calendar(database, kari, calendar(tmp_path / "a.ics", broken, unended), now=NOW)

    assert (await hours(database), report.bad) == ([8, 10], [])


async def test_nothing_between_the_events_disappears_silently(database: Database, kari: Entry, tmp_path: Path) -> None:
    task = "BEGIN:VTODO\nUID:t\nEND:VTODO\n"
    path = calendar(tmp_path / "a.ics", task, "END:VEVENT\n", event("a", "08").replace("END:VEVENT\n", ""))

    report = await import_calendar(database, kari, path, now=NOW)

    assert "1 VTODO are not read: events (VEVENT) are." in report.notes
    assert [row.line for row in report.bad] == [6, 7]


async def test_what_is_cut_is_told(database: Database, kari: Entry, tmp_path: Path) -> None:
    often = event("a", "08", "RRULE:FREQ=HOURLY")
    path = calendar(tmp_path / "a.ics", often, event("b", "05"), event("c", "06"), event("d", "07"))
    limits = ExpansionLimits(most_spans=4, most_of_an_event=3)

    report = await import_calendar(database, kari, path, now=NOW, limits=limits)

    assert await hours(database) == [5, 8, 9, 10]
    assert [(row.line, row.partly_in) for row in report.bad] == [(3, True), (14, False)]
    assert "more than 3 times" in report.bad[0].reason
    assert "with 1 events that follow: there are more than 4 busy times" in report.bad[1].reason
