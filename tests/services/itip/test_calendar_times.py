"""Times in any zone that a program names, in UTC: RECURRENCE-ID, what is proposed, DTSTAMP (ITIP.md, In, 3 and 8)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from invito.services.itip.reasons import Reason
from invito.services.itip.understood import Instant, TimeSpan, WholeDay

if TYPE_CHECKING:
    from tests.services.itip.conftest import Letters

NINE_IN_OSLO = Instant(datetime(2026, 7, 1, 7, tzinfo=UTC))
CENTRAL_EUROPE = """BEGIN:VTIMEZONE
TZID:{0}
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
""".replace("\n", "\r\n")


@pytest.mark.parametrize(
    "tzid",
    [
        "Europe/Oslo",
        "europe/oslo",
        '"Europe/Oslo"',
        "W. Europe Standard Time",
        '"W. Europe Standard Time 1"',
        "Romance Standard Time",
        "tzone://Microsoft/W. Europe Standard Time",
        "/freeassociation.sourceforge.net/Tzfile/Europe/Oslo",
        "/mozilla.org/20070129_1/Europe/Oslo",
        '"(UTC+01:00) Brussels, Copenhagen, Madrid, Paris"',
        '"(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna"',
        '"(GMT+01:00) Sarajevo, Skopje, Warsaw, Zagreb"',
        '"Sarajevo, Skopje, Warsaw, Zagreb"',
        "(UTC+01:00) Brussels\\, Copenhagen\\, Madrid\\, Paris",
    ],
)
def test_a_zone_is_known_by_the_names_that_programs_give_it(letters: Letters, tzid: str) -> None:
    raw = letters.answer("ACCEPTED", f"RECURRENCE-ID;TZID={tzid}:20260701T090000")

    assert letters.component(raw).recurrence_id == NINE_IN_OSLO


@pytest.mark.parametrize(
    ("tzid", "hour"),
    [
        ("tzone://Microsoft/Utc", 9),
        ("UTC", 9),
        ("Etc/UTC", 9),
        ('"(UTC) Coordinated Universal Time"', 9),
        ('"(UTC) Dublin, Edinburgh, Lisbon, London"', 8),
        ('"(UTC-05:00) Eastern Time (US & Canada)"', 13),
        ('"Pacific Time (US & Canada)"', 16),
        ("Eastern Standard Time", 13),
        ("UTC+02:00", 7),
        ("GMT-0300", 12),
    ],
)
def test_other_zones_are_known_too(letters: Letters, tzid: str, hour: int) -> None:
    raw = letters.answer("ACCEPTED", f"RECURRENCE-ID;TZID={tzid}:20260701T090000")

    assert letters.component(raw).recurrence_id == Instant(datetime(2026, 7, 1, hour, tzinfo=UTC))


@pytest.mark.parametrize(("written", "hour"), [("20260701T090000", 7), ("20260115T090000", 8), ("20261025T090000", 8)])
def test_the_rules_in_the_object_tell_the_offset_of_a_zone_that_only_it_knows(
    letters: Letters, written: str, hour: int
) -> None:
    text = letters.object(f"RECURRENCE-ID;TZID=Customized Time Zone:{written}")
    text = text.replace("BEGIN:VEVENT", CENTRAL_EUROPE.format("Customized Time Zone") + "BEGIN:VEVENT")

    found = letters.component(letters.mail(text)).recurrence_id

    assert isinstance(found, Instant)
    assert found.at.hour == hour


def test_rules_that_ended_are_not_those_of_today(letters: Letters) -> None:
    ended = CENTRAL_EUROPE.format("Here").replace("BYMONTH=3", "BYMONTH=3;UNTIL=20101231T000000Z")
    text = letters.object("RECURRENCE-ID;TZID=Here:20260701T090000").replace("BEGIN:VEVENT", ended + "BEGIN:VEVENT")

    assert letters.component(letters.mail(text)).recurrence_id == Instant(datetime(2026, 7, 1, 8, tzinfo=UTC))


@pytest.mark.parametrize("rule", ["FREQ=SECONDLY", "FREQ=YEARLY;BYSETPOS=1;BYDAY=MO", "FREQ=YEARLY;BYMONTH=99", "x"])
def test_rules_that_no_zone_has_make_the_zone_unknown(letters: Letters, rule: str) -> None:
    zone = CENTRAL_EUROPE.format("Here").replace("FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3", rule)
    text = letters.object("RECURRENCE-ID;TZID=Here:20260701T090000").replace("BEGIN:VEVENT", zone + "BEGIN:VEVENT")

    component = letters.component(letters.mail(text))

    assert component.problem is not None
    assert component.problem.reason is Reason.UNKNOWN_ZONE


@pytest.mark.parametrize(
    ("method", "line"),
    [
        ("REPLY", "RECURRENCE-ID;TZID=Mars/Olympus:20260701T090000"),
        ("REPLY", "RECURRENCE-ID:20260701T090000"),
        ("COUNTER", "DTSTART;TZID=Customized Time Zone:20260701T090000"),
        ("COUNTER", 'DTSTART;TZID="(UTC+01:00) Atlantis":20260701T090000'),
        ("COUNTER", "DTSTART:20260701T090000"),
    ],
)
def test_a_time_in_a_zone_that_nobody_knows_is_not_understood(letters: Letters, method: str, line: str) -> None:
    component = letters.component(letters.answer("TENTATIVE", line, method=method))

    assert component.problem is not None
    assert component.problem.reason is Reason.UNKNOWN_ZONE
    ((place, zone),) = component.problem.places
    assert place == "zone"
    assert zone in line
    assert bool(zone) == ("TZID" in line)
    assert component.recurrence_id is None
    assert component.time is None


def test_a_zone_that_an_answer_does_not_depend_on_may_be_unknown(letters: Letters) -> None:
    raw = letters.answer("ACCEPTED", "DTSTART;TZID=Mars/Olympus:20260701T090000", "DTEND:nonsense")

    assert letters.component(raw).problem is None


@pytest.mark.parametrize(
    "properties",
    [
        ["X-WR-TIMEZONE:Europe/Oslo", "RECURRENCE-ID:20260701T090000"],
        ["DTSTART;TZID=Europe/Oslo:20260701T090000", "RECURRENCE-ID:20260701T090000"],
    ],
)
def test_a_time_without_a_zone_is_in_the_only_one_that_the_object_names(
    letters: Letters, properties: list[str]
) -> None:
    text = letters.object(*[one for one in properties if not one.startswith("X-WR")])
    text = text.replace("METHOD", f"{properties[0]}\r\nMETHOD") if properties[0].startswith("X-WR") else text

    assert letters.component(letters.mail(text)).recurrence_id == NINE_IN_OSLO


@pytest.mark.parametrize(
    "line",
    [
        "RECURRENCE-ID:20260701T070000Z",
        "RECURRENCE-ID;TZID=Europe/Oslo:20260701T070000Z",
        "RECURRENCE-ID;VALUE=DATE-TIME:20260701T070000Z",
        "RECURRENCE-ID:2026-07-01T09:00:00+02:00",
        "RECURRENCE-ID:20260701T0700Z",
    ],
)
def test_a_time_in_utc_is_one_however_it_is_written(letters: Letters, line: str) -> None:
    assert letters.component(letters.answer("ACCEPTED", line)).recurrence_id == NINE_IN_OSLO


@pytest.mark.parametrize("line", ["RECURRENCE-ID;VALUE=DATE:20260701", "RECURRENCE-ID:20260701"])
def test_a_date_is_a_whole_day(letters: Letters, line: str) -> None:
    assert letters.component(letters.answer("ACCEPTED", line)).recurrence_id == WholeDay(date(2026, 7, 1))


@pytest.mark.parametrize(
    "written", ["20261330T090000Z", "00010101T000000Z", "99991231T235959Z", "tomorrow", "20260701T25"]
)
def test_a_time_that_is_none_is_not_understood(letters: Letters, written: str) -> None:
    component = letters.component(letters.answer("ACCEPTED", f"RECURRENCE-ID:{written}"))

    assert component.problem is not None
    assert component.problem.reason is Reason.UNREADABLE_TIME


def test_a_floating_stamp_is_utc_and_an_unreadable_one_is_none(letters: Letters) -> None:
    written = letters.object()

    stamps = [
        letters.component(letters.mail(written.replace("DTSTAMP:20261130T120000Z", one))).dtstamp
        for one in ("DTSTAMP:20261130T120000", "DTSTAMP;TZID=Europe/Oslo:20261130T130000", "DTSTAMP:now", "X:")
    ]

    assert stamps == [datetime(2026, 11, 30, 12, tzinfo=UTC)] * 2 + [None] * 2


@pytest.mark.parametrize(
    "end",
    ["DTEND:20260701T083000Z", "DUE:20260701T083000Z", "DURATION:PT1H30M", "DTEND;TZID=Asia/Kolkata:20260701T140000"],
)
def test_a_proposal_ends_at_its_end_or_after_its_duration(letters: Letters, end: str) -> None:
    raw = letters.answer("TENTATIVE", "DTSTART:20260701T070000Z", end, method="COUNTER")

    assert letters.component(raw).time == TimeSpan(NINE_IN_OSLO, Instant(datetime(2026, 7, 1, 8, 30, tzinfo=UTC)))


@pytest.mark.parametrize(
    "end", ["DTEND:20260701T070000Z", "DTEND:20260630T070000Z", "DTEND:20260702", "DURATION:-PT1H"]
)
def test_a_proposal_that_ends_before_it_begins_is_not_understood(letters: Letters, end: str) -> None:
    raw = letters.answer("TENTATIVE", "DTSTART:20260701T070000Z", end, method="COUNTER")

    assert letters.component(raw).problem is not None


@pytest.mark.parametrize("end", ["DTEND;VALUE=DATE:20260702", "DTEND;VALUE=DATE:20260701", "DURATION:P1D"])
def test_a_whole_day_may_be_proposed(letters: Letters, end: str) -> None:
    raw = letters.answer("TENTATIVE", "DTSTART;VALUE=DATE:20260701", end, method="COUNTER")

    assert letters.component(raw).time == TimeSpan(WholeDay(date(2026, 7, 1)), WholeDay(date(2026, 7, 2)))


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("X-PROPOSED-NEW-TIME", "20260701T070000Z"),
        ("TO-ALL-PROPOSED-NEW-TIME", "DTSTART:20260701T070000Z"),
        ("X-APPLE-PROPOSED-NEW-TIME", '"DTSTART;TZID=Europe/Oslo:20260701T090000"'),
        ("X-PROPOSED-NEW-TIME", "20260701T070000Z/20260701T080000Z"),
        ("X-PROPOSED-NEW-TIME", '"DTSTART:20260701T070000Z^nDTEND:20260701T080000Z"'),
        ("X-PROPOSED-NEW-TIME", '"DTSTART:20260701T070000Z;DURATION:PT1H"'),
    ],
)
def test_an_attendee_may_propose_a_time_in_a_reply(letters: Letters, name: str, written: str) -> None:
    attendee = f"ATTENDEE;PARTSTAT=TENTATIVE;{name}={written}:mailto:ole@kunde.example"

    (understood,) = letters.component(letters.mail(letters.object(attendees=[attendee]))).attendees

    assert understood.proposed is not None
    assert understood.proposed.start == NINE_IN_OSLO
    assert understood.proposed.end in (None, Instant(datetime(2026, 7, 1, 8, tzinfo=UTC)))
    assert (understood.proposed.end is not None) == ("0800" in written or "DURATION" in written)
