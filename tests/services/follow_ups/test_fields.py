"""What becomes of a follow-up's fields (F1): read from what was typed, all errors together."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from invito.services.errors import Refusal, UserErrorCode
from invito.services.follow_ups.commands import CreateFollowUp, FieldChanges
from invito.services.follow_ups.fields import changed_follow_up, new_follow_up
from invito.services.follow_ups.values import FollowUp, FollowUpType, Priority, ShowAs, Visibility

if TYPE_CHECKING:
    from tests.services.conftest import Make


def created(make: Make, start: str = "2026-12-01T09:00", zone: str = "Europe/Oslo", **fields: Any) -> FollowUp:
    command = CreateFollowUp(FollowUpType.TASK, fields.pop("title", "Budget"), start, **fields)
    return new_follow_up(command, make.follow_up().owner, zone, "8a3b", make.now)


def span(follow_up: FollowUp) -> tuple[str, str]:
    """Its start and end in UTC, to the minute."""
    return follow_up.start.strftime("%m-%d %H:%M"), follow_up.end.strftime("%m-%d %H:%M")


def test_it_lasts_an_hour_where_nothing_else_is_said(make: Make) -> None:
    assert span(created(make)) == ("12-01 08:00", "12-01 09:00")


def test_it_ends_when_its_end_or_its_duration_says(make: Make) -> None:
    assert span(created(make, end="2026-12-01T11:30")) == ("12-01 08:00", "12-01 10:30")
    assert span(created(make, duration="PT15M")) == ("12-01 08:00", "12-01 08:15")


def test_its_own_zone_goes_before_the_callers(make: Make) -> None:
    there = created(make, time_zone="America/New_York")

    assert span(there) == ("12-01 14:00", "12-01 15:00")
    assert there.time_zone == "America/New_York"


@pytest.mark.parametrize(
    ("fields", "days"),
    [
        ({}, ("11-30 23:00", "12-01 23:00")),
        ({"start": "2026-12-01"}, ("11-30 23:00", "12-01 23:00")),
        ({"start": "2026-12-01", "end": "2026-12-02"}, ("11-30 23:00", "12-01 23:00")),
        ({"start": "2026-12-01", "end": "2026-12-03"}, ("11-30 23:00", "12-02 23:00")),
        ({"start": "2026-12-01", "duration": "P2D"}, ("11-30 23:00", "12-02 23:00")),
        ({"end": "2026-12-03T00:00"}, ("11-30 23:00", "12-02 23:00")),
        ({"end": "2026-12-03T12:00"}, ("11-30 23:00", "12-03 23:00")),
        ({"end": "2026-12-01T09:00"}, ("11-30 23:00", "12-01 23:00")),
        ({"start": "2026-12-01T00:00", "duration": "P2D"}, ("11-30 23:00", "12-02 23:00")),
        ({"start": "2026-03-29T00:00", "duration": "P1D"}, ("03-28 23:00", "03-29 22:00")),
        ({"start": "2026-10-25T00:00", "duration": "P1D"}, ("10-24 22:00", "10-25 23:00")),
        ({"start": "2026-03-28T00:00", "duration": "P3D"}, ("03-27 23:00", "03-30 22:00")),
    ],
)
def test_all_day_is_from_midnight_to_midnight_however_long_the_days_are(
    make: Make, fields: dict[str, str], days: tuple[str, str]
) -> None:
    assert span(created(make, is_all_day=True, **fields)) == days


def test_all_errors_come_together_each_with_its_field(make: Make) -> None:
    with pytest.raises(Refusal) as refusal:
        created(make, title=" ", description="\x07", location="a\nb", time_zone="Oslo")

    assert [(one.code, one.path) for one in refusal.value.errors] == [
        (UserErrorCode.INVALID_INPUT, ("title",)),
        (UserErrorCode.INVALID_INPUT, ("description",)),
        (UserErrorCode.INVALID_INPUT, ("location",)),
        (UserErrorCode.INVALID_TIME_ZONE, ("timeZone",)),
    ]


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"start": "2026-03-29T02:30"}, "start"),
        ({"end": "2026-12-01T09:00"}, "end"),
        ({"end": "2026-12-01T08:00", "is_all_day": True}, "end"),
        ({"end": "2026-12-01T10:00", "duration": "PT1H"}, "duration"),
        ({"start": "2026-12-01"}, "start"),
        ({"end": "2026-12-02"}, "end"),
        ({"start": "2026-12-01", "end": "2026-12-01", "is_all_day": True}, "end"),
        ({"start": "2026-12-02", "end": "2026-12-01", "is_all_day": True}, "end"),
        ({"duration": "PT0S"}, "duration"),
        ({"duration": "P99999W"}, "duration"),
        ({"duration": "an hour"}, "duration"),
    ],
)
def test_a_time_that_is_none_is_refused_at_its_field(make: Make, fields: dict[str, Any], path: str) -> None:
    with pytest.raises(Refusal) as refusal:
        created(make, **fields)

    assert [(one.code, one.path) for one in refusal.value.errors] == [(UserErrorCode.INVALID_TIME, (path,))]


def test_the_end_of_all_day_that_names_its_own_day_is_told_which_is_meant(make: Make) -> None:
    with pytest.raises(Refusal, match="write 2026-12-02 for a single day"):
        created(make, start="2026-12-01", end="2026-12-01", is_all_day=True)


def test_an_empty_zone_is_none_and_not_the_default(make: Make) -> None:
    with pytest.raises(Refusal) as refusal:
        created(make, time_zone="")

    assert [(one.code, one.path) for one in refusal.value.errors] == [(UserErrorCode.INVALID_TIME_ZONE, ("timeZone",))]


def test_a_zone_is_kept_by_its_known_name(make: Make) -> None:
    assert created(make, time_zone="america/new_york").time_zone == "America/New_York"
    assert changed_follow_up(make.follow_up(), FieldChanges(time_zone="asia/tokyo")).time_zone == "Asia/Tokyo"


def test_all_day_is_moved_by_days_alone(make: Make) -> None:
    there = created(make, start="2026-12-01", end="2026-12-03", is_all_day=True)

    moved = changed_follow_up(there, FieldChanges(start="2026-12-10"))
    shortened = changed_follow_up(there, FieldChanges(start="2026-12-10", end="2026-12-11"))

    assert span(moved) == ("12-09 23:00", "12-11 23:00")
    assert span(shortened) == ("12-09 23:00", "12-10 23:00")
    with pytest.raises(Refusal, match="write 2026-12-11 for a single day"):
        changed_follow_up(there, FieldChanges(start="2026-12-10", end="2026-12-10"))


def test_what_is_left_out_stays_and_what_is_none_is_cleared(make: Make) -> None:
    there = make.follow_up(
        description="All of it", location="Kaien", priority=Priority.HIGH, show_as=ShowAs.FREE,
        visibility=Visibility.OWNER, is_completed=True,
    )  # fmt: skip
    cleared = FieldChanges(
        description=None, location=None, priority=None, show_as=None, visibility=None, is_completed=None
    )

    assert changed_follow_up(there, FieldChanges()) == there
    assert changed_follow_up(there, cleared) == replace(
        there, description=None, location=None, priority=Priority.MEDIUM, show_as=ShowAs.BUSY,
        visibility=Visibility.ALL, is_completed=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        (FieldChanges(start=None), "start"),
        (FieldChanges(end=None), "end"),
        (FieldChanges(time_zone=None), "timeZone"),
        (FieldChanges(end="2026-11-30T12:00"), "end"),
        (FieldChanges(start="yesterday"), "start"),
    ],
)
def test_a_follow_up_always_has_a_time(make: Make, changes: FieldChanges, path: str) -> None:
    with pytest.raises(Refusal) as refusal:
        changed_follow_up(make.follow_up(), changes)

    assert [(one.code, one.path) for one in refusal.value.errors] == [(UserErrorCode.INVALID_TIME, (path,))]


def test_a_new_start_alone_keeps_the_length(make: Make) -> None:
    moved = changed_follow_up(make.follow_up(), FieldChanges(start="2026-12-02T15:00"))

    assert span(moved) == ("12-02 14:00", "12-02 15:00")


def test_a_new_zone_alone_keeps_the_instants(make: Make) -> None:
    there = make.follow_up()

    moved = changed_follow_up(there, FieldChanges(time_zone="Asia/Tokyo"))

    assert (moved.start, moved.end, moved.time_zone) == (there.start, there.end, "Asia/Tokyo")


def all_day(make: Make, start: datetime, end: datetime) -> FollowUp:
    return make.follow_up(start=start, end=end, is_all_day=True)


@pytest.mark.parametrize(
    ("before", "to", "days"),
    [
        ("2026-03-28", "2026-03-29T00:00", ("03-28 23:00", "03-29 22:00")),
        ("2026-10-25", "2026-12-01T10:00", ("11-30 23:00", "12-01 23:00")),
        ("2026-03-29", "2026-03-30T00:00", ("03-29 22:00", "03-30 22:00")),
    ],
)
def test_one_whole_day_stays_one_whole_day_when_it_moves_past_a_change_of_clocks(
    make: Make, before: str, to: str, days: tuple[str, str]
) -> None:
    there = created(make, f"{before}T00:00", is_all_day=True)

    assert span(changed_follow_up(there, FieldChanges(start=to))) == days


def test_whole_days_keep_their_dates_in_a_new_zone(make: Make) -> None:
    there = created(make, "2026-12-01T00:00", is_all_day=True)

    moved = changed_follow_up(there, FieldChanges(time_zone="America/New_York"))

    assert span(moved) == ("12-01 05:00", "12-02 05:00")


def test_what_becomes_all_day_takes_the_days_that_it_touches(make: Make) -> None:
    there = make.follow_up(start=datetime(2026, 12, 1, 21, tzinfo=UTC), end=datetime(2026, 12, 2, 1, tzinfo=UTC))

    whole = changed_follow_up(there, FieldChanges(is_all_day=True))

    assert whole.end - whole.start == timedelta(days=2)
    assert changed_follow_up(whole, FieldChanges(title="Other")) == replace(whole, title="Other")
