"""The busy times of an iCalendar file (RFC 5545) within a window: recurrence expanded, bounded, exceptions applied.

Event by event, so that a bad one spoils no other. What is transparent or cancelled makes nobody busy.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from invito.plugins.contract import Span
from invito.services.importing.recurrences import EndlessRule, Occurrence, at, occurrences_of
from invito.services.importing.reports import BadRow, UnreadableFile
from invito.services.importing.text_files import cleaned, text_of

_LONGEST_TITLE = 300
_MOST_LINES_OF_AN_EVENT = 50_000


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
        return (
            str(self.event.get("TRANSP", "OPAQUE")).upper() != "TRANSPARENT"
            and str(self.event.get("STATUS", "")).upper() != "CANCELLED"
        )

    @property
    def title(self) -> str | None:
        return cleaned(str(self.event.get("SUMMARY", "")))[:_LONGEST_TITLE] or None


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
    for events in series.values():
        for event, occurrence in _occurrences(events, zone, window, contents.bad):
            if len(contents.spans) == most_spans:
                reason = f"is the first that was left out: only {most_spans} busy times are taken from a file"
                contents.bad.append(BadRow(event.line, reason))
                break
            contents.spans.append((occurrence.span, event.title))
        if len(contents.spans) == most_spans and contents.bad and "left out" in contents.bad[-1].reason:
            break
    contents.spans.sort(key=lambda one: (one[0].start, one[0].end, one[1] or ""))
    return contents


def _events(text: str, path: Path) -> Iterator[_EventAt | BadRow]:
    """Each event by itself, with the time zones that the file defines known to the parser."""
    blocks = list(_blocks(text))
    if "BEGIN:VCALENDAR" not in text.upper():
        raise UnreadableFile(f"{path} holds no calendar: no line is BEGIN:VCALENDAR.")
    zones = "\r\n".join(line for name, _, lines in blocks if name == "VTIMEZONE" for line in lines)
    try:
        Calendar.from_ical(
            f"BEGIN:VCALENDAR\r\n{zones}\r\nEND:VCALENDAR\r\n" if zones else "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
        )
    except (ValueError, LookupError, TypeError) as problem:
        yield BadRow(1, f"defines a time zone that cannot be read: {problem}")
    for name, line, lines in blocks:
        if name == "VEVENT":
            yield _event(line, lines)
