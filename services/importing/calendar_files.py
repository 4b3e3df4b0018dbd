"""The busy times of an iCalendar file (RFC 5545) within a window: recurrence expanded, bounded, exceptions applied.

Event by event, so that a bad one spoils no other. What is transparent or cancelled makes nobody busy.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from invito.plugins.contract import Span
from invito.services.importing.recurrences import UnusableEvent, busy_times_of, instant_of, value_of
from invito.services.importing.reports import BadRow, UnreadableFile
from invito.services.importing.text_files import lines_of, on_one_line, text_of

_LONGEST_TITLE = 300
_MOST_LINES_OF_AN_EVENT = 50_000
# What the parser raises for what it cannot read.
_UNREADABLE = (ValueError, LookupError, TypeError, AttributeError)


@dataclass(frozen=True, slots=True)
class ExpansionLimits:
    """How far recurrence is expanded around the present, and how many busy times are taken from a file at most."""

    past: timedelta = timedelta(days=366)
    future: timedelta = timedelta(days=731)
    most_spans: int = 10_000

    def window(self, now: datetime) -> Span:
        return Span(now - self.past, now + self.future)


@dataclass(slots=True)
class CalendarContents:
    """The busy times of a file with their titles, in the order of time, and what could not be read."""

    spans: list[tuple[Span, str | None]] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _EventAt:
    line: int
    event: Event

    @property
    def is_override(self) -> bool:
        return "RECURRENCE-ID" in self.event

    @property
    def is_busy(self) -> bool:
        return self._text("TRANSP").upper() != "TRANSPARENT" and self._text("STATUS").upper() != "CANCELLED"

    @property
    def title(self) -> str | None:
        return on_one_line(self._text("SUMMARY"))[:_LONGEST_TITLE] or None

    def _text(self, name: str) -> str:
        """The value of a property, the first where a program wrote several."""
        value = self.event.get(name, "")
        return str(value[0] if isinstance(value, list) else value)


def read_busy_times(path: Path, zone: ZoneInfo, window: Span, most_spans: int) -> CalendarContents:
    """The busy times that overlap the window. Floating times and whole days are those of `zone`.

    :raises UnreadableFile: there is no calendar in it.
    """
    contents = CalendarContents()
    series: dict[str, list[_EventAt]] = defaultdict(list)
    for found in _events(text_of(path), path):
        if isinstance(found, BadRow):
            contents.bad.append(found)
        else:
            series[str(found.event.get("UID", f"line {found.line}"))].append(found)
    taken = islice(_busy_times(series.values(), zone, window, contents.bad), most_spans + 1)
    for event, span in taken:
        if len(contents.spans) == most_spans:
            contents.bad.append(
                BadRow(event.line, f"is left out, with what follows: more than {most_spans} busy times")
            )
        else:
            contents.spans.append((span, event.title))
    contents.spans.sort(key=lambda one: (one[0].start, one[0].end, one[1] or ""))
    return contents


def _busy_times(
    series: Iterable[Sequence[_EventAt]], zone: ZoneInfo, window: Span, bad: list[BadRow]
) -> Iterator[tuple[_EventAt, Span]]:
    """The busy times of all series; of each, the events that stand for one occurrence of it take its place."""
    for events in series:
        overrides = [one for one in events if one.is_override]
        replaced = set[datetime]()
        for override in overrides:
            try:
                replaced.add(instant_of(value_of(override.event, "RECURRENCE-ID"), zone))
            except UnusableEvent as problem:
                bad.append(BadRow(override.line, str(problem)))
        for event in events:
            if not event.is_busy:
                continue
            try:
                for span in busy_times_of(event.event, zone, window, set() if event.is_override else replaced):
                    yield event, span
            except UnusableEvent as problem:
                bad.append(BadRow(event.line, str(problem)))


def _events(text: str, path: Path) -> Iterator[_EventAt | BadRow]:
    """Each event by itself, after the time zones that the file defines are known to the parser."""
    if "BEGIN:VCALENDAR" not in text.upper():
        raise UnreadableFile(f"{path} holds no calendar: no line is BEGIN:VCALENDAR.")
    blocks = list(_blocks(text))
    for name, line, lines in blocks:
        if name == "VTIMEZONE":
            try:
                Calendar.from_ical("\r\n".join(("BEGIN:VCALENDAR", *lines, "END:VCALENDAR", "")))
            except _UNREADABLE as problem:
                yield BadRow(line, f"is a time zone that cannot be read: {problem}")
    for name, line, lines in blocks:
        if name == "VEVENT":
            yield _event(line, lines)


def _event(line: int, lines: Sequence[str]) -> _EventAt | BadRow:
    if lines[-1].strip().upper() != "END:VEVENT" or len(lines) > _MOST_LINES_OF_AN_EVENT:
        return BadRow(line, f"has no END:VEVENT within {_MOST_LINES_OF_AN_EVENT} lines")
    try:
        event = Event.from_ical("\r\n".join((*lines, "")))
    except _UNREADABLE as problem:
        return BadRow(line, f"cannot be read: {problem}")
    if event.errors:
        name, reason = event.errors[0]
        return BadRow(line, f"cannot be read: {name}: {reason}")
    if not isinstance(event, Event) or not isinstance(value_of(event, "DTSTART"), date):
        return BadRow(line, "has no start (DTSTART)")
    if "RECURRENCE-ID" in event and not isinstance(value_of(event, "RECURRENCE-ID"), date):
        return BadRow(line, "stands for an occurrence that cannot be told (RECURRENCE-ID)")
    return _EventAt(line, event)


def _blocks(text: str) -> Iterator[tuple[str, int, list[str]]]:
    """The events and time zones as lines, with the number of their first; one may lack its END."""
    name, begin, lines = "", 0, list[str]()
    for number, line in enumerate(lines_of(text), start=1):
        # A line that begins with a blank goes on the one before it.
        mark = line.rstrip().upper()
        if mark in ("BEGIN:VEVENT", "BEGIN:VTIMEZONE"):
            if name:
                yield name, begin, lines
            name, begin, lines = mark.removeprefix("BEGIN:"), number, []
        if name:
            lines.append(line)
        if name and mark == f"END:{name}":
            yield name, begin, lines
            name = ""
    if name:
        yield name, begin, lines
