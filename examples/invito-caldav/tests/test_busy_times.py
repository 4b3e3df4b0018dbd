"""What an answer tells, whatever a server writes: spans are half-open, in UTC, within what was asked, and apart."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from calendar_peers import event
from hypothesis import given
from hypothesis import strategies as st
from invito_caldav.busy_times import event_spans, free_busy_spans, within, zone_of
from invito_dav import DavFailure

from invito.plugins import Span

OSLO = ZoneInfo("Europe/Oslo")
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 1, 5), timezones=st.sampled_from([UTC, OSLO]))
STAMP = "%Y%m%dT%H%M%SZ"


def span(start: str, end: str) -> Span:
    return Span(datetime.fromisoformat(start), datetime.fromisoformat(end))


DAY = span("2026-12-01T00:00Z", "2026-12-02T00:00Z")


def calendar(*lines: str) -> str:
    return "\r\n".join(("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:tests", *lines, "END:VCALENDAR", ""))


def free_busy(*lines: str) -> str:
    return calendar("BEGIN:VFREEBUSY", "DTSTAMP:20260101T000000Z", *lines, "END:VFREEBUSY")


@given(st.lists(st.tuples(INSTANTS, INSTANTS)), INSTANTS, st.timedeltas(timedelta(seconds=1), timedelta(days=3)))
def test_spans_are_half_open_in_utc_and_within_what_was_asked(
    times: list[tuple[datetime, datetime]], start: datetime, length: timedelta
) -> None:
    asked = Span(start, start + length)

    found = within(times, asked)

    assert all(asked.start <= one.start < one.end <= asked.end for one in found)
    assert all(one.start.tzinfo is UTC and one.end.tzinfo is UTC for one in found)
    assert all(earlier.end < later.start for earlier, later in pairwise(found))


@given(st.lists(st.tuples(INSTANTS, INSTANTS)), INSTANTS)
def test_a_moment_is_busy_exactly_where_one_of_the_times_has_it(
    times: list[tuple[datetime, datetime]], moment: datetime
) -> None:
    found = within(times, span("2025-12-31T00:00Z", "2026-01-06T00:00Z"))

    assert any(one.start <= moment < one.end for one in found) == any(start <= moment < end for start, end in times)


@given(st.lists(st.tuples(INSTANTS, st.timedeltas(timedelta(seconds=1), timedelta(days=2)))))
def test_events_and_free_busy_times_tell_the_same(times: list[tuple[datetime, timedelta]]) -> None:
    whole = [(one.astimezone(UTC).replace(microsecond=0), length) for one, length in times]
    spans = [(start, start + timedelta(seconds=int(length.total_seconds()))) for start, length in whole]
    written = [(start.strftime(STAMP), end.strftime(STAMP)) for start, end in spans]
    asked = span("2026-01-02T00:00Z", "2026-01-04T00:00Z")

    of_events = event_spans([calendar(*event("u", *one)) for one in written], OSLO, asked)
    of_free_busy = free_busy_spans(free_busy(*(f"FREEBUSY:{start}/{end}" for start, end in written)), asked)

    assert of_events == of_free_busy == within(spans, asked)


def test_free_busy_times_may_be_ends_or_lengths_and_free_ones_do_not_count() -> None:
    text = free_busy(
        "FREEBUSY;FBTYPE=BUSY:20261201T080000Z/PT1H,20261201T100000Z/20261201T110000Z",
        "FREEBUSY;FBTYPE=BUSY-TENTATIVE:20261201T120000Z/PT30M",
        "FREEBUSY;FBTYPE=FREE:20261201T140000Z/PT1H",
    )

    assert free_busy_spans(text, DAY) == [
        span("2026-12-01T08:00Z", "2026-12-01T09:00Z"),
        span("2026-12-01T10:00Z", "2026-12-01T11:00Z"),
        span("2026-12-01T12:00Z", "2026-12-01T12:30Z"),
    ]


def test_events_that_make_nobody_busy_do_not_count() -> None:
    texts = [
        calendar(*event("u1", "20261201T080000Z", "20261201T090000Z", "TRANSP:TRANSPARENT")),
        calendar(*event("u2", "20261201T100000Z", "20261201T110000Z", "STATUS:CANCELLED")),
        calendar(*event("u3", "20261201T120000Z", "20261201T120000Z")),
        calendar(*event("u4", "20261201T140000Z", "20261201T150000Z", "STATUS:TENTATIVE", "TRANSP:OPAQUE")),
    ]

    assert event_spans(texts, OSLO, DAY) == [span("2026-12-01T14:00Z", "2026-12-01T15:00Z")]


@pytest.mark.parametrize(
    ("attendees", "is_busy"),
    [
        (["ATTENDEE;PARTSTAT=DECLINED:mailto:Kari@nordlys.example"], False),
        (["ATTENDEE;PARTSTAT=declined:MAILTO:kari@nordlys.example"], False),
        (['ATTENDEE;PARTSTAT=DECLINED;EMAIL="kari@nordlys.example":urn:uuid:1'], False),
        (["ATTENDEE;PARTSTAT=TENTATIVE:mailto:kari@nordlys.example"], True),
        (["ATTENDEE:mailto:kari@nordlys.example"], True),
        (["ATTENDEE:mailto:kari@nordlys.example", "ATTENDEE;PARTSTAT=DECLINED:mailto:ola@nordlys.example"], True),
        (["ATTENDEE;PARTSTAT=DECLINED:mailto:kari@nordlys.example", "ATTENDEE:mailto:ola@nordlys.example"], False),
    ],
)
def test_what_the_owner_has_declined_leaves_them_free(attendees: list[str], is_busy: bool) -> None:
    text = calendar(*event("1", "20261201T080000Z", "20261201T090000Z", *attendees))

    found = event_spans([text], OSLO, DAY, "kari@nordlys.example")

    assert bool(found) is is_busy
    assert event_spans([text], OSLO, DAY) == [span("2026-12-01T08:00Z", "2026-12-01T09:00Z")]


@pytest.mark.parametrize(
    "lines", [(";VALUE=DATE:20261201", ";VALUE=DATE:20261202"), ("20261201T000000", "20261202T000000")]
)
def test_whole_days_and_times_without_a_zone_are_those_of_the_calendar(lines: tuple[str, str]) -> None:
    around = span("2026-11-30T00:00Z", "2026-12-03T00:00Z")

    assert event_spans([calendar(*event("u", *lines))], OSLO, around) == [
        span("2026-12-01T00:00+01:00", "2026-12-02T00:00+01:00")
    ]


def test_a_whole_day_without_an_end_is_one_day() -> None:
    text = calendar("BEGIN:VEVENT", "UID:u", "DTSTART;VALUE=DATE:20260329", "END:VEVENT")

    assert event_spans([text], OSLO, span("2026-03-28T00:00Z", "2026-03-31T00:00Z")) == [
        span("2026-03-29T00:00+01:00", "2026-03-30T00:00+02:00")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<html>",
        calendar(),
        free_busy("FREEBUSY:20261201T080000Z"),
        free_busy("FREEBUSY:yesterday/PT1H"),
    ],
)
def test_free_busy_times_that_cannot_be_read_are_no_free_time(text: str) -> None:
    with pytest.raises(DavFailure):
        free_busy_spans(text, DAY)


@pytest.mark.parametrize(
    "lines",
    [
        event("u", "20261201T080000Z", "yesterday"),
        (*event("u", ";VALUE=DATE:20261201", "20261201T090000Z")[:3], "END:VEVENT"),
        event("u", "20261101T080000Z", "20261101T090000Z", "RRULE:FREQ=SECONDLY"),
        event("u", "20261101T080000Z", "20261101T090000Z", "RDATE:20261201T080000Z"),
    ],
    ids=["no time", "no start", "a rule that is not expanded", "dates that are not expanded"],
)
def test_events_that_cannot_be_read_are_no_free_time(lines: tuple[str, ...]) -> None:
    with pytest.raises(DavFailure):
        event_spans([calendar(*lines)], OSLO, DAY)


def test_a_zone_is_known_by_its_name() -> None:
    assert zone_of(calendar("BEGIN:VTIMEZONE", "TZID:Europe/Oslo", "END:VTIMEZONE")) == OSLO
    assert zone_of(calendar("BEGIN:VTIMEZONE", "TZID:Our own", "END:VTIMEZONE")) is None
    assert zone_of("") is None
