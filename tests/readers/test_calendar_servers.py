"""What goes out is kept by calendars that others wrote, and comes back as it was meant: Radicale and Xandikos."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain

import pytest

from tests.readers.calendar_servers import CalendarServer, radicale, xandikos
from tests.readers.outgoing import SEASONS, ZONES, Outgoing, in_zones, outgoing, with_crowds, with_names
from tests.readers.sayings import Saying, by_icalendar
from tests.services.conftest import Make

MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module", params=[radicale, xandikos])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CalendarServer]:
    with request.param(tmp_path_factory.mktemp("calendar")) as there:
        yield there


def as_kept(one: Outgoing) -> Saying:
    return replace(one.says, method=None)


def test_an_object_comes_back_as_it_was_meant(server: CalendarServer) -> None:
    chosen = ("Lord_Howe REQUEST", "Lord_Howe CANCEL", "REQUEST, 1,000 with 2", "CANCEL, 0 with 2")
    others = ((label, one) for label, one in chain(in_zones(), with_crowds()) if any(some in label for some in chosen))
    meant = dict(chain(with_names(), others))

    kept = {label: by_icalendar(server.keep(one.text)) for label, one in meant.items()}

    assert {label: one for label, one in kept.items() if one != as_kept(meant[label])} == {}


def test_an_object_is_found_as_it_was_meant(server: CalendarServer) -> None:
    meant = outgoing(name='Nordmann, Kari "Kaffe" 👩🏽‍💻', comment="Vel møtt;\nta med kake")
    server.keep(meant.text)

    (found,) = server.found()

    assert by_icalendar(found) == as_kept(meant)


@pytest.mark.parametrize("start", SEASONS)
@pytest.mark.parametrize("server", [radicale], indirect=True, scope="module")
def test_an_object_is_going_on_from_its_start_to_its_end(server: CalendarServer, start: datetime) -> None:
    """Not so by Xandikos, which takes a local time for UTC where it looks what is going on (0.4.10)."""
    end = start + timedelta(minutes=90)
    found = {}
    for zone in ZONES:
        server.keep(outgoing(follow_up=Make().follow_up(start=start, end=end, time_zone=zone)).text)
        around = (start - MINUTE, start), (start, start + MINUTE), (end - MINUTE, end), (end, end + MINUTE)
        found[zone] = [len(server.found(since, until)) for since, until in around]

    assert {zone: times for zone, times in found.items() if times != [0, 1, 1, 0]} == {}
