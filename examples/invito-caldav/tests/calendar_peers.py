"""Servers of calendars that others wrote, Radicale and Xandikos, and one way of asking them that is listened to."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
from httpx2 import URL
from invito_dav import DavServer, DavSettings

from tests.e2e.mail_peers import running
from tests.free_ports import free_port

_CALENDAR = """<?xml version="1.0"?>
<mkcalendar xmlns="urn:ietf:params:xml:ns:caldav" xmlns:D="DAV:"><D:set><D:prop>{zone}</D:prop></D:set></mkcalendar>"""
_ZONE = """<calendar-timezone>BEGIN:VCALENDAR
BEGIN:VTIMEZONE
TZID:{name}
BEGIN:STANDARD
DTSTART:19701025T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE
END:VCALENDAR
</calendar-timezone>"""


@dataclass(frozen=True)
class Calendars:
    """`home` is the folder that calendars are in."""

    client: httpx2.Client
    home: str

    @property
    def url(self) -> str:
        return f"{str(self.client.base_url).rstrip('/')}/"

    def make(self, path: str, zone: str | None = None) -> str:
        body = _CALENDAR.format(zone=_ZONE.format(name=zone) if zone else "")
        assert self.client.request("MKCALENDAR", path, content=body).status_code == 201
        return path

    def put(self, path: str, name: str, *lines: str) -> None:
        text = "\r\n".join(("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:tests", *lines, "END:VCALENDAR", ""))
        answer = self.client.put(f"{path}{name}.ics", content=text, headers={"Content-Type": "text/calendar"})
        assert answer.status_code in (201, 204), answer.text


@contextmanager
def radicale(folder: Path) -> Iterator[Calendars]:
    port = free_port()
    command = [
        str(Path(sys.executable).parent / "radicale"), "-C", "", "--server-hosts", f"127.0.0.1:{port}",
        "--auth-type", "none", "--storage-filesystem-folder", str(folder / "radicale"),
    ]  # fmt: skip
    with (
        running(command, folder / "radicale.log", port),
        httpx2.Client(base_url=f"http://127.0.0.1:{port}", auth=("invito", "")) as client,
    ):
        yield Calendars(client, "/invito/")


@contextmanager
def xandikos(folder: Path) -> Iterator[Calendars]:
    port = free_port()
    command = [
        str(Path(sys.executable).parent / "xandikos"), "serve", "-d", str(folder / "xandikos"),
        "--state-dir", str(folder / "state"), "--defaults", "--autocreate", "--current-user-principal", "/invito/",
        "-l", "127.0.0.1", "-p", str(port),
    ]  # fmt: skip
    with (
        running(command, folder / "xandikos.log", port),
        httpx2.Client(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        yield Calendars(client, "/invito/calendars/")


def event(uid: str, start: str, end: str, *lines: str) -> tuple[str, ...]:
    """The lines of an event; start and end are written as iCalendar has them, with their parameters if any."""
    begin, until = (one if one.startswith(";") else f":{one}" for one in (start, end))
    return (
        "BEGIN:VEVENT",
        f"UID:{uid}",
        "DTSTAMP:20260101T000000Z",
        f"DTSTART{begin}",
        f"DTEND{until}",
        "SUMMARY:Secret",
        *lines,
        "END:VEVENT",
    )


class Recording(DavServer):
    """Keeps what it was asked for; one that `refuses_free_busy` says that it can, and then answers 404."""

    refuses_free_busy = False

    def __init__(self, url: str) -> None:
        super().__init__(url, DavSettings(user="invito"), seconds=20)
        self.asked: list[str] = []

    async def ask(
        self, method: str, url: URL, body: str, depth: str = "0", headers: Mapping[str, str] | None = None
    ) -> tuple[int, bytes]:
        self.asked.append(next(one for one in ("propfind", "free-busy-query", "calendar-query") if one in body))
        if self.refuses_free_busy and "free-busy-query" in body:
            url = URL(f"{self.url}none/")
        return await super().ask(method, url, body, depth, headers)
