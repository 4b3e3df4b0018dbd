"""Times as people type them (F1): wall clocks, zones where clocks jump, whole days that are not 24 hours long."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invito.services.errors import Refusal, UserErrorCode
from invito.services.follow_ups import times
from invito.services.follow_ups.commands import TypedSpan

OSLO = ZoneInfo("Europe/Oslo")
# Half-hour jumps, midnights that clocks skip or show twice, and a zone without any.
ZONES = [
    ZoneInfo(name)
    for name in (
        "Europe/Oslo", "America/New_York", "America/Sao_Paulo", "America/Santiago", "America/St_Johns",
        "Africa/Cairo", "Asia/Beirut", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC",
    )
]  # fmt: skip

walls = st.datetimes(datetime(1990, 1, 1), datetime(2037, 1, 1)).map(lambda wall: wall.replace(microsecond=0))
instants = st.datetimes(datetime(1990, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC)).map(
    lambda instant: instant.replace(microsecond=0)
)
zones = st.sampled_from(ZONES)


def refused(typed: str, zone: ZoneInfo = OSLO) -> UserErrorCode:
    with pytest.raises(Refusal) as refusal:
        times.read_instant(typed, zone, ("start",))
    (error,) = refusal.value.errors
    assert error.path == ("start",)
    return error.code


@given(instants, zones)
def test_a_time_with_an_offset_is_that_instant_in_any_zone(instant: datetime, zone: ZoneInfo) -> None:
    typed = instant.astimezone(ZoneInfo("Europe/Oslo")).isoformat()

    assert times.read_instant(typed, zone, ()) == instant


@given(walls, zones)
def test_wall_clock_time_is_the_one_instant_that_shows_it_or_is_refused(wall: datetime, zone: ZoneInfo) -> None:
    around = (
        wall.replace(tzinfo=UTC) + timedelta(hours=hours, minutes=minutes)
        for hours in range(-26, 27)
        for minutes in (0, 15, 30, 45)
    )
    shown = {instant for instant in around if instant.astimezone(zone).replace(tzinfo=None) == wall}

    if len(shown) == 1:
        assert {times.read_instant(wall.isoformat(), zone, ())} == shown
    else:
        assert refused(wall.isoformat(), zone) is UserErrorCode.INVALID_TIME


@pytest.mark.parametrize(
    ("zone", "skipped", "repeated"),
    [
        ("Europe/Oslo", "2026-03-29T02:30", "2026-10-25T02:30"),
        ("America/New_York", "2026-03-08T02:00", "2026-11-01T01:59:59"),
        ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-04-05T01:45"),
        ("America/Santiago", "2026-09-06T00:30", "2026-04-04T23:30"),
        ("Africa/Cairo", "2026-04-24T00:00", "2026-10-29T23:00"),
    ],
)
def test_a_time_that_does_not_exist_or_happens_twice_is_refused_until_it_has_an_offset(
    zone: str, skipped: str, repeated: str
) -> None:
    assert refused(skipped, ZoneInfo(zone)) is UserErrorCode.INVALID_TIME
    assert refused(repeated, ZoneInfo(zone)) is UserErrorCode.INVALID_TIME
    assert times.read_instant(f"{repeated}Z", ZoneInfo(zone), ()).tzinfo is UTC


@pytest.mark.parametrize(
    "typed",
    [
        "", "noon", "2026-12-01", "09:00", "2026-13-01T09:00", "2026-02-29T09:00", "2026-12-01T24:00",
        "2026-12-01T09:60", "2026-12-01T09:00+25:00", "1899-12-31T23:00", "2200-01-01T00:00", "2026-12-01T09:00 Oslo",
        "٢٠٢٦-12-01T09:00", "0000-01-01T00:00Z", "9999-12-31T23:59-14:00", "2026-12-01T09:00\n",
    ],
)  # fmt: skip
def test_what_is_no_time_is_refused(typed: str) -> None:
    assert refused(typed) is UserErrorCode.INVALID_TIME


@given(st.text(max_size=30))
def test_whatever_is_typed_is_an_instant_or_refused(typed: str) -> None:
    try:
        assert times.read_instant(typed, OSLO, ()).utcoffset() == timedelta(0)
    except Refusal as refusal:
        assert [error.code for error in refusal.errors] == [UserErrorCode.INVALID_TIME]


@pytest.mark.parametrize(
    "name", ["", "Oslo", "CET+1", "Europe /Oslo", "../../etc/passwd", "Europe/Oslo\x00", "x" * 300]
)
def test_a_zone_that_nobody_knows_is_refused(name: str) -> None:
    with pytest.raises(Refusal) as refusal:
        times.read_zone(name, ("timeZone",))

    assert [(one.code, one.path) for one in refusal.value.errors] == [(UserErrorCode.INVALID_TIME_ZONE, ("timeZone",))]


def test_a_zone_is_known_whatever_capitals_it_is_typed_in() -> None:
    assert times.read_zone("EUROPE/oslo", ()).key == "Europe/Oslo"
    assert times.read_zone("utc", ()).key == "UTC"


@given(st.dates(date(1990, 1, 2), date(2036, 1, 1)), zones)
def test_a_day_alone_is_where_it_begins(day: date, zone: ZoneInfo) -> None:
    assert times.read_moment(day.isoformat(), zone, ()) == times.start_of_day(day, zone)


@pytest.mark.parametrize("typed", ["2026-02-30", "1899-12-31", "2200-01-01", "0000-00-00", "2026-12", "today"])
def test_what_is_no_day_is_refused(typed: str) -> None:
    with pytest.raises(Refusal) as refusal:
        times.read_moment(typed, OSLO, ("start",))

    assert [(one.code, one.path) for one in refusal.value.errors] == [(UserErrorCode.INVALID_TIME, ("start",))]


def test_a_day_where_a_time_is_needed_is_told_what_to_add() -> None:
    with pytest.raises(Refusal, match="add the time, such as T09:00, or make it all day"):
        times.read_instant("2026-12-01", OSLO, ("start",))


def test_days_of_a_span_end_before_the_day_that_it_names() -> None:
    span = times.read_span(TypedSpan("2026-10-25", "2026-10-26"), OSLO, ())

    assert span.end - span.start == timedelta(hours=25)


def test_a_day_of_a_duration_is_one_of_the_calendar_and_its_hours_are_exact() -> None:
    start = datetime(2026, 10, 24, 12, tzinfo=OSLO)

    day, exactly, both = (times.read_duration(typed, ()) for typed in ("P1D", "PT24H", "P1DT1H"))

    assert [length.after(start, OSLO).astimezone(OSLO).hour for length in (day, exactly, both)] == [12, 11, 13]


@pytest.mark.parametrize(
    ("typed", "length"),
    [
        ("PT45M", timedelta(minutes=45)),
        ("PT1H30M", timedelta(minutes=90)),
        ("P1D", timedelta(days=1)),
        ("P2W", timedelta(weeks=2)),
        ("P1DT2H3M4S", timedelta(days=1, hours=2, minutes=3, seconds=4)),
    ],
)
def test_a_duration_is_weeks_days_hours_minutes_and_seconds(typed: str, length: timedelta) -> None:
    assert sum(times.read_duration(typed, ()), timedelta()) == length


@pytest.mark.parametrize("typed", ["", "P", "PT", "1H", "P1Y", "P1M", "-PT1H", "PT1.5H", "P1H", "PT1H ", "P١D"])
def test_what_is_no_duration_is_refused(typed: str) -> None:
    with pytest.raises(Refusal) as refusal:
        times.read_duration(typed, ("duration",))

    assert [(one.code, one.path) for one in refusal.value.errors] == [(UserErrorCode.INVALID_TIME, ("duration",))]


@given(st.dates(date(1990, 1, 2), date(2036, 1, 1)), zones)
def test_a_day_begins_where_the_day_before_ends(day: date, zone: ZoneInfo) -> None:
    begin = times.start_of_day(day, zone)

    assert begin.astimezone(zone).date() == day
    assert (begin - timedelta(seconds=1)).astimezone(zone).date() == day - timedelta(days=1)
    assert times.next_midnight(begin, zone) == times.start_of_day(day + timedelta(days=1), zone)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Oslo", date(2026, 3, 29), 23),
        ("Europe/Oslo", date(2026, 10, 25), 25),
        ("America/Santiago", date(2026, 9, 6), 23),
        ("America/Santiago", date(2026, 9, 5), 24),
        ("Africa/Cairo", date(2026, 4, 24), 23),
        ("Africa/Cairo", date(2026, 10, 29), 25),
        ("UTC", date(2026, 3, 29), 24),
    ],
)
def test_a_whole_day_is_as_long_as_that_day_is(zone: str, day: date, hours: int) -> None:
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(zone)).astimezone(UTC)

    start, end = times.whole_days(noon, noon, ZoneInfo(zone))

    assert end - start == timedelta(hours=hours)


@given(instants, st.timedeltas(timedelta(0), timedelta(days=40)), zones)
def test_whole_days_hold_the_span_and_stay_as_they_are(instant: datetime, length: timedelta, zone: ZoneInfo) -> None:
    start, end = times.whole_days(instant, instant + length, zone)

    assert start <= instant < end
    assert instant + length <= end
    assert times.whole_days(start, end, zone) == (start, end)
    assert end <= times.next_midnight(max(instant, instant + length - timedelta(microseconds=1)), zone)


def test_a_span_needs_an_end_after_its_start_and_within_five_years() -> None:
    for start, end in (("2026-12-01T09:00", "2026-12-01T09:00"), ("2026-12-01T09:00", "2031-12-06T09:00")):
        with pytest.raises(Refusal) as refusal:
            times.read_span(TypedSpan(start, end), OSLO, ("during",))
        assert [(one.code, one.path) for one in refusal.value.errors] == [
            (UserErrorCode.INVALID_TIME, ("during", "end"))
        ]
