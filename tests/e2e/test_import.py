"""An address book and a calendar that other programs wrote, imported by the command line, and used."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import httpx2
import pytest

from tests.e2e.conftest import KARI

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.e2e.conftest import Server, Start

    Import = Callable[..., str]

pytest.importorskip("khard", reason="khard writes the address book")
pytest.importorskip("radicale", reason="Radicale exports address book and calendar")

PROGRAMS = Path(sys.executable).parent
OSLO = ZoneInfo("Europe/Oslo")
ASE = "ase.odegard@nordlys.example"
_PATIENCE_SECONDS = 60

CONTACTS = [
    {"First name": "Kari", "Last name": "Nordmann", "Categories": "[Salg, Ledelse]", "Email": KARI},
    {"First name": "Åse", "Last name": "Ødegård", "Categories": "[Salg]", "Email": ASE},
    {"First name": "Per", "Last name": "Aas", "Categories": "[Drift]", "Email": "per.aas@nordlys.example"},
]
# The Monday after next, so that what is asked about is within the window that recurrence is expanded in.
_TODAY = datetime.now(OSLO).date()
MONDAY = _TODAY + timedelta(days=14 - _TODAY.weekday())
CALENDAR = f"""BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Nordlys//Test//EN
BEGIN:VEVENT
UID:weekly@nordlys.example
DTSTAMP:20260101T000000Z
DTSTART;TZID=Europe/Oslo:{MONDAY:%Y%m%d}T100000
DTEND;TZID=Europe/Oslo:{MONDAY:%Y%m%d}T110000
RRULE:FREQ=WEEKLY;COUNT=30
EXDATE;TZID=Europe/Oslo:{MONDAY + timedelta(days=7):%Y%m%d}T100000
SUMMARY:Kanarifugl hos legen
END:VEVENT
BEGIN:VEVENT
UID:reminder@nordlys.example
DTSTAMP:20260101T000000Z
DTSTART;VALUE=DATE:{MONDAY:%Y%m%d}
TRANSP:TRANSPARENT
SUMMARY:Bursdag
END:VEVENT
END:VCALENDAR
"""

SEARCH = """query ($search: String!, $during: TimeSpanInput) {
    availableParticipants(source: "employees", search: $search, during: $during) {
        nodes { reference name title email availability { state conflicts { start end title followUp { id } } } } } }"""
GROUPS = '{ participantSource(key: "employees") { containers { nodes { name memberCount } } } }'
CREATE = """mutation ($input: CreateFollowUpInput!) { createFollowUp(input: $input) {
    errors { code } followUp { hasConflict participants { nodes { name hasConflict } } } } }"""


def written_by_khard(folder: Path) -> list[Path]:
    """The cards that khard makes of the contacts."""
    book = folder / "book"
    book.mkdir()
    settings = folder / "khard.conf"
    settings.write_text(f"[addressbooks]\n[[office]]\npath = {book}\n[general]\ndefault_action = list\n")
    for contact in CONTACTS:
        lines = [f"{name}: {value}" for name, value in contact.items() if name != "Email"]
        typed = "\n".join([*lines, "Title: Rådgiver", "Email:", f"    work: {contact['Email']}", ""])
        command: list[Path | str] = [PROGRAMS / "khard", "-c", settings, "new", "-a", "office"]
        subprocess.run(command, input=typed.encode(), check=True, capture_output=True, timeout=_PATIENCE_SECONDS)
    return sorted(book.glob("*.vcf"))


@pytest.fixture
def radicale(tmp_path: Path) -> Iterator[httpx2.Client]:
    """Asks a Radicale that stores what it is given, and exports it as one file a collection."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{taken.getsockname()[1]}"
    kept = str(tmp_path / "radicale")
    options = ["--server-hosts", address, "--storage-filesystem-folder", kept, "--auth-type", "none"]
    with (tmp_path / "radicale.log").open("wb") as log:
        process = subprocess.Popen([str(PROGRAMS / "radicale"), "-C", "", *options], stdout=log, stderr=log)
    try:
        with httpx2.Client(base_url=f"http://{address}", auth=("kari", "")) as client:
            _wait_until_there(client, process, tmp_path / "radicale.log")
            yield client
    finally:
        process.terminate()
        process.wait()


@pytest.fixture
def take_in(database_url: str) -> Import:
    """`invito import` into the database; what it says at the end."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("INVITO_")}

    def run(*arguments: object) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "invito", "import", *map(str, arguments)],
            env=environment | {"INVITO_DATABASE_URL": database_url},
            capture_output=True,
            text=True,
            check=False,
            timeout=_PATIENCE_SECONDS,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        counts, _, where = done.stdout.strip().rpartition("\n")
        assert where.startswith("Kept in ")
        return counts

    return run


async def test_an_address_book_and_a_calendar_of_other_programs_are_used(
    radicale: httpx2.Client, take_in: Import, start: Start, tmp_path: Path
) -> None:
    cards = "".join(card.read_text(encoding="utf-8") for card in written_by_khard(tmp_path))
    book = exported(radicale, "contacts", "text/vcard", cards, tmp_path / "people.vcf")
    calendar = exported(radicale, "calendar", "text/calendar", CALENDAR, tmp_path / "ase.ics")

    assert take_in("employees", book) == "3 added, 0 changed, 0 unchanged, 0 not taken in."
    assert take_in("employees", book) == "0 added, 0 changed, 3 unchanged, 0 not taken in."
    times, counts = take_in("busy", calendar, "--of", ASE).splitlines()
    assert "29 busy times" in times
    assert "1 shown as free" in times
    assert counts == "1 added, 0 changed, 0 unchanged, 0 not taken in."
    assert take_in("busy", calendar, "--of", ASE).endswith("0 added, 0 changed, 1 unchanged, 0 not taken in.")
    server = start()

    await the_people_are_there(server)
    await the_busy_times_are_conflicts(server)


async def the_people_are_there(server: Server) -> None:
    groups = (await server.ask(GROUPS))["participantSource"]["containers"]["nodes"]
    names = {search: [one["name"] for one in await found(server, search)] for search in ("øde", "ode", "ås", "nor k")}

    assert {one["name"]: one["memberCount"] for one in groups} == {"Drift": 1, "Ledelse": 1, "Salg": 2}
    assert names == {"øde": ["Åse Ødegård"], "ode": [], "ås": ["Per Aas", "Åse Ødegård"], "nor k": ["Kari Nordmann"]}
    (ase,) = await found(server, "øde")
    assert (ase["title"], ase["email"]) == ("Rådgiver", ASE)


async def the_busy_times_are_conflicts(server: Server) -> None:
    """The weekly hour is seen as busy, with what only by whose calendar it is; the week that was left out is free."""
    (busy,) = await found(server, "øde", during=hour(MONDAY))
    (own,) = await found(server, "øde", during=hour(MONDAY), viewer=ASE)
    (left_out,) = await found(server, "øde", during=hour(MONDAY + timedelta(days=7)))
    (after,) = await found(server, "øde", during=hour(MONDAY, at=11))
    (later,) = await found(server, "øde", during=hour(MONDAY + timedelta(days=28 * 7)))
    invitees = [{"participant": {"reference": busy["reference"]}}]
    meeting = {"type": "APPOINTMENT", "title": "Møte", **hour(MONDAY), "invitees": invitees}
    made = (await server.ask(CREATE, input=meeting))["createFollowUp"]

    assert busy["availability"]["state"] == "BUSY"
    (conflict,) = busy["availability"]["conflicts"]
    assert (conflict["title"], conflict["followUp"]) == (None, None)
    assert {name: instant(conflict[name]) for name in ("start", "end")} == {
        name: instant(value) for name, value in hour(MONDAY).items()
    }
    assert own["availability"]["conflicts"][0]["title"] == "Kanarifugl hos legen"
    assert [one["availability"]["state"] for one in (left_out, after, later)] == ["FREE", "FREE", "BUSY"]
    assert made["errors"] == []
    assert made["followUp"]["hasConflict"]
    assert [one["hasConflict"] for one in made["followUp"]["participants"]["nodes"]] == [False, True]


async def found(
    server: Server, search: str, *, during: dict[str, str] | None = None, viewer: str = KARI
) -> list[dict[str, Any]]:
    page = await server.ask(SEARCH, viewer, search=search, during=during)
    entries: list[dict[str, Any]] = page["availableParticipants"]["nodes"]
    return entries


def hour(day: date, at: int = 10) -> dict[str, str]:
    start = datetime(day.year, day.month, day.day, at, tzinfo=OSLO)
    return {"start": start.isoformat(), "end": start.replace(hour=at + 1).isoformat()}


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def exported(radicale: httpx2.Client, name: str, kind: str, content: str, file: Path) -> Path:
    """The file that Radicale exports of a collection with this content."""
    stored = radicale.put(f"/kari/{name}/", content=content.encode(), headers={"Content-Type": kind})
    assert stored.status_code == 201
    file.write_bytes(radicale.get(f"/kari/{name}/").content)
    return file


def _wait_until_there(client: httpx2.Client, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            client.get("/")
        except httpx2.TransportError:
            time.sleep(0.05)  # between two looks; what is waited for is the answer
        else:
            return
    pytest.fail(f"Radicale did not start:\n{log.read_text()}")
