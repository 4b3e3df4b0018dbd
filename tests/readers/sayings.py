"""What an iCalendar object says, as each of the programs that read it has it, in one form that can be compared."""

import json
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import vobject
from icalendar import Calendar

from tests.conftest import missing

_FOLDER = Path(__file__).parent
_PARAMETERS = ("CN", "CUTYPE", "ROLE", "PARTSTAT", "RSVP")

# A date, or a UTC instant.
Moment = date | datetime


@dataclass(frozen=True)
class Person:
    """An ORGANIZER or ATTENDEE: the address with its parameters, by their names in small letters."""

    address: str
    parameters: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Saying:
    """An object with one VEVENT. All that is not there is None; the times are read by the object's own VTIMEZONE."""

    method: str | None
    uid: str
    sequence: int
    status: str | None
    stamped_at: Moment
    start: Moment
    end: Moment
    occurrence: Moment | None
    summary: str
    location: str | None
    description: str | None
    comment: str | None
    organizer: Person | None
    attendees: tuple[Person, ...]
    resources: tuple[str, ...]


def person(address: str, parameters: Mapping[str, str]) -> Person:
    there = {name.lower(): str(value) for name, value in parameters.items() if value}
    return Person(address, tuple(sorted(there.items())))


def by_icalendar(text: str) -> Saying:
    """icalendar keeps what it cannot read beside the component: nothing may be there."""
    calendar = Calendar.from_ical(text)
    assert len(calendar.walk("VEVENT")) == 1
    assert not [error for component in calendar.walk() for error in component.errors]
    event: Any = calendar.walk("VEVENT")[0]
    # By the rules in the object, and not by those that it knows of the name.
    zones = {zone["TZID"]: zone.to_tz(lookup_tzid=False) for zone in calendar.timezones}

    def moment(name: str) -> Moment | None:
        there = event.get(name)
        if there is None or not isinstance(there.dt, datetime):
            return None if there is None else there.dt
        zone = zones.get(there.params.get("TZID"))
        return (there.dt if zone is None else there.dt.replace(tzinfo=zone)).astimezone(UTC)

    def people(name: str) -> list[Person]:
        return [person(str(one), {key: one.params.get(key, "") for key in _PARAMETERS}) for one in _all(event, name)]

    return Saying(
        method=_text(calendar, "METHOD"),
        **{name: moment(key) for name, key in _MOMENTS.items()},  # type: ignore[arg-type]  # the test compares them
        **{name: _text(event, key) for name, key in _TEXTS.items()},  # type: ignore[arg-type]  # same
        sequence=int(event["SEQUENCE"]),
        organizer=next(iter(people("ORGANIZER")), None),
        attendees=tuple(people("ATTENDEE")),
        resources=tuple(str(one) for value in _all(event, "RESOURCES") for one in getattr(value, "cats", [value])),
    )


def by_vobject(text: str) -> Saying:
    calendar = vobject.readOne(text)
    (event,) = calendar.vevent_list

    def value(component: Any, name: str) -> Any:
        found = getattr(component, name.lower().replace("-", "_"), None)
        return None if found is None else found.value

    def moment(name: str) -> Moment | None:
        there = value(event, name)
        return there.astimezone(UTC) if isinstance(there, datetime) else there

    def people(name: str) -> list[Person]:
        found = getattr(event, f"{name}_list", [])
        # It does not know of RFC 6868, by which a caret is written twice.
        return [
            person(one.value, {key: one.params.get(key, [""])[0].replace("^^", "^") for key in _PARAMETERS})
            for one in found
        ]

    return Saying(
        method=value(calendar, "METHOD"),
        **{name: moment(key) for name, key in _MOMENTS.items()},  # type: ignore[arg-type]  # the test compares them
        **{name: value(event, key) for name, key in _TEXTS.items()},
        sequence=int(event.sequence.value),
        organizer=next(iter(people("organizer")), None),
        attendees=tuple(people("attendee")),
        # It gives several as one list each.
        resources=tuple(one for line in getattr(event, "resources_list", []) for one in line.value),
    )


class IcalJs:
    """ical.js, in one process of node for all objects."""

    def __init__(self) -> None:
        if shutil.which("node") is None:
            missing("node is not installed (Debian: apt install nodejs npm)")
        if not (_FOLDER / "node_modules").is_dir():
            missing("ical.js is not installed: npm ci --prefix tests/readers")
        command = ["node", str(_FOLDER / "icaljs.mjs")]
        self._node = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    def __call__(self, text: str) -> Saying:
        assert self._node.stdin is not None
        assert self._node.stdout is not None
        self._node.stdin.write(json.dumps(text) + "\n")
        said = json.loads(self._node.stdout.readline())
        assert "problem" not in said, said
        moments = {name: _moment(said[name]) for name in _MOMENTS}
        people = [_person(one) for one in said["attendees"]]
        organizer = None if said["organizer"] is None else _person(said["organizer"])
        lists = {"attendees": tuple(people), "resources": tuple(said["resources"])}
        return Saying(**(said | moments | lists | {"organizer": organizer}))

    def end(self) -> None:
        self._node.terminate()
        self._node.wait()


_MOMENTS = {"stamped_at": "DTSTAMP", "start": "DTSTART", "end": "DTEND", "occurrence": "RECURRENCE-ID"}
_TEXTS = {
    "uid": "UID", "status": "STATUS", "summary": "SUMMARY", "location": "LOCATION", "description": "DESCRIPTION",
    "comment": "COMMENT",
}  # fmt: skip


def _moment(written: str | int | None) -> Moment | None:
    if written is None:
        return None
    return date.fromisoformat(written) if isinstance(written, str) else datetime.fromtimestamp(written, UTC)


def _person(there: dict[str, str]) -> Person:
    return person(there["address"], {name: value for name, value in there.items() if name != "address"})


def _text(component: Any, name: str) -> str | None:
    return None if component.get(name) is None else str(component[name])


def _all(component: Any, name: str) -> Sequence[Any]:
    there: Iterable[Any] = component.get(name, [])
    return list(there) if isinstance(there, list) else [there]
