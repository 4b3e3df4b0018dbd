"""The calendars of a server: asked whether they changed, and only then for their busy times again."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from httpx2 import URL
from invito_dav import CALDAV, CALENDAR_SERVER, DAV, DavFailure, DavServer, Resource

from invito.plugins import Span
from invito_caldav.busy_times import event_spans, free_busy_spans, within, zone_of
from invito_caldav.settings import CalDavSettings
from invito_caldav.whose import OwnCalendar

_ABOUT = """<?xml version="1.0" encoding="utf-8"?>
<propfind xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:S="http://calendarserver.org/ns/"><prop>
<resourcetype/><supported-report-set/><sync-token/><S:getctag/><getetag/>
<C:calendar-timezone/><C:calendar-timezone-id/></prop></propfind>"""
_FREE_BUSY = """<?xml version="1.0" encoding="utf-8"?>
<C:free-busy-query xmlns:C="urn:ietf:params:xml:ns:caldav"><C:time-range {span}/></C:free-busy-query>"""
_EVENTS = """<?xml version="1.0" encoding="utf-8"?>
<C:calendar-query xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">
<prop><C:calendar-data><C:expand {span}/></C:calendar-data></prop>
<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"><C:time-range {span}/></C:comp-filter>
</C:comp-filter></C:filter></C:calendar-query>"""
_STAMP = "%Y%m%dT%H%M%SZ"
_DAY = timedelta(days=1)
_NOT_THERE = (404, 410)
_OK = 200
_MOST_CALENDARS = 10_000
_MOST_WINDOWS = 8


@dataclass(frozen=True, slots=True)
class _About:
    """What a calendar says of itself. `tag` names its contents; None where it does not say, so that nothing is kept."""

    tag: str | None
    can_free_busy: bool
    zone: ZoneInfo | None


@dataclass(slots=True)
class _Kept:
    """What is known of a calendar since `asked_at`, an instant of the clock; without `about` there is none."""

    asked_at: float | None = None
    about: _About | None = None
    # By what was asked for, and of whom.
    windows: dict[tuple[Span, str | None], list[Span]] = field(default_factory=dict)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def spans_around(self, span: Span, address: str | None) -> list[Span] | None:
        """Those of a window that `span` lies in."""
        own = (key for key in self.windows if key[1] == address)
        around = (key for key in own if key[0].start <= span.start and span.end <= key[0].end)
        return next((self.windows[key] for key in around), None)


class CalendarServer:
    """Keeps busy times of whole days (UTC), so that who looks at an hour and then at the next asks once."""

    def __init__(
        self, server: DavServer, settings: CalDavSettings, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._server, self._settings, self._clock = server, settings, clock
        self._kept: dict[str, _Kept] = {}

    async def busy(self, calendar: OwnCalendar, span: Span) -> list[Span] | None:
        """The parts of `span` that are not free; None where there is no such calendar.

        Where events are asked for, those that the owner has declined leave them free.

        :raises DavFailure: it could not be asked.
        """
        url = self._server.at(calendar.at)
        kept = self._kept.setdefault(url.path, _Kept())
        if len(self._kept) > _MOST_CALENDARS:
            del self._kept[next(iter(self._kept))]
        async with kept.lock:
            await self._look(url, kept)
            if kept.about is None:
                return None
            spans = kept.spans_around(span, calendar.address)
            if spans is None:
                days = _whole_days(span)
                spans = await self._asked(url, kept.about, days, calendar.address)
                if len(kept.windows) == _MOST_WINDOWS:
                    del kept.windows[next(iter(kept.windows))]
                kept.windows[days, calendar.address] = spans
            return within(((one.start, one.end) for one in spans), span)

    async def _look(self, url: URL, kept: _Kept) -> None:
        """Forget what is not so any longer."""
        now = self._clock()
        if kept.asked_at is not None and now - kept.asked_at < self._settings.fresh_seconds:
            return
        about = await self._about(url)
        if about != kept.about or about is None or about.tag is None:
            kept.windows.clear()
        kept.about, kept.asked_at = about, now

    async def _about(self, url: URL) -> _About | None:
        try:
            answer = await self._server.multistatus("PROPFIND", url, _ABOUT)
        except DavFailure as problem:
            if problem.status in _NOT_THERE:
                return None
            raise
        one = next(iter(answer.resources), Resource(""))
        if one.status in _NOT_THERE:
            return None
        if f"{CALDAV}calendar" not in one.names_in(f"{DAV}resourcetype"):
            raise DavFailure("has no calendar there, but something else")
        tags = (f"{DAV}sync-token", f"{CALENDAR_SERVER}getctag", f"{DAV}getetag")
        return _About(
            tag=next(filter(None, map(one.text, tags)), None),
            can_free_busy=f"{CALDAV}free-busy-query" in one.names_in(f"{DAV}supported-report-set"),
            zone=_named_zone(one.text(f"{CALDAV}calendar-timezone-id"))
            or zone_of(one.text(f"{CALDAV}calendar-timezone")),
        )

    async def _asked(self, url: URL, about: _About, days: Span, address: str | None) -> list[Span]:
        report = self._settings.report
        if report == "free-busy" or (report == "auto" and about.can_free_busy):
            try:
                return await self._free_busy(url, days)
            except DavFailure as problem:
                # One that says it can, and refuses, may still tell its events.
                if report == "free-busy" or problem.status is None or problem.status // 100 != 4:
                    raise
        return await self._events(url, about.zone or self._settings.time_zone, days, address)

    async def _free_busy(self, url: URL, days: Span) -> list[Span]:
        status, raw = await self._server.ask("REPORT", url, _FREE_BUSY.format(span=_attributes(days)), "1")
        if status != _OK:
            raise DavFailure(f"answered REPORT with {status}", status)
        return await asyncio.to_thread(free_busy_spans, raw.decode("utf-8", "replace"), days)

    async def _events(self, url: URL, zone: ZoneInfo, days: Span, address: str | None) -> list[Span]:
        # A server may take whole days for those of UTC: what begins or ends a day from there may reach into these.
        around = Span(days.start - _DAY, days.end + _DAY)
        answer = await self._server.multistatus("REPORT", url, _EVENTS.format(span=_attributes(around)), "1")
        texts = [text for one in answer.resources if (text := one.text(f"{CALDAV}calendar-data"))]
        return await asyncio.to_thread(event_spans, texts, zone, days, address)


def _whole_days(span: Span) -> Span:
    last = _midnight(span.end)
    return Span(_midnight(span.start), last if last == span.end else last + _DAY)


def _midnight(moment: datetime) -> datetime:
    return datetime(moment.year, moment.month, moment.day, tzinfo=UTC)


def _attributes(span: Span) -> str:
    return f'start="{span.start.strftime(_STAMP)}" end="{span.end.strftime(_STAMP)}"'


def _named_zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (LookupError, ValueError, OSError):
        return None
