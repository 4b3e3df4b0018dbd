"""The busy times that an answer tells: of VFREEBUSY (RFC 5545 §3.6.4), or of events whose recurrence is expanded."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from icalendar import Calendar, Component
from invito_dav import DavFailure

from invito.plugins import Span

# What the parser raises for what it cannot read.
_UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, OverflowError)
_TIMES = ("DTSTART", "DTEND", "DURATION", "FREEBUSY")
_Times = Iterator[tuple[datetime, datetime]]


def free_busy_spans(text: str, asked: Span) -> list[Span]:
    """The parts of `asked` that are not free.

    :raises DavFailure: the answer cannot be read.
    """
    components = _components(text, "VFREEBUSY")
    if not components:
        raise DavFailure("answered with no free-busy times")
    return _read(_periods(components), asked)


def event_spans(texts: Iterable[str], zone: ZoneInfo, asked: Span, address: str | None = None) -> list[Span]:
    """The parts of `asked` that events take. Whole days, and times without a zone, are those of `zone`.

    What the owner of this address (lower case) has declined takes no time of theirs.

    :raises DavFailure: an event cannot be read, or recurs still.
    """
    events = [event for text in texts for event in _components(text, "VEVENT")]
    if any("RRULE" in event or "RDATE" in event for event in events):
        raise DavFailure("answered with events whose recurrence is not expanded")
    return _read(_taken(events, zone, address), asked)


def within(times: Iterable[tuple[datetime, datetime]], asked: Span) -> list[Span]:
    """The parts of `asked` that any of these times take, in order and apart from each other."""
    found: list[Span] = []
    for start, end in sorted(times):
        start, end = max(start, asked.start), min(end, asked.end)  # noqa: PLW2901  # what of it was asked for
        if end <= start:
            continue
        if found and start <= found[-1].end:
            found[-1] = Span(found[-1].start, max(end, found[-1].end))
        else:
            found.append(Span(start, end))
    return found


def zone_of(text: str) -> ZoneInfo | None:
    """The zone that a calendar's `calendar-timezone` defines, if the world knows one of that name."""
    try:
        names = [str(zone.get("TZID", "")) for zone in _components(text, "VTIMEZONE")]
        return ZoneInfo(names[0]) if names else None
    except (DavFailure, ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _read(times: _Times, asked: Span) -> list[Span]:
    try:
        return within(times, asked)
    except _UNREADABLE as problem:
        raise DavFailure(f"answered with times that cannot be read ({type(problem).__name__})") from problem


def _components(text: str, name: str) -> list[Component]:
    try:
        found = [one for calendar in Calendar.from_ical(text, multiple=True) for one in calendar.walk(name)]
    except _UNREADABLE as problem:
        raise DavFailure(f"answered with a calendar that cannot be read ({type(problem).__name__})") from problem
    if any(property_ in _TIMES for one in found for property_, _ in one.errors):
        raise DavFailure("answered with times that cannot be read")
    return found


def _periods(components: Iterable[Component]) -> _Times:
    for component in components:
        for period in _listed(component.get("FREEBUSY")):
            if str(period.params.get("FBTYPE", "BUSY")).upper() != "FREE":
                start, end = period.dt
                begin = _instant(start, UTC)
                yield begin, begin + end if isinstance(end, timedelta) else _instant(end, UTC)


def _taken(events: Iterable[Component], zone: ZoneInfo, address: str | None) -> _Times:
    for event in events:
        is_free = str(event.get("TRANSP", "")).upper() == "TRANSPARENT"
        is_cancelled = str(event.get("STATUS", "")).upper() == "CANCELLED"
        if is_free or is_cancelled or _has_declined(event, address):
            continue
        start, end, length = (getattr(event.get(name), "dt", None) for name in ("DTSTART", "DTEND", "DURATION"))
        if not isinstance(start, date):
            raise ValueError("no start")
        if end is None:
            # A whole day without an end lasts one, a time none.
            end = start + (length or timedelta(days=0 if isinstance(start, datetime) else 1))
        yield _instant(start, zone), _instant(end, zone)


def _has_declined(event: Component, address: str | None) -> bool:
    """Whether the attendee of this address has. An address that is no mailto has it as EMAIL (RFC 7986 §6.2)."""
    answers = []
    for attendee in _listed(event.get("ATTENDEE")):
        known = (str(attendee).lower().removeprefix("mailto:"), str(attendee.params.get("EMAIL", "")).lower())
        if address is not None and address in known:
            answers.append(str(attendee.params.get("PARTSTAT", "")).upper())
    return bool(answers) and set(answers) == {"DECLINED"}


def _instant(moment: date, zone: Any) -> datetime:
    """In UTC; of a day its midnight in `zone`, and a time without a zone likewise."""
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time())
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def _listed(value: Any) -> list[Any]:
    """All values of a property, of which icalendar gives one alone as it is."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
