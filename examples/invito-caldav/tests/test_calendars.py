"""Calendars at Radicale: who is busy there, what is asked again, and what is not."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime
from itertools import count
from typing import Literal
from zoneinfo import ZoneInfo

import pytest
import structlog
from calendar_peers import Calendars, Recording, event, radicale, xandikos
from invito_caldav.answers import BusyTimes
from invito_caldav.calendars import CalendarServer
from invito_caldav.settings import CalDavSettings
from invito_caldav.whose import CalendarMap, OwnCalendar
from invito_dav import DavFailure, ServerAway
from structlog.testing import capture_logs

from invito.plugins import Entry, ParticipantKind, Span
from tests.free_ports import free_port

Report = Literal["auto", "free-busy", "events"]
NUMBERS = count()


def span(start: str, end: str) -> Span:
    return Span(datetime.fromisoformat(start), datetime.fromisoformat(end))


DAY = span("2026-12-01T00:00+01:00", "2026-12-02T00:00+01:00")
WEEK = span("2026-11-30T00:00Z", "2026-12-07T00:00Z")
NINE = ("20261201T080000Z", "20261201T090000Z")
NINE_SPAN = span("2026-12-01T08:00Z", "2026-12-01T09:00Z")


@pytest.fixture(scope="module", params=[radicale])
def peer(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Calendars]:
    with request.param(tmp_path_factory.mktemp("calendars")) as there:
        yield there


@pytest.fixture
def kari(peer: Calendars) -> str:
    """A calendar of her own, new for each test."""
    return peer.make(f"{peer.home}kari-{next(NUMBERS)}/", "Europe/Oslo")


@pytest.fixture
async def server(peer: Calendars) -> AsyncIterator[Recording]:
    one = Recording(peer.url)
    yield one
    await one.close()


def settings(peer: Calendars, report: Report = "auto", fresh_seconds: float = 0) -> CalDavSettings:
    return CalDavSettings(
        url=peer.url, report=report, fresh_seconds=fresh_seconds, call_seconds=20, time_zone=ZoneInfo("Europe/Oslo")
    )


@pytest.mark.parametrize("peer", [radicale, xandikos], indirect=True, scope="module")
@pytest.mark.parametrize("report", ["free-busy", "events"])
async def test_a_calendar_says_when_somebody_is_busy(
    peer: Calendars, server: Recording, kari: str, report: Report
) -> None:
    peer.put(kari, "1", *event("1", *NINE))
    peer.put(kari, "2", *event("2", "20261201T100000Z", "20261201T110000Z", "TRANSP:TRANSPARENT"))
    peer.put(kari, "3", *event("3", "20261201T120000Z", "20261201T130000Z", "STATUS:CANCELLED"))
    weekly = event("4", "20261103T150000Z", "20261103T160000Z", "RRULE:FREQ=WEEKLY", "EXDATE:20261208T150000Z")
    peer.put(kari, "4", *weekly)

    calendars = CalendarServer(server, settings(peer, report))

    assert await calendars.busy(OwnCalendar(kari), DAY) == [NINE_SPAN, span("2026-12-01T15:00Z", "2026-12-01T16:00Z")]
    assert await calendars.busy(OwnCalendar(kari), span("2026-12-08T00:00Z", "2026-12-09T00:00Z")) == []


async def test_what_one_has_declined_takes_the_time_of_others_who_are_asked_about_by_that_calendar(
    peer: Calendars, server: Recording, kari: str
) -> None:
    peer.put(kari, "1", *event("1", *NINE, "ATTENDEE;PARTSTAT=DECLINED:mailto:kari@nordlys.example"))
    calendars = CalendarServer(server, settings(peer, "events", fresh_seconds=1_000))

    for address, busy in ((None, [NINE_SPAN]), ("kari@nordlys.example", []), ("ola@nordlys.example", [NINE_SPAN])):
        assert await calendars.busy(OwnCalendar(kari, address), DAY) == busy


async def test_an_occurrence_that_was_moved_counts_where_it_is(peer: Calendars, server: Recording, kari: str) -> None:
    moved = event("1", "20261202T100000Z", "20261202T110000Z", "RECURRENCE-ID:20261201T080000Z")
    peer.put(kari, "1", *event("1", "20261124T080000Z", "20261124T090000Z", "RRULE:FREQ=WEEKLY;COUNT=2"), *moved)

    for report in ("free-busy", "events"):
        calendars = CalendarServer(server, settings(peer, report))
        assert await calendars.busy(OwnCalendar(kari), WEEK) == [span("2026-12-02T10:00Z", "2026-12-02T11:00Z")]


async def test_a_whole_day_is_one_of_the_calendars_zone(peer: Calendars, server: Recording) -> None:
    gaza = peer.make(f"/invito/gaza-{next(NUMBERS)}/", "America/New_York")
    peer.put(gaza, "1", *event("1", ";VALUE=DATE:20261201", ";VALUE=DATE:20261202"))

    busy = await CalendarServer(server, settings(peer, "events")).busy(OwnCalendar(gaza), WEEK)

    assert busy == [span("2026-12-01T00:00-05:00", "2026-12-02T00:00-05:00")]


async def test_free_busy_times_are_asked_for_where_the_server_can(
    peer: Calendars, server: Recording, kari: str
) -> None:
    await CalendarServer(server, settings(peer)).busy(OwnCalendar(kari), DAY)

    assert server.asked == ["propfind", "free-busy-query"]


async def test_events_are_asked_for_where_free_busy_times_are_refused(
    peer: Calendars, server: Recording, kari: str
) -> None:
    peer.put(kari, "1", *event("1", *NINE))
    server.refuses_free_busy = True

    assert await CalendarServer(server, settings(peer)).busy(OwnCalendar(kari), DAY) == [NINE_SPAN]
    assert server.asked == ["propfind", "free-busy-query", "calendar-query"]


async def test_a_calendar_that_did_not_change_is_not_fetched_again(
    peer: Calendars, server: Recording, kari: str
) -> None:
    peer.put(kari, "1", *event("1", *NINE))
    calendars = CalendarServer(server, settings(peer))
    await calendars.busy(OwnCalendar(kari), DAY)
    server.asked.clear()

    unchanged = await calendars.busy(OwnCalendar(kari), span("2026-12-01T08:30Z", "2026-12-01T12:00Z"))
    asked = server.asked.copy()
    peer.put(kari, "2", *event("2", "20261201T100000Z", "20261201T110000Z"))
    changed = await calendars.busy(OwnCalendar(kari), span("2026-12-01T08:30Z", "2026-12-01T12:00Z"))

    assert asked == ["propfind"]
    assert unchanged == [span("2026-12-01T08:30Z", "2026-12-01T09:00Z")]
    assert changed == [*unchanged, span("2026-12-01T10:00Z", "2026-12-01T11:00Z")]


async def test_for_a_while_it_is_not_even_asked_whether_it_changed(
    peer: Calendars, server: Recording, kari: str
) -> None:
    now = 100.0
    calendars = CalendarServer(server, settings(peer, fresh_seconds=15), lambda: now)
    await calendars.busy(OwnCalendar(kari), DAY)
    server.asked.clear()

    now = 114.0
    await calendars.busy(OwnCalendar(kari), DAY)
    during = server.asked.copy()
    now = 115.0
    await calendars.busy(OwnCalendar(kari), DAY)

    assert during == []
    assert server.asked == ["propfind"]


async def test_who_asks_at_once_asks_the_server_once(peer: Calendars, server: Recording, kari: str) -> None:
    calendars = CalendarServer(server, settings(peer, fresh_seconds=15))

    await asyncio.gather(*(calendars.busy(OwnCalendar(kari), DAY) for _ in range(5)))

    assert server.asked == ["propfind", "free-busy-query"]


async def test_a_calendar_that_is_not_there_is_none_and_what_is_no_calendar_fails(
    peer: Calendars, server: Recording, kari: str
) -> None:
    calendars = CalendarServer(server, settings(peer))

    assert await calendars.busy(OwnCalendar("/invito/nobody/"), DAY) is None
    with pytest.raises(DavFailure, match="no calendar"):
        await calendars.busy(OwnCalendar("/invito/"), DAY)
    with pytest.raises(DavFailure, match="another server"):
        await calendars.busy(OwnCalendar("https://elsewhere.example/kari/"), DAY)


async def nobody(references: Sequence[str]) -> list[Entry | None]:
    return [None for _ in references]


def busy_times(calendars: CalendarServer, own: CalDavSettings, whose: dict[str, str]) -> BusyTimes:
    return BusyTimes(CalendarMap(whose, "", nobody), calendars, own, structlog.get_logger())


async def test_one_calendar_that_is_away_costs_its_own_answer(peer: Calendars, server: Recording, kari: str) -> None:
    peer.put(kari, "1", *event("1", *NINE))
    whose = {"employee:1": kari, "employee:2": "/invito/", "employee:3": "/invito/nobody/"}
    own = settings(peer)
    times = busy_times(CalendarServer(server, own), own, whose)

    with capture_logs() as told:
        found = await times.of(["employee:1", "employee:2", "employee:3", "employee:4"], DAY)

    assert found == {"employee:1": [NINE_SPAN], "employee:2": None}
    assert [line["reasons"] for line in told] == [{"has no calendar there, but something else": 1}]


async def test_what_takes_too_long_is_given_up_for_itself(peer: Calendars, server: Recording, kari: str) -> None:
    class Hanging(Recording):
        async def ask(self, method: str, url: object, *arguments: object, **named: object) -> tuple[int, bytes]:
            if "hanging" in str(url):
                await asyncio.Event().wait()
            return await super().ask(method, url, *arguments, **named)  # type: ignore[arg-type]  # handed on as it is

    hanging, own = Hanging(peer.url), settings(peer, fresh_seconds=1_000)
    calendars = CalendarServer(hanging, own)
    # What is kept already is there whatever time there is.
    await calendars.busy(OwnCalendar(kari), DAY)
    in_a_hurry = own.model_copy(update={"call_seconds": 0.2})

    whose = {"employee:2": "/invito/hanging/", "employee:1": kari}
    found = await busy_times(calendars, in_a_hurry, whose).of(list(whose), DAY)
    await hanging.close()

    assert found == {"employee:1": [], "employee:2": None}


async def test_a_server_that_is_away_is_a_failure() -> None:
    nowhere = f"http://127.0.0.1:{free_port()}/"
    server, own = Recording(nowhere), CalDavSettings(url=nowhere, call_seconds=20)
    times = busy_times(CalendarServer(server, own), own, {"employee:1": "/1/", "employee:2": "/2/"})

    with pytest.raises(ServerAway):
        await times.of(["employee:1", "employee:2"], DAY)
    nobody_is_asked = await times.of(["employee:3"], DAY)
    await server.close()

    assert nobody_is_asked == {}


async def test_a_calendar_is_found_by_reference_by_address_and_by_template() -> None:
    async def resolve(references: Sequence[str]) -> list[Entry | None]:
        assert list(references) == ["employee:1", "employee:2", "employee:3", "csv:7"]
        known = {
            "employee:1": "kari@fjord.example",
            "employee:2": "Aase@fjord.example",
            "employee:3": "o/l?a@fjord.example",
        }
        people = ParticipantKind.EMPLOYEE
        return [Entry(one, people, one, known[one]) if one in known else None for one in references]

    whose = CalendarMap({"employee:1": "/1/", "aase@fjord.example": "/aase/"}, "/of/{address}/work/", resolve)

    found = await whose.of(["employee:1", "employee:2", "employee:3", "csv:7", "email:Eva@dahl.example"])

    assert found == {
        "employee:1": OwnCalendar("/1/", "kari@fjord.example"),
        "employee:2": OwnCalendar("/aase/", "aase@fjord.example"),
        "employee:3": OwnCalendar("/of/o%2Fl%3Fa@fjord.example/work/", "o/l?a@fjord.example"),
        "email:Eva@dahl.example": OwnCalendar("/of/eva@dahl.example/work/", "eva@dahl.example"),
    }
