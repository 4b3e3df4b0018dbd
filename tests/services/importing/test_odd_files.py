"""What programs write that is odd, and what somebody writes to do harm, neither hangs nor spoils the rest."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from invito.plugins.contract import Span
from invito.services.importing import BadRow, PersonRow, read_people
from invito.services.importing.calendar_files import CalendarContents, ExpansionLimits, read_busy_times

OSLO = ZoneInfo("Europe/Oslo")
WINDOW = Span(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
TIME = "DTSTART:20260601T090000Z\nDURATION:PT1H\n"


def read_beside_a_good_one(folder: Path, event: str) -> CalendarContents:
    """A calendar of this event and of one that is titled Good."""
    path = folder / "calendar.ics"
    text = (
        f"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\n{event}\nEND:VEVENT\n"
        f"BEGIN:VEVENT\nUID:2\n{TIME}SUMMARY:Good\nEND:VEVENT\nEND:VCALENDAR\n"
    )
    path.write_text(text, encoding="utf-8", newline="")
    return read_busy_times(path, OSLO, WINDOW, ExpansionLimits())


def read_persons(path: Path, text: str) -> list[PersonRow | BadRow]:
    path.write_text(text, encoding="utf-8", newline="")
    return list(read_people(path))


@pytest.mark.parametrize(
    "event",
    [
        f"{TIME}RRULE:FREQ=DAILY;INTERVAL=0",
        f"{TIME}RRULE:FREQ=DAILY;INTERVAL=0;BYMONTH=2;BYMONTHDAY=30",
        f"{TIME}RRULE:FREQ=HOURLY;INTERVAL=-1",
        f"{TIME}RRULE:FREQ=DAILY;INTERVAL=99999999999999",
        f"{TIME}RRULE:COUNT=5",
        f"{TIME}RRULE:FREQ=DAILY;COUNT=2\nEXDATE;VALUE=DATE:00010101",
        f"{TIME}RDATE;VALUE=PERIOD:00010101T000000/99991231T000000",
        f"{TIME}RECURRENCE-ID;VALUE=DATE:00010101",
        "DTSTART;VALUE=DATE:99991231",
        "DTSTART:20260601T090000Z\nDURATION:P999999999D",
        "DTSTART:20260601T090000Z\nDURATION:P1500000D\nRRULE:FREQ=DAILY",
    ],
)
def test_an_event_beyond_all_calendars_is_reported_and_spoils_no_other(tmp_path: Path, event: str) -> None:
    contents = read_beside_a_good_one(tmp_path, event)

    assert [row.line for row in contents.bad] == [2]
    assert "Good" in [title for _, title in contents.spans]


@pytest.mark.parametrize(
    ("lines", "title"),
    [
        ("SUMMARY:one\u2028two", "one two"),
        ("SUMMARY:one\\ntwo", "one two"),
        ("SUMMARY:one\nDESCRIPTION:see\n BEGIN:VEVENT\n END:VEVENT", "one"),
        ("SUMMARY:one\nSUMMARY:two", "one"),
    ],
)
def test_lines_end_where_the_format_says_and_a_title_has_one(tmp_path: Path, lines: str, title: str) -> None:
    contents = read_beside_a_good_one(tmp_path, TIME + lines)

    assert contents.bad == []
    assert [one for _, one in contents.spans] == ["Good", title]


@pytest.mark.parametrize("version", ["3.0", "4.0"])
def test_a_card_is_read_whatever_its_values_hold(tmp_path: Path, version: str) -> None:
    text = (
        f"BEGIN:VCARD\nVERSION:{version}\nFN:Kari\\nNordmann\nNOTE:one\u2028two\\n\n END:VCARD\n"
        "TITLE:Leder\\nBcc: x@x.example\nEND:VCARD\n"
    )

    (kari,) = read_persons(tmp_path / "a.vcf", text)

    assert isinstance(kari, PersonRow)
    assert (kari.name, kari.title) == ("Kari Nordmann", "Leder Bcc: x@x.example")


def test_names_of_a_table_are_on_one_line_and_an_address_on_two_is_none(tmp_path: Path) -> None:
    (kari,) = read_persons(tmp_path / "a.csv", 'name,email\n"Kari\nNordmann","kari@x.example\nBcc: x@x.example"\n')

    assert isinstance(kari, PersonRow)
    assert (kari.name, kari.email) == ("Kari Nordmann", None)


def test_a_quotation_mark_that_is_never_closed_makes_no_name_of_the_rest_of_the_file(tmp_path: Path) -> None:
    rows = read_persons(tmp_path / "a.csv", 'name,email\nOla,ola@x.example\n"Kari,kari@x.example\nPer,per@x.example\n')

    assert [(row.line, isinstance(row, BadRow)) for row in rows] == [(2, False), (3, True)]


def test_the_columns_of_mail_programs_are_known_and_the_first_address_counts(tmp_path: Path) -> None:
    header = "First Name,Last Name,Organization Name,Organization Title,E-mail 1 - Value,E-mail Address"

    (kari,) = read_persons(tmp_path / "a.csv", f"{header}\nKari,Nordmann,Acme,Leder,,kari@x.example\n")

    assert isinstance(kari, PersonRow)
    assert (kari.name, kari.company, kari.title, kari.email) == ("Kari Nordmann", "Acme", "Leder", "kari@x.example")
