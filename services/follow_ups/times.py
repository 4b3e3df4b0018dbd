"""Times as people type them, turned into instants: wall-clock time, zones, durations, all-day spans (F1)."""

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from invito.plugins.contract import Span
from invito.services.busy.spans import LONGEST_SECONDS
from invito.services.errors import Path, Refusal, UserErrorCode, user_error
from invito.services.follow_ups.commands import TypedSpan

DEFAULT_DURATION = timedelta(hours=1)

_DATE_TIME = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}(?::\d{2})?)(?:[.,]\d{1,9})?([Zz]|[+-]\d{2}:?\d{2})?", re.ASCII
)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
# RFC 5545 §3.3.6 / ISO 8601 without years and months, whose length depends on where they begin.
_DURATION = re.compile(
    r"P(?=[\dT])(?:(\d{1,5})W)?(?:(\d{1,5})D)?(?:T(?=\d)(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,7})S)?)?", re.ASCII
)
# What a follow-up's year may be: Python's own bounds leave no room for a zone's offset.
_FIRST_YEAR, _LAST_YEAR = 1900, 2200


def read_zone(name: str, path: Path) -> ZoneInfo:
    """The zone, whatever capitals its name is typed in; its `key` is the name as it is known.

    :raises Refusal: INVALID_TIME_ZONE, where there is no IANA zone of this name.
    """
    known = _zone_names().get(name.lower())
    if known is None:
        raise Refusal(
            user_error(
                UserErrorCode.INVALID_TIME_ZONE,
                path,
                "There is no time zone {name}: use an IANA name, such as Europe/Oslo.",
                name=repr(name[:64]),
            )
        )
    return ZoneInfo(known)


def read_instant(typed: str, zone: ZoneInfo, path: Path) -> datetime:
    """A UTC instant in whole seconds, from RFC 3339 text; without an offset it is wall-clock time in `zone`.

    :raises Refusal: INVALID_TIME: it is none, does not exist in the zone, or happens twice there.
    """
    parts = _DATE_TIME.fullmatch(typed)
    if is_day(typed):
        raise _invalid(path, "{typed} is a day: add the time, such as T09:00, or make it all day (isAllDay).", typed)
    if parts is None:
        raise _invalid(path, "{typed} is no date and time: write 2026-05-17T09:00, with or without an offset.", typed)
    day, clock, offset = parts.groups()
    try:
        wall = datetime.fromisoformat(f"{day}T{clock}")
        if not _FIRST_YEAR <= wall.year < _LAST_YEAR:
            raise _invalid(path, "{typed} lies outside the years that calendars reach to.", typed)
        if offset:
            return datetime.fromisoformat(f"{day}T{clock}{offset.upper()}").astimezone(UTC)
    except (ValueError, OverflowError):
        raise _invalid(path, "{typed} is no date and time that there is.", typed) from None
    return instant_of(wall, zone, path)


def is_day(typed: str) -> bool:
    """Whether it is written as a day without a time."""
    return _DAY.fullmatch(typed) is not None


def read_moment(typed: str, zone: ZoneInfo, path: Path) -> datetime:
    """The same; a day alone, such as 2026-12-01, is where it begins in the zone.

    :raises Refusal: INVALID_TIME.
    """
    if not is_day(typed):
        return read_instant(typed, zone, path)
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        raise _invalid(path, "{typed} is no date and time that there is.", typed) from None
    if not _FIRST_YEAR <= day.year < _LAST_YEAR:
        raise _invalid(path, "{typed} lies outside the years that calendars reach to.", typed)
    return start_of_day(day, zone)


def instant_of(wall: datetime, zone: ZoneInfo, path: Path) -> datetime:
    """The one UTC instant at which clocks in the zone show this.

    :raises Refusal: INVALID_TIME, where there is none or there are two.
    """
    first, second = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first == second:
        return first
    if first.astimezone(zone).replace(tzinfo=None) != wall:
        raise _invalid(path, "{typed} does not exist in {zone}: clocks go forward then.", wall.isoformat(), zone)
    raise _invalid(
        path, "{typed} happens twice in {zone}: clocks go back then. Add the offset.", wall.isoformat(), zone
    )


class Duration(NamedTuple):
    """A length as it is typed: days by the calendar, which are not equally long, and exact time (RFC 5545 §3.3.6)."""

    days: timedelta
    exact: timedelta

    def after(self, start: datetime, zone: ZoneInfo) -> datetime:
        return clock_time_after(start, self.days, zone) + self.exact


def read_duration(typed: str, path: Path) -> Duration:
    """
    :raises Refusal: INVALID_TIME, where it is no ISO 8601 duration of weeks, days, hours, minutes and seconds.
    """
    parts = _DURATION.fullmatch(typed)
    if parts is None:
        raise _invalid(path, "{typed} is no duration: write PT45M, PT1H30M or P1D.", typed)
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in parts.groups())
    return Duration(timedelta(weeks=weeks, days=days), timedelta(hours=hours, minutes=minutes, seconds=seconds))


def read_span(typed: TypedSpan, zone: ZoneInfo, path: Path) -> Span:
    """A day alone begins at its midnight: of two such, the end is the day after the last.

    :raises Refusal: INVALID_TIME: one of its times is none, or they are no span.
    """
    start = read_moment(typed.start, zone, (*path, "start"))
    end = read_moment(typed.end, zone, (*path, "end"))
    return checked_span(start, end, (*path, "end"))


def checked_span(start: datetime, end: datetime, path: Path) -> Span:
    """
    :raises Refusal: INVALID_TIME, where the end does not come after the start, or too long after it.
    """
    if end <= start:
        raise Refusal(user_error(UserErrorCode.INVALID_TIME, path, "The end must come after the start."))
    if (end - start).total_seconds() > LONGEST_SECONDS:
        raise Refusal(
            user_error(
                UserErrorCode.INVALID_TIME,
                path,
                "That is longer than {days} days, which is as long as it may be.",
                days=LONGEST_SECONDS // 86_400,
            )
        )
    return Span(start, end)


def check_days(start: datetime, typed_end: str | None, end: datetime, zone: ZoneInfo, path: Path) -> None:
    """That days, where the end is typed as one, end after the day that they begin on.

    :raises Refusal: INVALID_TIME, with the day that is meant perhaps.
    """
    first = start.astimezone(zone).date()
    if typed_end is not None and is_day(typed_end) and end.astimezone(zone).date() <= first:
        message = "`end` is the day after the last: write {day} for a single day, or leave it out."
        raise Refusal(user_error(UserErrorCode.INVALID_TIME, path, message, day=first + timedelta(days=1)))


def whole_days(start: datetime, end: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From the midnight before `start` (or at it) to the midnight after `end` (or at it) in the zone."""
    begin, finish = (start_of_day(instant.astimezone(zone).date(), zone) for instant in (start, end))
    if finish < end or finish <= begin:
        finish = next_midnight(end, zone)
    return begin, finish


def next_midnight(start: datetime, zone: ZoneInfo) -> datetime:
    return start_of_day(start.astimezone(zone).date() + timedelta(days=1), zone)


def end_of_day(instant: datetime, zone: ZoneInfo) -> datetime:
    """The first midnight after the day in which the instant lies, in the zone."""
    return next_midnight(instant, zone)


def end_of_the_day_after(end: datetime, zone: ZoneInfo) -> datetime:
    """The end of the day after a follow-up ends, until when an answer can be taken back (F22)."""
    # The end is exclusive: what ends at midnight ended the day before.
    return end_of_day(end_of_day(end - timedelta(seconds=1), zone), zone)


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a day in the zone, which is later than midnight where clocks skip it."""
    # Of a time that is skipped, Python gives the instant with the offset before: what clocks show when they went on.
    return datetime.combine(day, time(), zone).astimezone(UTC)


def clock_time_after(start: datetime, length: timedelta, zone: ZoneInfo) -> datetime:
    """When clocks in the zone show so much more than at `start`: a day of 23 or 25 hours is one day."""
    wall = start.astimezone(zone).replace(tzinfo=None) + length
    return wall.replace(tzinfo=zone).astimezone(UTC)


@lru_cache
def _zone_names() -> dict[str, str]:
    """The names of all zones, by themselves in small letters."""
    return {name.lower(): name for name in available_timezones()}


def _invalid(path: Path, message: str, typed: str, zone: ZoneInfo | None = None) -> Refusal:
    return Refusal(user_error(UserErrorCode.INVALID_TIME, path, message, typed=repr(typed[:40]), zone=zone))
