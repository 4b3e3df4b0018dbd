"""A plugin that fails, in any way and anywhere, costs its own answer; a warning names it and says why (F29)."""

import asyncio
import importlib
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import pytest
from structlog.testing import capture_logs

from invito.plugins import hookimpl
from invito.plugins.circuit_breaker import SourceHealth
from invito.plugins.contract import (
    EntryPage,
    Label,
    Language,
)
from invito.plugins.events import EmailSent, FollowUpChanged, ParticipantsInvited, ParticipantsRemoved, StatusChanged
from invito.plugins.mail import InvitationMail, MailMessage
from invito.plugins.plugin_manager import PluginManager
from invito.plugins.source import Source
from invito.services.busy.availability import AvailabilityState
from invito.services.directory import Directory
from invito.services.errors import Refusal, UserErrorCode
from invito.services.events.recording import HOOKS
from invito.services.follow_ups.commands import TypedEmail, TypedSpan
from invito.services.house import House
from invito.services.paging import PageAsk
from invito.services.participants.containers import containers
from invito.services.participants.listing import AvailableAsk, ListedPage, available_participants
from invito.services.participants.people import resolve_people
from invito.services.participants.searching import search_participants
from invito.services.participants.sources import offered_sources
from invito.services.source_desk import SourceDesk
from invito.sources import BUILT_IN
from tests.chaos import (
    GOOD,
    HASTY,
    HOUR,
    KINDS,
    NOON,
    ROOM,
    Kind,
    each_kind,
    hooked,
    let_go,  # noqa: F401  # a fixture
)
from tests.services.conftest import Office

T = TypeVar("T")

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

AT_NOON = TypedSpan("2026-12-01T12:00Z", "2026-12-01T13:00Z")


def hotel(broken: str, kind: Kind) -> object:
    """A plugin with a source that is broken in this one method."""
    methods = {name: kind.make(name) if name == broken else GOOD[name] for name in Source.__dict__.keys() & GOOD.keys()}
    label = Label("Hotel", "Hotell")
    named = {"key": "hotel", "label": label, "container_label": label, "all_label": label}
    flags = {"directories": frozenset({"hotel"}), "offers_all": True, "searches_participants": True}
    source = type("Hotel", (Source,), named | flags | {name: _method(one) for name, one in methods.items()})()

    class Innkeeper:
        @hookimpl
        def invito_participant_sources(self) -> Sequence[Source]:
            return [source]

    return Innkeeper()


def _method(function: Callable[..., Any]) -> Callable[..., Any]:
    if asyncio.iscoroutinefunction(function):

        async def on_loop(_: Source, *arguments: Any) -> Any:
            return await function(*arguments)

        return on_loop
    return lambda _, *arguments: function(*arguments)


@pytest.fixture
def opened(office: Office) -> Iterator[Callable[[object, Kind], House]]:
    """The office's house with another plugin and its limits."""
    managers = []

    def open_with(plugin: object, kind: Kind) -> House:
        manager = PluginManager(kind.limits)
        managers.append(manager)
        manager.load((importlib.import_module(name) for name in BUILT_IN), built_in=True)
        manager.load([plugin])
        return replace(office.house, plugins=manager, desk=SourceDesk(manager, Directory(office.house.database)))

    yield open_with
    for manager in managers:
        manager.close()


async def last(kind: Kind, ask: Callable[[], Awaitable[T]]) -> T:
    """What the call answers that the fault shows in."""
    answer = await ask()
    return await ask() if kind.is_late else answer


def names(page: ListedPage) -> list[str]:
    return [one.entry.name.split()[0] for one in page.items]


def assert_warned(kind: Kind, warnings: Sequence[Any], source: str) -> None:
    """There is one warning, which names the plugin and the cause."""
    if kind.cause is None:
        assert list(warnings) == []
        return
    (warning,) = warnings
    assert warning.source == source
    assert "Innkeeper" in warning.message
    assert kind.cause in warning.message


async def listed(house: House, office: Office, source: str, during: TypedSpan | None = None) -> ListedPage:
    return await available_participants(house, office.kari, AvailableAsk(source, during=during), PageAsk(50))


Opened = Callable[[object, Kind], House]


@each_kind
async def test_containers(office: Office, opened: Opened, kind: Kind) -> None:
    house = opened(hotel("containers", kind), kind)
    theirs = await last(kind, lambda: containers(house, office.kari, "hotel", None, PageAsk(50)))

    ours = await containers(house, office.kari, "employees", None, PageAsk(50))

    assert_warned(kind, theirs.warnings, "hotel") if not kind.is_late else assert_stale(theirs.warnings, kind)
    assert [one.name for one in ours.items] == ["Sales", "Support"]
    assert ours.warnings == ()


def assert_stale(warnings: Sequence[Any], kind: Kind) -> None:
    """What it listed before is shown, and said to be old."""
    assert_warned(kind, warnings, "hotel")
    assert "This is what it listed on" in warnings[0].message


@each_kind
async def test_participants(office: Office, opened: Opened, kind: Kind) -> None:
    house = opened(hotel("participants", kind), kind)
    theirs = await last(kind, lambda: listed(house, office, "hotel"))

    ours = await listed(house, office, "employees")
    searched = await search_participants(house, office.kari, "ka", None, None, PageAsk(50))

    assert_warned(kind, theirs.warnings, "hotel")
    assert {"Kari", "Ola", "Eva"} <= set(names(ours))
    assert ours.warnings == ()
    assert "Kari" in names(searched)
    assert_warned(kind, searched.warnings, "hotel")


@each_kind
async def test_resolve(office: Office, opened: Opened, kind: Kind) -> None:
    house = opened(hotel("resolve", kind), kind)
    known, errors = await last(
        kind, lambda: resolve_people(house, office.kari, [(office.ref.ola, ("0",)), ("hotel:1", ("1",))])
    )

    assert known[0] is not None
    assert known[0].entry.reference == office.ref.ola
    if kind.cause is None:
        assert errors == []
        return
    assert [error.code for error in errors] == [UserErrorCode.SOURCE_UNAVAILABLE]
    assert "Hotel (Innkeeper): " in errors[0].message
    assert kind.cause in errors[0].message


@each_kind
async def test_find(office: Office, opened: Opened, kind: Kind) -> None:
    house = opened(hotel("find", kind), kind)
    searched = await last(
        kind, lambda: search_participants(house, office.kari, "ola@nordlys.example", None, None, PageAsk(50))
    )
    typed = [(TypedEmail(address), (address,)) for address in ("ola@nordlys.example", "new@x.example")]
    known, errors = await resolve_people(house, office.kari, typed)

    assert names(searched) == ["Ola"]
    assert_warned(kind, searched.warnings, "hotel")
    assert errors == []
    assert [one and one.entry.reference for one in known] == [office.ref.ola, "email:new@x.example"]


@each_kind
async def test_busy(office: Office, opened: Opened, kind: Kind) -> None:
    house = opened(hotel("busy", kind), kind)
    theirs = await last(kind, lambda: listed(house, office, "hotel", AT_NOON))

    ours = await listed(house, office, "employees", AT_NOON)

    assert names(theirs) == ["Kammer"]
    assert_warned(kind, theirs.warnings, "hotel")
    expected = AvailabilityState.FREE if kind.cause is None else AvailabilityState.UNKNOWN
    assert [one.availability.state for one in theirs.items] == [expected]
    assert ours.warnings == ()
    assert {one.availability.state for one in ours.items} == {AvailabilityState.FREE}


@each_kind
async def test_extending_a_page(office: Office, opened: Opened, kind: Kind) -> None:
    house = opened(hooked("invito_extend_participants", kind), kind)
    ours = await last(kind, lambda: listed(house, office, "employees"))

    assert {"Kari", "Ola", "Eva"} <= set(names(ours))
    assert_warned(kind, ours.warnings, "Innkeeper")


@each_kind
async def test_further_calendars(office: Office, opened: Opened, kind: Kind) -> None:
    busy = await office.create(start="2026-12-01T12:00Z", by=office.ola)
    house = opened(hooked("invito_busy_spans", kind), kind)
    ours = await last(kind, lambda: listed(house, office, "employees", AT_NOON))

    states = {one.entry.name.split()[0]: one.availability.state for one in ours.items}
    assert busy
    assert states["Ola"] is AvailabilityState.BUSY
    assert states["Eva"] is (AvailabilityState.FREE if kind.cause is None else AvailabilityState.UNKNOWN)
    assert_warned(kind, ours.warnings, "Innkeeper")


MAIL = InvitationMail(
    "8a3b", "REQUEST", "Budget", NOON, HOUR.end, None, "Kari", "employee:2", "Ola", "ola@nordlys.example", Language.EN,
    "Europe/Oslo",
)  # fmt: skip
EVENTS = {
    "invito_email_sent": EmailSent("8a3b", "employee:1", "REQUEST", "<1@invito.example>", NOON),
    "invito_follow_up_changed": FollowUpChanged("8a3b", 2, is_cancelled=False, occurred_at=NOON),
    "invito_participants_invited": ParticipantsInvited("8a3b", ("employee:1",), NOON),
    "invito_participants_removed": ParticipantsRemoved("8a3b", ("employee:1",), NOON),
    "invito_status_changed": StatusChanged("8a3b", "employee:1", "ACCEPTED", NOON),
}


@each_kind
@pytest.mark.parametrize("hook", HOOKS)
async def test_being_told(office: Office, opened: Opened, kind: Kind, hook: str) -> None:
    told: list[object] = []

    def note(_: object, event: object) -> None:
        told.append(event)

    house = opened(hooked(hook, kind), kind)
    house.plugins.load([type("Listener", (), {hook: hookimpl(note)})()])

    with capture_logs() as lines:
        await house.plugins.hooks.tell(hook, EVENTS[hook])
        await asyncio.sleep(0)

    assert told == [EVENTS[hook]]
    if "wrong answer" in (kind.cause or ""):  # nobody looks at what a listener answers
        return
    logged = [line for line in lines if line["event"] == kind.logged and line["plugin"] == "Innkeeper"]
    assert [line["call"] for line in logged] == [hook]


@each_kind
async def test_changing_a_mail(opened: Opened, kind: Kind) -> None:
    house = opened(hooked("invito_compose_email", kind), kind)
    message = MailMessage("Budget", "Come", "<p>Come")

    with capture_logs() as lines:
        composed = [await house.plugins.hooks.compose(message, MAIL) for _ in range(2)]
        await asyncio.sleep(0)

    assert composed == [message, message]
    logged = [line for line in lines if line["event"] == kind.logged and line["plugin"] == "Innkeeper"]
    assert {line["call"] for line in logged} == {"invito_compose_email"}


async def test_calls_that_hang_in_threads_of_the_loop_leave_some_to_everybody_else(
    office: Office, opened: Opened
) -> None:
    # More than the loop's default executor ever has threads.
    most = 40
    kind = replace(KINDS["hangs in to_thread"], limits=replace(HASTY, calls_at_once=most, failures_in_a_row=None))
    house = opened(hotel("participants", kind), kind)
    (hanging,) = [one for one in house.plugins.sources.values() if one.source.key == "hotel"]

    async def well(*_: object) -> EntryPage:
        return await asyncio.to_thread(lambda: EntryPage([replace(ROOM, reference="well:1")]))

    class Neighbour:
        @hookimpl
        def invito_participant_sources(self) -> Sequence[Source]:
            made = {"participants": well, "key": "well", "directories": frozenset({"well"})}
            return [type("Well", (type(hanging.source),), made)()]

    house.plugins.load([Neighbour()])
    pages = await asyncio.gather(*(listed(house, office, "hotel") for _ in range(most)))

    async with asyncio.timeout(60):
        assert await asyncio.to_thread(lambda: "ours") == "ours"
        assert names(await listed(house, office, "well")) == ["Kammer"]
    for page in pages:
        assert_warned(kind, page.warnings, "hotel")


async def test_one_of_two_sources_of_a_plugin_is_broken_and_the_other_well(office: Office, opened: Opened) -> None:
    kind = KINDS["raises"]
    house = opened(hotel("participants", kind), kind)
    (loaded,) = [one for one in house.plugins.sources.values() if one.source.key == "hotel"]
    mended = {"participants": lambda *_: EntryPage([replace(ROOM, reference="well:1")])}
    well = type("Well", (type(loaded.source),), mended | {"key": "well", "directories": frozenset({"well"})})

    class Innkeepers:
        @hookimpl
        def invito_participant_sources(self) -> Sequence[Source]:
            return [well(), type("Ill", (type(loaded.source),), {"key": "ill", "directories": frozenset({"ill"})})()]

    house.plugins.load([Innkeepers()])
    for _ in range(5):
        await listed(house, office, "ill")
        await listed(house, office, "well")

    health = {one.key: one.health for one in await offered_sources(house)}
    assert (health["well"], health["ill"]) == (SourceHealth.OK, SourceHealth.UNAVAILABLE)


async def test_a_plugin_that_cannot_be_invited_from_refuses_and_says_why(office: Office, opened: Opened) -> None:
    kind = KINDS["raises"]
    house = opened(hotel("resolve", kind), kind)
    broken = replace(office, house=house)

    with pytest.raises(Refusal, match=r"Hotel \(Innkeeper\): failed \(RuntimeError\)"):
        await broken.create("hotel:1")

    assert await broken.create(office.ref.ola)
