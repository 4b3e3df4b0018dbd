"""The events of an iCalendar file (RFC 5545), each read by itself, so that a bad one spoils no other.

An event is known by UID and RECURRENCE-ID, and is the same as long as what says when it is and what it is called is.
"""

import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from icalendar import Calendar, Event

from invito.services.addresses import address_key
from invito.services.importing.marked_blocks import Block, blocks_of
from invito.services.importing.recurrences import value_of
from invito.services.importing.reports import BadRow, UnreadableFile
from invito.services.importing.text_files import on_one_line, text_of

_LONGEST_TITLE = 300
_MOST_LINES_OF_AN_EVENT = 50_000
# What the parser raises for what it cannot read.
_UNREADABLE = (ValueError, LookupError, TypeError, AttributeError)
# What says when an event takes place.
_TIMES = ("DTSTART", "DTEND", "DURATION", "RECURRENCE-ID", "RRULE", "RDATE", "EXDATE")
_NOT_READ = ("VTODO", "VJOURNAL", "VFREEBUSY")


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """An event that starts at a time that can be told. `line` is that of its BEGIN."""

    line: int
    event: Event

    @property
    def uid(self) -> str:
        """RFC 5545 demands one; without, an event is known by what it says."""
        return self._text("UID") or f"without UID: {self.digest}"

    @property
    def key(self) -> str:
        """What the event is known by from file to file, as a digest."""
        return sha256(f"{self.uid}\n{self._written('RECURRENCE-ID')}".encode()).hexdigest()

    @property
    def digest(self) -> str:
        """Of when it is and what it is called. Programs write new DTSTAMPs at each export, so these do not count."""
        meant = [self._written(name) for name in (*_TIMES, "SUMMARY")]
        return sha256(repr(meant).encode()).hexdigest()

    @property
    def sequence(self) -> int:
        value = self._text("SEQUENCE")
        return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else 0

    @property
    def is_override(self) -> bool:
        return "RECURRENCE-ID" in self.event

    @property
    def is_of_all_that_follow(self) -> bool:
        return self.is_override and "RANGE" in self.event["RECURRENCE-ID"].params

    @property
    def title(self) -> str | None:
        return on_one_line(self._text("SUMMARY"))[:_LONGEST_TITLE] or None

    @property
    def unknown_zone(self) -> str | None:
        """The zone of its start, where neither the file nor the world has it."""
        zone = self.event["DTSTART"].params.get("TZID")
        start = value_of(self.event, "DTSTART")
        return str(zone) if zone and isinstance(start, datetime) and start.tzinfo is None else None

    def why_free(self, address: str | None) -> str | None:
        """Why it makes whoever has this address not busy, in a word; None where it does."""
        if self._text("STATUS").upper() == "CANCELLED":
            return "cancelled"
        if self._text("TRANSP").upper() == "TRANSPARENT":
            return "shown as free"
        return "declined" if address and address_key(address) in self._declined_by() else None

    def _declined_by(self) -> set[str]:
        return {
            address_key(str(attendee).lower().removeprefix("mailto:"))
            for attendee in _listed(self.event.get("ATTENDEE"))
            if str(attendee.params.get("PARTSTAT", "")).upper() == "DECLINED"
        }

    def _text(self, name: str) -> str:
        """The value of a property, the first where a program wrote several."""
        return str(next(iter(_listed(self.event.get(name))), "")).strip()

    def _written(self, name: str) -> list[tuple[str, str]]:
        return [
            (str(value.params.get("TZID", "")), value.to_ical().decode("utf-8", "replace"))
            for value in _listed(self.event.get(name))
        ]


def read_events(path: Path, notes: list[str]) -> Iterator[CalendarEvent | BadRow]:
    """The events in the file's order, after the time zones that it defines are known to the parser.

    :raises UnreadableFile: there is no calendar in it.
    """
    text = text_of(path, notes)
    if "BEGIN:VCALENDAR" not in text.upper():
        raise UnreadableFile(f"{path} holds no calendar: no line is BEGIN:VCALENDAR.")
    blocks = list(blocks_of(text, ("VEVENT", "VTIMEZONE", *_NOT_READ)))
    others = Counter(block.name for block in blocks if block.name in _NOT_READ and block.has_begin)
    notes += [f"{number} {name} are not read: events (VEVENT) are." for name, number in sorted(others.items())]
    for block in blocks:
        if block.name == "VTIMEZONE" and block.has_begin:
            try:
                Calendar.from_ical("\r\n".join(("BEGIN:VCALENDAR", *block.lines, "END:VCALENDAR", "")))
            except _UNREADABLE as problem:
                yield BadRow(block.line, f"is a time zone that cannot be read: {problem}")
    for block in blocks:
        if block.name == "VEVENT":
            yield _event(block)


def _event(block: Block) -> CalendarEvent | BadRow:
    if not block.has_begin:
        return BadRow(block.line, "ends an event (END:VEVENT) that has no BEGIN:VEVENT")
    if not block.has_end or len(block.lines) > _MOST_LINES_OF_AN_EVENT:
        return BadRow(block.line, f"has no END:VEVENT within {_MOST_LINES_OF_AN_EVENT} lines")
    try:
        # It warns of zones whose names it has to guess, which is as good as it gets.
        with warnings.catch_warnings(action="ignore"):
            event = Event.from_ical("\r\n".join((*_without_alarms(block.lines), "")))
    except _UNREADABLE as problem:
        return BadRow(block.line, f"cannot be read: {problem}")
    spoilt = [(name, reason) for name, reason in event.errors if name in _TIMES]
    if spoilt:
        name, reason = spoilt[0]
        return BadRow(block.line, f"cannot be read: {name}: {reason}")
    if not isinstance(event, Event) or not isinstance(value_of(event, "DTSTART"), date):
        return BadRow(block.line, "has no start (DTSTART)")
    if "RECURRENCE-ID" in event and not isinstance(value_of(event, "RECURRENCE-ID"), date):
        return BadRow(block.line, "stands for an occurrence that cannot be told (RECURRENCE-ID)")
    return CalendarEvent(block.line, event)


def _without_alarms(lines: Sequence[str]) -> Iterator[str]:
    """The lines that are the event's own: what is wrong with an alarm is nothing to us."""
    is_alarm = False
    for line in lines:
        mark = line.rstrip().upper()
        if mark == "BEGIN:VALARM":
            is_alarm = True
        if not is_alarm or mark == "END:VEVENT":
            yield line
        if mark == "END:VALARM":
            is_alarm = False


def _listed(value: Any) -> list[Any]:
    """All values of a property, of which icalendar gives one alone as it is."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
