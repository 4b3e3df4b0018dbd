"""The rules of a zone as they go out (RFC 5545 §3.6.5), by our own reader; others read them in tests/readers."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from invito.services.itip.calendar_lines import read_calendar_lines
from invito.services.itip.written_zones import is_told_twice, zone_definition
from invito.services.itip.zone_rules import ZoneRules
from tests.readers.outgoing import ZONES

OSLO = ZoneInfo("Europe/Oslo")


def written(zone: str) -> str:
    octets: bytes = zone_definition(zone, 2026, 2028).to_ical()
    return octets.decode()


def test_a_zone_with_yearly_rules_is_written_by_them() -> None:
    assert written("Europe/Oslo").split("\r\n") == [
        "BEGIN:VTIMEZONE", "TZID:Europe/Oslo",
        "BEGIN:DAYLIGHT", "DTSTART:20260329T020000", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3", "TZNAME:CEST",
        "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200", "END:DAYLIGHT",
        "BEGIN:STANDARD", "DTSTART:20261025T030000", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10", "TZNAME:CET",
        "TZOFFSETFROM:+0200", "TZOFFSETTO:+0100", "END:STANDARD",
        "END:VTIMEZONE", "",
    ]  # fmt: skip


def test_a_zone_without_yearly_rules_is_written_by_each_change_of_the_clocks() -> None:
    dates = [line for line in written("Africa/Casablanca").split("\r\n") if line.startswith(("DTSTART", "RRULE"))]

    assert dates == [
        "DTSTART:20260101T000000",
        "DTSTART:20260215T030000", "DTSTART:20260322T020000",
        "DTSTART:20270207T030000", "DTSTART:20270314T020000",
        "DTSTART:20280123T030000", "DTSTART:20280305T020000",
    ]  # fmt: skip


@pytest.mark.parametrize("zone", ["America/Phoenix", "Asia/Kathmandu", "Etc/GMT+12"])
def test_a_zone_whose_clocks_are_never_set_has_one_time(zone: str) -> None:
    assert written(zone).count("DTSTART") == 1


@pytest.mark.parametrize("zone", ZONES)
def test_the_rules_tell_every_time_that_clocks_show_once(zone: str) -> None:
    rules = ZoneRules.read(read_calendar_lines(written(zone).encode(), None).blocks[0])
    assert rules is not None

    wrong = []
    instant = datetime(2026, 1, 2, tzinfo=UTC)
    while instant.year < 2029:
        local = instant.astimezone(ZoneInfo(zone))
        if not is_told_twice(local) and rules.offset_at(local.replace(tzinfo=None)) != local.utcoffset():
            wrong.append(local)
        instant += timedelta(minutes=90)

    assert wrong == []


def test_the_hour_before_and_after_clocks_are_set_back_is_told_twice() -> None:
    back = datetime(2027, 10, 31, 1, tzinfo=UTC)
    minutes = (-61, -60, -1, 0, 59, 60)

    told = [is_told_twice((back + timedelta(minutes=one)).astimezone(OSLO)) for one in minutes]

    assert told == [False, True, True, True, True, False]
