"""A plugin that fails, in any way and anywhere, costs its own answer; a warning names it and says why (F29).

Whatever hangs, hangs until the test is over: that there is an answer at all shows that the deadline fired.
"""

import asyncio
import importlib
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, TypeVar

import pytest
from structlog.testing import capture_logs

from invito.plugins import hookimpl
from invito.plugins.circuit_breaker import SourceHealth
from invito.plugins.contract import (
    Container,
    ContainerKind,
    ContainerPage,
    Entry,
    EntryPage,
    Label,
    Language,
    ParticipantKind,
    Span,
)
from invito.plugins.events import EmailSent, FollowUpChanged, ParticipantsInvited, ParticipantsRemoved, StatusChanged
from invito.plugins.limits import PluginLimits
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
from tests.services.conftest import Office

T = TypeVar("T")

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
HOUR = Span(NOON, NOON + timedelta(hours=1))
AT_NOON = TypedSpan("2026-12-01T12:00Z", "2026-12-01T13:00Z")
ROOM = Entry("hotel:1", ParticipantKind.OTHER, "Kammer", "kammer@hotel.example")
FLOOR = Container("1", "Floor", ContainerKind.OTHER)
MANY = 1_000_000

GOOD: dict[str, Callable[..., Any]] = {
    "containers": lambda context, query: ContainerPage([FLOOR]),
    "participants": lambda context, query: EntryPage([ROOM]),
    "resolve": lambda context, references: [ROOM for _ in references],
    "find": lambda context, addresses: [[ROOM] if one == ROOM.email else [] for one in addresses],
    "busy": lambda context, references, span: [[] for _ in references],
    "invito_extend_participants": lambda source, participants, viewer: participants,
    "invito_busy_spans": lambda references, span: {},
}


PATIENT = PluginLimits(call_seconds=60, stall_seconds=60)
HASTY = PluginLimits(call_seconds=0.2, stall_seconds=60)


@cache
def flood(name: str) -> Any:
    """Far more than anybody asked for."""
    if name == "containers":
        return ContainerPage([FLOOR] * MANY)
    if name == "participants":
        return EntryPage([ROOM] * MANY)
    if name == "invito_busy_spans":
        return {f"employee:{number}": [HOUR] for number in range(MANY)}
    return [[ROOM]] * MANY if name == "find" else [[HOUR]] * MANY if name == "busy" else [ROOM] * MANY


class Hold:
    """What hangs lets go when the test is over."""

    over = threading.Event()


@pytest.fixture(autouse=True)
def _let_go() -> Iterator[None]:
    Hold.over.clear()
    yield
    Hold.over.set()


@dataclass(frozen=True)
class Kind:
    """A way to fail: what makes a method of this name do it, and what the warning says (None: there is none)."""

    make: Callable[[str], Callable[..., Any]]
    cause: str | None
    limits: PluginLimits = PATIENT
    # The answer counts, and the next call is not made.
    is_late: bool = False
    logged: str = "plugin failed"


def raises(name: str) -> Callable[..., Any]:
    def broken(*_: Any) -> Any:
        raise RuntimeError

    return broken


def raises_on_the_loop(name: str) -> Callable[..., Any]:
    async def broken(*_: Any) -> Any:
        raise RuntimeError

    return broken


def hangs(name: str) -> Callable[..., Any]:
    return lambda *_: Hold.over.wait()


def hangs_on_the_loop(name: str) -> Callable[..., Any]:
    async def hanging(*_: Any) -> Any:
        await asyncio.Event().wait()

    return hanging


def hangs_in_to_thread(name: str) -> Callable[..., Any]:
    async def hanging(*_: Any) -> Any:
        await asyncio.to_thread(Hold.over.wait)

    return hanging


def burns_cpu(name: str) -> Callable[..., Any]:
    def burning(*_: Any) -> Any:
        while not Hold.over.is_set():
            pass

    return burning


def dies_at_import(name: str) -> Callable[..., Any]:
    return lambda *_: importlib.import_module("a_driver_that_is_not_installed")


def ends_the_process(name: str) -> Callable[..., Any]:
    async def ending(*_: Any) -> Any:
        raise SystemExit(1)

    return ending


def blocks_the_loop(name: str) -> Callable[..., Any]:
    async def blocking(*arguments: Any) -> Any:
        return GOOD[name](*arguments) if name in GOOD else None

    return blocking


def leaks_tasks(name: str) -> Callable[..., Any]:
    async def leaking(*arguments: Any) -> Any:
        asyncio.create_task(asyncio.Event().wait(), name="leaked")  # noqa: RUF006  # that is the fault
        return GOOD[name](*arguments) if name in GOOD else None

    return leaking


KINDS = {
    "raises": Kind(raises, "failed (RuntimeError)"),
    "raises on the loop": Kind(raises_on_the_loop, "failed (RuntimeError)"),
    "hangs": Kind(hangs, "did not answer within 0.2 seconds", HASTY),
    "hangs on the loop": Kind(hangs_on_the_loop, "did not answer within 0.2 seconds", HASTY),
    "hangs in to_thread": Kind(hangs_in_to_thread, "did not answer within 0.2 seconds", HASTY),
    "burns CPU": Kind(burns_cpu, "did not answer within 0.2 seconds", HASTY),
    "answers garbage": Kind(lambda _: lambda *_: object(), "gave a wrong answer (object, where "),
    "answers 1,000,000 entries": Kind(lambda name: lambda *_: flood(name), "gave a wrong answer (1,000,000 "),
    "dies at import": Kind(dies_at_import, "failed (ModuleNotFoundError)"),
    "ends the process": Kind(ends_the_process, "failed (SystemExit)"),
    # Any step is too long, so that no clock decides.
    "blocks the loop": Kind(
        blocks_the_loop, "since it held up everybody for ", PluginLimits(call_seconds=60, stall_seconds=0),
        is_late=True, logged="plugin held up the loop",
    ),
    "leaks tasks": Kind(leaks_tasks, None, logged="plugin left a task behind"),
}  # fmt: skip

each_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())


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


def hooked(hook: str, kind: Kind) -> object:
    """A plugin whose implementation of this hook is broken."""
    function = kind.make(hook)
    arguments = {
        "invito_extend_participants": "source, participants, viewer",
        "invito_busy_spans": "references, span",
        "invito_compose_email": "message, invitation",
    }
    names = arguments.get(hook, "event")
    prefix, call = ("async ", "await ") if asyncio.iscoroutinefunction(function) else ("", "")
    scope: dict[str, Any] = {"function": function}
    exec(f"{prefix}def {hook}(self, {names}):\n    return {call}function({names})", scope)
    return type("Innkeeper", (), {hook: hookimpl(scope[hook])})()


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
