"""The busy times of an iCalendar file (RFC 5545) within a window: recurrence expanded, bounded, exceptions applied.

What is transparent, cancelled, or declined by whose calendar it is makes nobody busy.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

from invito.plugins.contract import Span
from invito.services.importing.calendar_events import CalendarEvent, read_events
from invito.services.importing.recurrences import UnusableEvent, busy_times_of, instant_in, length_of, value_of
from invito.services.importing.reports import BadRow


@dataclass(frozen=True, slots=True)
class ExpansionLimits:
    """How far recurrence is expanded around the present, and how many busy times are taken at most.

    `most_of_an_event` keeps one that recurs every minute from taking the place of all others of the file.
    """

    past: timedelta = timedelta(days=366)
    future: timedelta = timedelta(days=731)
    most_spans: int = 10_000
    most_of_an_event: int = 2_500

    def window(self, now: datetime) -> Span:
        return Span(now - self.past, now + self.future)


@dataclass(slots=True)
class CalendarContents:
    """The busy times of a file with their titles, in the order of time; what could not be read; what makes nobody busy.

    `digests` are those of the events that make busy, within the window or not, by their keys.
    """

    spans: list[tuple[Span, str | None]] = field(default_factory=list)
    digests: dict[str, str] = field(default_factory=dict)
    bad: list[BadRow] = field(default_factory=list)
    free: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)


def read_busy_times(
    path: Path, zone: ZoneInfo, window: Span, limits: ExpansionLimits, address: str | None = None
) -> CalendarContents:
    """The busy times that overlap the window. Floating times and whole days are those of `zone`.

    `address` is that of whose calendar it is.

    :raises UnreadableFile: there is no calendar in it.
    """
    contents = CalendarContents()
    newest = _newest(_good(read_events(path, contents.notes), contents.bad), contents.bad)
    series: dict[str, list[CalendarEvent]] = defaultdict(list)
    for event in newest:
        series[event.uid].append(event)
    events = [(event, replaced) for one in series.values() for event, replaced in _with_replaced(one, zone, contents)]
    for number, (event, replaced) in enumerate(events):
        reason = event.why_free(address)
        if reason:
            contents.free[reason] += 1
            continue
        if event.unknown_zone:
            what = f"names a time zone that there is not, {event.unknown_zone}, and is taken to be in {zone.key}"
            contents.bad.append(BadRow(event.line, what, partly_in=True))
        spans = _spans_of(event, replaced, zone, window, limits, contents)
        if len(contents.spans) + len(spans) > limits.most_spans:
            what = f"is left out, with {len(events) - number - 1} events that follow"
            contents.bad.append(BadRow(event.line, f"{what}: there are more than {limits.most_spans} busy times"))
            break
        contents.spans += [(span, event.title) for span in spans]
    contents.spans.sort(key=lambda one: (one[0].start, one[0].end, one[1] or ""))
    contents.bad.sort(key=lambda row: row.line)
    return contents


def _good(found: Iterable[CalendarEvent | BadRow], bad: list[BadRow]) -> Iterator[CalendarEvent]:
    for one in found:
        if isinstance(one, BadRow):
            bad.append(one)
        else:
            yield one


def _newest(events: Iterable[CalendarEvent], bad: list[BadRow]) -> Collection[CalendarEvent]:
    """Each event once: of several states of it the one of the highest SEQUENCE, of equal ones the last."""
    found: dict[str, CalendarEvent] = {}
    for event in events:
        other = found.get(event.key)
        older, newer = (event, other) if other is not None and other.sequence > event.sequence else (other, event)
        if older is not None:
            bad.append(BadRow(older.line, f"is the same event as line {newer.line}, which counts"))
        found[event.key] = newer
    return found.values()


def _with_replaced(
    series: Sequence[CalendarEvent], zone: ZoneInfo, contents: CalendarContents
) -> Iterator[tuple[CalendarEvent, AbstractSet[datetime]]]:
    """The events of one UID, each with the starts at which others stand for its occurrences."""
    replaced = set[datetime]()
    for event in series:
        if not event.is_override:
            continue
        try:
            replaced.add(instant_in(value_of(event.event, "RECURRENCE-ID"), zone))
        except UnusableEvent as problem:
            contents.bad.append(BadRow(event.line, str(problem)))
        if event.is_of_all_that_follow:
            what = "changes an occurrence and all that follow (RANGE), of which this one alone is changed"
            contents.bad.append(BadRow(event.line, what, partly_in=True))
    for event in series:
        yield event, set() if event.is_override else replaced


def _spans_of(
    event: CalendarEvent,
    replaced: AbstractSet[datetime],
    zone: ZoneInfo,
    window: Span,
    limits: ExpansionLimits,
    contents: CalendarContents,
) -> list[Span]:
    """The busy times of one event; none of one that cannot be used."""
    try:
        spans = list(islice(busy_times_of(event.event, zone, window, replaced), limits.most_of_an_event + 1))
        has_length = bool(length_of(event.event, zone))
    except UnusableEvent as problem:
        contents.bad.append(BadRow(event.line, str(problem)))
        return []
    contents.digests[event.key] = event.digest
    if len(spans) > limits.most_of_an_event:
        what = f"recurs more than {limits.most_of_an_event} times: what follows is left out"
        contents.bad.append(BadRow(event.line, what, partly_in=True))
        spans.pop()
    if not spans:
        contents.free["outside of that time" if has_length else "without an end"] += 1
    return spans
