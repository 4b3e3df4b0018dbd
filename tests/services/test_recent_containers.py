"""While a source is down, what it listed to the same viewer is shown, and said to be old; to nobody else."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from invito.plugins import Source, hookimpl, page_of_containers
from invito.plugins.contract import (
    Container,
    ContainerKind,
    ContainerPage,
    ContainerQuery,
    Label,
    Language,
    PageRequest,
)
from invito.plugins.source import SourceContext
from invito.services.caller import Caller
from invito.services.house import House
from invito.services.paging import PageAsk
from invito.services.participants.containers import ContainerList, containers
from invito.services.recent_containers import RecentContainers, Seen
from invito.services.source_desk import SourceDesk
from tests.services.conftest import Office

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
PAGE = ContainerPage([Container("1", "Floor", ContainerKind.OTHER)])


class Hotel(Source):
    """Lists the floors of whoever asks, until it is down."""

    key, directories = "hotel", frozenset({"hotel"})
    label = container_label = all_label = Label("Hotel", "Hotell")
    is_down = False

    def containers(self, context: SourceContext, query: ContainerQuery) -> ContainerPage:
        if self.is_down:
            raise ConnectionError
        assert context.viewer is not None
        return page_of_containers([Container("1", f"Floor of {context.viewer.email}", ContainerKind.OTHER)], query)


class Innkeeper:
    def __init__(self, hotel: Hotel) -> None:
        self._hotel = hotel

    @hookimpl
    def invito_participant_sources(self) -> Sequence[Source]:
        return [self._hotel]


@pytest.fixture
def hotel(office: Office) -> Hotel:
    made = Hotel()
    office.house.plugins.load([Innkeeper(made)])
    return made


@pytest.fixture
def house(office: Office, hotel: Hotel) -> House:
    """The office's house with a clock that stands at noon."""
    recent = RecentContainers(now=lambda: NOON)
    return replace(office.house, desk=SourceDesk(office.house.plugins, office.house.desk.directory, recent))


async def listed(house: House, caller: Caller, search: str | None = None) -> ContainerList:
    return await containers(house, caller, "hotel", search, PageAsk(50))


async def test_what_a_source_listed_is_shown_while_it_is_down_with_its_time(
    office: Office, house: House, hotel: Hotel
) -> None:
    before = await listed(house, office.kari)
    hotel.is_down = True

    shown = await listed(house, office.kari)

    assert before.warnings == ()
    assert shown.items == before.items
    assert shown.cursors == before.cursors
    assert [(one.source, one.message) for one in shown.warnings] == [
        ("hotel", "Hotel (Innkeeper): failed (ConnectionError). This is what it listed on 1 Dec 2026 13:00.")
    ]


async def test_nobody_is_shown_what_was_listed_to_somebody_else(office: Office, house: House, hotel: Hotel) -> None:
    await listed(house, office.kari)
    hotel.is_down = True

    for other in (
        office.ola,
        replace(office.kari, language=Language.NB),
        replace(office.kari, time_zone="Europe/London"),
        replace(office.kari, identity=replace(office.kari.identity, is_administrator=True)),
    ):
        assert (await listed(house, other)).items == ()
    assert (await listed(house, office.kari, "fl")).items == ()


async def test_once_it_is_up_again_it_is_asked_again(office: Office, house: House, hotel: Hotel) -> None:
    await listed(house, office.kari)
    hotel.is_down = True
    await listed(house, office.kari)
    hotel.is_down = False

    assert (await listed(house, office.kari)).warnings == ()


def seen(number: int = 0) -> Seen:
    return Seen("hotel", None, Language.EN, "Europe/Oslo", ContainerQuery(PageRequest(50), str(number)))


def test_what_is_too_old_is_not_shown() -> None:
    present = NOON
    recent = RecentContainers(timedelta(hours=1), lambda: present)
    recent.keep(seen(), PAGE)

    present += timedelta(minutes=59)
    assert recent.page(seen()) is not None

    present += timedelta(minutes=1)
    assert recent.page(seen()) is None


def test_nothing_is_shown_where_nothing_may_be_kept() -> None:
    recent = RecentContainers(timedelta(0), lambda: NOON)
    recent.keep(seen(), PAGE)

    assert recent.page(seen()) is None


def test_of_many_pages_the_last_ones_are_kept() -> None:
    recent = RecentContainers(now=lambda: NOON)
    for number in range(201):
        recent.keep(seen(number), PAGE)

    assert recent.page(seen(0)) is None
    assert recent.page(seen(1)) is not None
    assert recent.page(seen(200)) is not None
