"""When an event takes place within a window (RFC 5545 §3.8.5), by a bounded number of steps whatever its rule says."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from datetime import MAXYEAR, UTC, date, datetime, time, timedelta
from itertools import takewhile
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from icalendar import Event
from icalendar.prop import vRecur

from invito.plugins.contract import Span

Moment = TypeVar("Moment", bound=date)

_MOST_STEPS = 100_000
_BEYOND = "takes place beyond what a calendar has"
# Years after which the Gregorian calendar repeats, weekdays and all.
_CYCLE = 400
_UNITS = {"SECONDLY": timedelta(seconds=1), "MINUTELY": timedelta(minutes=1), "HOURLY": timedelta(hours=1)}
_PLAIN = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST"}


class UnusableEvent(ValueError):
    """An event whose times cannot be told; the message says why."""


def busy_times_of(event: Event, zone: ZoneInfo, window: Span, replaced: AbstractSet[datetime]) -> Iterator[Span]:
    """The spans of an event that overlap the window, but for those whose start other events stand for.

    :raises UnusableEvent: it has no end that can be told, or its rule takes too many steps.
    """
    start = value_of(event, "DTSTART")
    length = length_of(event, zone)
    if length < timedelta():
        raise UnusableEvent("ends before it starts")
    skipped = {instant_in(one, zone) for one in _dates(event, "EXDATE")} | replaced
    for local, lasts in _starts(event, start, length, zone, window):
        instant, end = instant_in(local, zone), instant_in(_plus(local, lasts), zone)
        if instant in skipped or end <= instant:
            continue
        span = Span(instant, end)
        skipped.add(instant)
        if span.overlaps(window):
            yield span


def instant_in(moment: date, zone: ZoneInfo) -> datetime:
    """A whole day's midnight or a floating time in `zone`, any other time as it is, in UTC.

    A time that the clocks skip is taken as if they had not been put forward yet (§3.3.5).

    :raises UnusableEvent: it is earlier or later than any time there is.
    """
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time())
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError as problem:
        raise UnusableEvent(_BEYOND) from problem


def length_of(event: Event, zone: ZoneInfo) -> timedelta:
    """How long it lasts by the clock of its zone; whole days without an end last one, times none (§3.6.1).

    :raises UnusableEvent: it starts on a day and ends at a time, or the other way round.
    """
    start, end, duration = (value_of(event, name) for name in ("DTSTART", "DTEND", "DURATION"))
    if isinstance(duration, timedelta):
        return duration
    if end is None:
        return timedelta() if isinstance(start, datetime) else timedelta(days=1)
    if not isinstance(end, date) or isinstance(start, datetime) != isinstance(end, datetime):
        raise UnusableEvent("has a start and an end of which one is a day and one a time")
    if isinstance(start, datetime) and isinstance(end, datetime) and start.tzinfo != end.tzinfo:
        return instant_in(end, zone) - instant_in(start, zone)
    length: timedelta = end - start
    return length


def _plus(moment: Moment, length: timedelta) -> Moment:
    try:
        return moment + length
    except OverflowError as problem:
        raise UnusableEvent(_BEYOND) from problem


def value_of(event: Event, name: str) -> Any:
    """The value of a property as icalendar reads it: a date, a time, a length; None where it is not there."""
    return getattr(event.get(name), "dt", None)


def _starts(
    event: Event, start: date, length: timedelta, zone: ZoneInfo, window: Span
) -> Iterator[tuple[date, timedelta]]:
    """The starts as local times, each with its length: the first, those of the rules, and the further dates."""
    yield start, length
    for rule in _all(event, "RRULE"):
        # A start may lie before the window by as much as the event lasts, and local times differ by a day at most.
        first = _plus(window.start, -length - timedelta(days=2))
        for moment in _by_rule(rule, start, zone, first, window.end + timedelta(days=2)):
            yield moment, length
    for further in _dates(event, "RDATE"):
        if isinstance(further, tuple):
            begin, end = further
            yield begin, end if isinstance(end, timedelta) else instant_in(end, zone) - instant_in(begin, zone)
        else:
            yield further, length


def _dates(event: Event, name: str) -> Iterator[Any]:
    """The values of EXDATE or RDATE, on any number of lines: days, times, and of RDATE periods as pairs."""
    for line in _all(event, name):
        for value in line.dts:
            yield value.dt


def _all(event: Event, name: str) -> list[Any]:
    """All properties of this name."""
    found: Any = event.get(name, [])
    return found if isinstance(found, list) else [found]


def _by_rule(rule: vRecur, start: date, zone: ZoneInfo, first: datetime, last: datetime) -> Iterator[date]:
    frequency = str(rule.get("FREQ", [""])[0]).upper()
    if int(rule.get("INTERVAL", [1])[0]) < 1:
        raise UnusableEvent(f"recurs at every {rule['INTERVAL'][0]} steps, which never goes on")
    if frequency in _UNITS:
        if set(rule) - _PLAIN:
            raise UnusableEvent(f"recurs {frequency} with further conditions, which is not read")
        moments = _evenly(rule, instant_in(start, zone), _UNITS[frequency], first)
        return takewhile(lambda moment: moment <= last, moments)
    return _by_calendar(rule, start, zone, first, last)


def _evenly(rule: vRecur, start: datetime, unit: timedelta, first: datetime) -> Iterator[datetime]:
    """Every so many hours, minutes or seconds, in exact time, without counting through the past."""
    step = unit * int(rule.get("INTERVAL", [1])[0])
    until = instant_in(rule["UNTIL"][0], ZoneInfo("UTC")) if "UNTIL" in rule else datetime.max.replace(tzinfo=UTC)
    count = int(rule["COUNT"][0]) if "COUNT" in rule else None
    number = max(0, (first - start) // step)
    while (count is None or number < count) and start + number * step <= until:
        yield start + number * step
        number += 1


def _by_calendar(rule: vRecur, start: date, zone: ZoneInfo, first: datetime, last: datetime) -> Iterator[date]:
    """The dates of a daily, weekly, monthly or yearly rule, by the clock of the event's own zone.

    dateutil looks for the next date up to the year 9999, for seconds where a rule has none. So the rule is run in the
    last cycle of the calendar before that year, in which every date has the weekday that it has now.
    """
    is_day = not isinstance(start, datetime)
    begin = datetime.combine(start, time()) if not isinstance(start, datetime) else start
    own_zone = begin.tzinfo or zone
    local_last = last.astimezone(own_zone).replace(tzinfo=None)
    parts = {name: values for name, values in rule.items() if name != "UNTIL"}
    if "UNTIL" in rule:
        until = rule["UNTIL"][0]
        if not isinstance(until, datetime):
            until = datetime.combine(until, time.max)
        elif until.tzinfo:
            until = until.astimezone(own_zone).replace(tzinfo=None)
        local_last = min(local_last, until)
    if begin.replace(tzinfo=None) > local_last:
        return
    years = (MAXYEAR - local_last.year) // _CYCLE * _CYCLE
    late_last = local_last.replace(year=local_last.year + years)
    try:
        moments = rrulestr(_text_of(parts), dtstart=begin.replace(tzinfo=None, year=begin.year + years))
        for steps, late in enumerate(takewhile(lambda one: one <= late_last, moments)):
            if steps == _MOST_STEPS:
                raise UnusableEvent(f"recurs more than {_MOST_STEPS} times before its end or the window's")
            moment = late.replace(year=late.year - years)
            if moment.replace(tzinfo=own_zone) >= first:
                yield moment.date() if is_day else moment.replace(tzinfo=begin.tzinfo)
    except (ValueError, TypeError, IndexError, KeyError) as problem:
        if isinstance(problem, UnusableEvent):
            raise
        raise UnusableEvent(f"has a rule of recurrence that cannot be read: {problem}") from problem


def _text_of(parts: dict[str, Any]) -> str:
    return str(vRecur(parts).to_ical(), "ascii")  # type: ignore[no-untyped-call]  # icalendar leaves it untyped
