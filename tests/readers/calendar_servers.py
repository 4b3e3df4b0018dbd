"""Calendars that others wrote, which keep what is put into them over CalDAV (RFC 4791)."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import httpx2

from tests.e2e.mail_peers import running
from tests.free_ports import free_port

_PROGRAMS = Path(sys.executable).parent
_CALENDAR = """<?xml version="1.0"?>
<mkcalendar xmlns="urn:ietf:params:xml:ns:caldav"/>"""
_QUERY = """<?xml version="1.0"?>
<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">
<D:prop><C:calendar-data/></D:prop>
<C:filter><C:comp-filter name="VCALENDAR">
<C:comp-filter name="VEVENT">{range}</C:comp-filter>
</C:comp-filter></C:filter>
</C:calendar-query>"""
_RANGE = '<C:time-range start="{since:%Y%m%dT%H%M%SZ}" end="{until:%Y%m%dT%H%M%SZ}"/>'


@dataclass(frozen=True)
class CalendarServer:
    """A calendar with room for one object, of which it keeps the last revision."""

    client: httpx2.Client
    path: str

    def keep(self, text: str) -> str:
        """Put the object as a mail program does, without its METHOD (RFC 4791 §4.1), and get it back."""
        body = text.replace("\r\nMETHOD:", "\r\nX-METHOD:").encode()
        put = self.client.put(f"{self.path}/one.ics", content=body, headers={"Content-Type": "text/calendar"})
        assert put.status_code in (201, 204), put.text
        return self.client.get(f"{self.path}/one.ics").text

    def found(self, since: datetime | None = None, until: datetime | None = None) -> list[str]:
        """What it has, or what of it is going on between two UTC instants by the server's own reckoning."""
        between = "" if since is None else _RANGE.format(since=since, until=until)
        headers = {"Depth": "1", "Content-Type": "application/xml"}
        answer = self.client.request("REPORT", f"{self.path}/", content=_QUERY.format(range=between), headers=headers)
        assert answer.status_code == 207, answer.text
        data = ET.fromstring(answer.text).iter("{urn:ietf:params:xml:ns:caldav}calendar-data")
        return [one.text or "" for one in data]


@contextmanager
def radicale(folder: Path) -> Iterator[CalendarServer]:
    port = free_port()
    command = [
        str(_PROGRAMS / "radicale"), "-C", "", "--server-hosts", f"127.0.0.1:{port}", "--auth-type", "none",
        "--storage-filesystem-folder", str(folder / "radicale"),
    ]  # fmt: skip
    with (
        running(command, folder / "radicale.log", port),
        httpx2.Client(base_url=f"http://127.0.0.1:{port}", auth=("siri", "")) as client,
    ):
        assert client.request("MKCALENDAR", "/siri/calendar/", content=_CALENDAR).status_code == 201
        yield CalendarServer(client, "/siri/calendar")


@contextmanager
def xandikos(folder: Path) -> Iterator[CalendarServer]:
    port = free_port()
    command = [
        str(_PROGRAMS / "xandikos"), "serve", "-d", str(folder / "xandikos"), "--state-dir", str(folder / "state"),
        "--defaults", "--autocreate", "--current-user-principal", "/siri/", "-l", "127.0.0.1", "-p", str(port),
    ]  # fmt: skip
    with (
        running(command, folder / "xandikos.log", port),
        httpx2.Client(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        yield CalendarServer(client, "/siri/calendars/calendar")
