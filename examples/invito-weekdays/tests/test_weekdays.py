"""Which days somebody is busy on, and how a running Invito shows it."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from invito_weekdays import Weekday, days_off

from examples.conftest import Houses
from invito.plugins import Span

OSLO = ZoneInfo("Europe/Oslo")
OFFICE_DAYS: frozenset[Weekday] = frozenset({"mon", "tue", "wed", "thu", "fri"})
WEDNESDAYS: frozenset[Weekday] = frozenset({"wed"})
INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))
AVAILABILITY = """query ($during: TimeSpanInput!) {
    availableParticipants(source: "employees", search: "Kari Nordmann", during: $during) {
        nodes { reference availability { state } } warnings { message } } }"""


def span(start: str, end: str) -> Span:
    return Span(datetime.fromisoformat(start), datetime.fromisoformat(end))


def test_a_weekend_lasts_from_midnight_to_midnight_where_one_is() -> None:
    off = list(days_off(OFFICE_DAYS, OSLO, span("2026-12-04T00:00Z", "2026-12-08T00:00Z")))

    assert off == [
        span("2026-12-05T00:00+01:00", "2026-12-06T00:00+01:00"),
        span("2026-12-06T00:00+01:00", "2026-12-07T00:00+01:00"),
    ]


def test_a_day_on_which_the_clocks_are_put_forward_has_23_hours() -> None:
    (sunday,) = days_off(OFFICE_DAYS, OSLO, span("2026-03-29T10:00Z", "2026-03-29T11:00Z"))

    assert sunday.end - sunday.start == timedelta(hours=23)


def test_until_friday_at_midnight_is_not_saturday() -> None:
    assert list(days_off(OFFICE_DAYS, OSLO, span("2026-12-04T22:00+01:00", "2026-12-05T00:00+01:00"))) == []


@given(INSTANTS, st.timedeltas(timedelta(seconds=1), timedelta(days=60)), st.sampled_from(["Europe/Oslo", "Asia/Gaza"]))
def test_the_days_follow_each_other_and_overlap_what_was_asked_for(
    start: datetime, length: timedelta, zone: str
) -> None:
    asked = Span(start, start + length)

    off = list(days_off(WEDNESDAYS, ZoneInfo(zone), asked))

    assert all(one.overlaps(asked) for one in off)
    assert all(earlier.end <= later.start for earlier, later in pairwise(off))


async def test_an_employee_is_busy_on_her_days_off_and_free_on_the_others(houses: Houses) -> None:
    days = '{"employee:1": ["mon", "tue"]}'
    with houses.serve("invito-weekdays", INVITO_WEEKDAYS_DAYS=days, INVITO_WEEKDAYS_TIME_ZONE="Europe/Oslo") as server:
        states = []
        for day in ("2031-03-04", "2031-03-05"):
            during = {"start": f"{day}T10:00:00+01:00", "end": f"{day}T11:00:00+01:00"}
            found = (await server.ask(AVAILABILITY, during=during))["availableParticipants"]
            assert found["warnings"] == []
            states += [one["availability"]["state"] for one in found["nodes"] if one["reference"] == "employee:1"]

    assert states == ["FREE", "BUSY"]
