"""The times in an iCalendar object, in UTC or as a whole day: never one whose zone is not known."""

import re
from datetime import UTC, date, datetime, timedelta

from icalendar.prop import vDuration

from invito.services.itip.calendar_lines import Block, Line
from invito.services.itip.calendar_zones import Zones
from invito.services.itip.reasons import Reason, Why, why
from invito.services.itip.understood import Instant, Moment, TimeSpan, WholeDay

_TIME = re.compile(
    r"(\d{4})-?(\d\d)-?(\d\d)(?:[T ](\d\d):?(\d\d)(?::?(\d\d)(?:\.\d+)?)?\s*(Z|[+-]\d\d:?\d\d)?)?", re.IGNORECASE
)
# An iOS device writes a property into a parameter: "DTSTART:20260701T080000Z".
_PROPOSED = re.compile(r"(DTSTART|DTEND|DURATION)((?:;[^:;]*)*):\s*([^\s;,/]+)", re.IGNORECASE)
# Far enough from the ends of what a calendar has that any zone's time is within.
_YEARS = range(1900, 2200)


class UnreadableTime(Exception):
    """A time that is not there; `why` says what is the matter with it."""

    def __init__(self, cause: Why) -> None:
        super().__init__(cause.reason.value)
        self.why = cause


class Times:
    """How the times of one object are read."""

    def __init__(self, calendar: Block) -> None:
        self._zones = Zones([block for block in calendar.blocks if block.name == "VTIMEZONE"])
        self._default = calendar.text("X-WR-TIMEZONE") or self._zones.only_one

    def moment(self, line: Line, default_zone: str | None = None) -> Moment:
        """The time of a property; `default_zone` is meant where it names none and the object as a whole neither.

        :raises UnreadableTime: it is no time, or in a zone that nobody knows.
        """
        return self._moment(line.value, line.parameters().get("TZID") or default_zone)

    def span(self, component: Block) -> TimeSpan | None:
        """From DTSTART to DTEND, DUE or for DURATION; None where there is no DTSTART.

        :raises UnreadableTime: one of them is none, or it ends before it begins.
        """
        start = component.first("DTSTART")
        if start is None:
            return None
        end = component.first("DTEND") or component.first("DUE")
        starts, ends = self.moment(start), None if end is None else self.moment(end)
        if ends is None and (duration := component.text("DURATION")):
            ends = _plus(starts, duration)
        if isinstance(ends, WholeDay) and ends == starts:
            # A day that ends on itself is how some programs write a single one.
            ends = WholeDay(ends.day + timedelta(days=1))
        if ends is not None and (type(ends) is not type(starts) or _order(ends) <= _order(starts)):
            raise UnreadableTime(why(Reason.UNREADABLE_TIME, time=_order(ends)))
        return TimeSpan(starts, ends)

    def proposed(self, written: str) -> TimeSpan:
        """The time in a parameter: properties in it, or a start alone, or a start and an end with a slash between.

        :raises UnreadableTime: there is none.
        """
        lines = [Line(name.upper(), parameters, value) for name, parameters, value in _PROPOSED.findall(written)]
        if not lines:
            start, _, end = written.strip().partition("/")
            lines = [Line("DTSTART", "", start), *([Line("DTEND", "", end)] if end else [])]
        found = self.span(Block("VEVENT", lines))
        if found is None:
            raise UnreadableTime(why(Reason.UNREADABLE_TIME, time=written[:100]))
        return found

    def instant(self, line: Line) -> datetime | None:
        """A DTSTAMP: UTC where it names no zone; None where it cannot be read, since other times can stand in."""
        try:
            found = self._moment(line.value, line.parameters().get("TZID") or "UTC")
        except UnreadableTime:
            return None
        return found.at if isinstance(found, Instant) else None

    def _moment(self, written: str, tzid: str | None) -> Moment:
        found = _TIME.fullmatch(written.strip())
        if not found:
            raise UnreadableTime(why(Reason.UNREADABLE_TIME, time=written[:100]))
        year, month, day, hour, minute, second, offset = found.groups()
        if int(year) not in _YEARS:
            raise UnreadableTime(why(Reason.UNREADABLE_TIME, time=written[:100]))
        try:
            if hour is None:
                return WholeDay(date(int(year), int(month), int(day)))
            # A leap second is the one before it.
            local = datetime(int(year), int(month), int(day), int(hour), int(minute), min(int(second or 0), 59))  # noqa: DTZ001
            if offset:
                return Instant((local - _offset(offset)).replace(tzinfo=UTC))
            name = tzid or self._default
            instant = self._zones.instant(local, name) if name else None
        except (ValueError, OverflowError) as problem:
            raise UnreadableTime(why(Reason.UNREADABLE_TIME, time=written[:100])) from problem
        if instant is None:
            raise UnreadableTime(why(Reason.UNKNOWN_ZONE, zone=(name or "")[:100]))
        return Instant(instant)


def _plus(start: Moment, duration: str) -> Moment:
    try:
        length: timedelta = vDuration.from_ical(duration)  # type: ignore[no-untyped-call]  # icalendar leaves it untyped
        return Instant(start.at + length) if isinstance(start, Instant) else WholeDay(start.day + length)
    except (ValueError, OverflowError, TypeError) as problem:
        raise UnreadableTime(why(Reason.UNREADABLE_TIME, time=duration[:100])) from problem


def _order(moment: Moment) -> str:
    return (moment.at if isinstance(moment, Instant) else moment.day).isoformat()


def _offset(written: str) -> timedelta:
    if written in "Zz":
        return timedelta()
    offset = timedelta(hours=int(written[1:3]), minutes=int(written[-2:]))
    return -offset if written[0] == "-" else offset
