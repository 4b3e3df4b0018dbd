"""What the manager lets in, and what a plugin that fails costs: its own answer, and nobody else's."""

import asyncio
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from invito.plugins.contract import Entry, Label, ParticipantKind, Span, UnknownContainer
from invito.plugins.events import FollowUpChanged
from invito.plugins.hookspecs import hookimpl
from invito.plugins.plugin_manager import PluginError, PluginFacts, PluginFailure, PluginManager, SourceHealth
from invito.plugins.source import Source

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
HOUR = Span(NOON, NOON + timedelta(hours=1))
KARI = Entry("employee:1", ParticipantKind.EMPLOYEE, "Kari")
OLA = Entry("employee:2", ParticipantKind.EMPLOYEE, "Ola")


@pytest.fixture
def manager() -> Iterator[PluginManager]:
    opened = PluginManager(call_seconds=60)
    yield opened
    opened.close()


def bringing(name: str, *sources: Source) -> object:
    """A plugin of this name that brings these sources."""

    class Plugin:
        @hookimpl
        def invito_participant_sources(self) -> Sequence[Source]:
            return sources

    Plugin.__name__ = name
    return Plugin()


def source(key: str, *directories: str, replaces: str | None = None) -> Source:
    names = {"key": key, "label": Label(key, key), "directories": frozenset(directories), "replaces": replaces}
    made: Source = type(key, (Source,), names)()
    return made


def extending(name: str, answer: Callable[[Sequence[Entry]], object]) -> object:
    """A plugin of this name that answers this for a page's entries."""

    class Plugin:
        @hookimpl
        def invito_extend_participants(self, participants: Sequence[Entry]) -> object:
            return answer(participants)

    Plugin.__name__ = name
    return Plugin()


def only(manager: PluginManager) -> PluginFacts:
    """A plugin to call functions on behalf of."""
    manager.load([bringing("Callee", source("callee", "callee"))])
    return manager.sources["callee"].plugin


def test_a_wrapper_is_refused_with_its_plugin_and_its_hook(manager: PluginManager) -> None:
    class Wrapping:
        @hookimpl(wrapper=True)
        def invito_busy_spans(self) -> Iterator[None]:
            yield

    with pytest.raises(PluginError, match=r"Wrapping: invito_busy_spans is a wrapper"):
        manager.load([Wrapping()])


def test_a_module_without_any_hook_is_refused(manager: PluginManager) -> None:
    class Unmarked:
        def invito_participant_sources(self) -> Sequence[Source]:
            return []

    with pytest.raises(PluginError, match=r"Unmarked has no hook: .*hookimpl"):
        manager.load([Unmarked()])


def test_a_misspelt_hook_is_refused(manager: PluginManager) -> None:
    class Misspelt:
        @hookimpl
        def invito_busy_span(self) -> None: ...

    with pytest.raises(PluginError, match=r"Misspelt cannot be loaded.*invito_busy_span"):
        manager.load([Misspelt()])


@pytest.mark.parametrize(
    ("second", "claim"),
    [(source("employees", "ldap"), "the key employees"), (source("ldap", "employee"), "the directory employee")],
)
def test_two_that_claim_the_same_are_refused_and_both_named(manager: PluginManager, second: Source, claim: str) -> None:
    manager.load([bringing("First", source("employees", "employee"))])

    with pytest.raises(PluginError, match=rf"First and Second both claim {claim}.*replaces"):
        manager.load([bringing("Second", second)])


def test_a_source_that_says_so_replaces_another_and_resolves_its_references(manager: PluginManager) -> None:
    manager.load([bringing("First", source("employees", "employee"))])

    manager.load([bringing("Second", source("ldap", "ldap", "employee", replaces="employees"))])

    assert list(manager.sources) == ["ldap"]
    resolver = manager.source_of("employee:7")
    assert resolver is not None
    assert resolver.plugin.name == "Second"
    assert manager.source_of("person:7") is None


async def test_plain_functions_run_in_a_thread_and_async_ones_on_the_loop(manager: PluginManager) -> None:
    async def on_loop() -> int:
        return threading.get_ident()

    plugin = only(manager)

    assert await manager.call(plugin, threading.get_ident) != threading.get_ident()
    assert await manager.call(plugin, on_loop) == threading.get_ident()


async def test_a_function_that_raises_is_a_failure_that_names_the_exception(manager: PluginManager) -> None:
    def broken() -> None:
        raise KeyError("secret")

    with pytest.raises(PluginFailure, match=r"^failed \(KeyError\)$"):
        await manager.call(only(manager), broken)


async def test_a_plain_function_that_hangs_is_given_up_and_holds_nobody_up(manager: PluginManager) -> None:
    released = threading.Event()
    plugin = only(manager)
    manager.call_seconds = 0.2

    try:
        with pytest.raises(PluginFailure, match=r"did not answer within 0\.2 seconds"):
            await manager.call(plugin, released.wait)
        manager.call_seconds = 60
        assert await manager.call(plugin, lambda: "next") == "next"
    finally:
        released.set()


async def test_an_async_function_that_hangs_is_cancelled(manager: PluginManager) -> None:
    ended = asyncio.Event()

    async def hanging() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    manager.call_seconds = 0.2
    with pytest.raises(PluginFailure):
        await manager.call(only(manager), hanging)

    assert ended.is_set()


async def test_an_unknown_container_is_an_answer_and_no_failure(manager: PluginManager) -> None:
    def unknown() -> None:
        raise UnknownContainer

    plugin = only(manager)

    with pytest.raises(UnknownContainer):
        await manager.call(plugin, unknown)

    assert manager.health_of(plugin) is SourceHealth.OK


async def test_health_goes_from_ok_over_degraded_to_unavailable_and_back_with_the_first_answer(
    manager: PluginManager,
) -> None:
    def broken() -> None:
        raise ValueError

    plugin = only(manager)
    seen = [manager.health_of(plugin)]
    for _ in range(5):
        with pytest.raises(PluginFailure):
            await manager.call(plugin, broken)
        seen.append(manager.health_of(plugin))
    await manager.call(plugin, lambda: None)

    assert seen == [SourceHealth.OK, *[SourceHealth.DEGRADED] * 4, SourceHealth.UNAVAILABLE]
    assert manager.health_of(plugin) is SourceHealth.OK


async def test_plugins_extend_a_page_one_after_the_other_the_last_loaded_first(manager: PluginManager) -> None:
    async def adding(entries: Sequence[Entry]) -> Sequence[Entry]:
        return [*entries, OLA]

    manager.load([extending("Reversing", lambda entries: entries[::-1]), extending("Adding", adding)])

    assert await manager.extend("employees", [KARI], None) == [OLA, KARI]


@pytest.mark.parametrize("nonsense", [None, 7, ["Kari"], lambda: None])
async def test_a_plugin_that_answers_nonsense_leaves_the_page_as_it_was(
    manager: PluginManager, nonsense: object
) -> None:
    manager.load([extending("Adding", lambda entries: [*entries, OLA]), extending("Nonsense", lambda _: nonsense)])

    assert await manager.extend("employees", [KARI], None) == [KARI, OLA]


async def test_a_plugin_that_raises_leaves_the_page_to_the_others(manager: PluginManager) -> None:
    def broken(_: Sequence[Entry]) -> None:
        raise RuntimeError

    manager.load([extending("Adding", lambda entries: [*entries, OLA]), extending("Broken", broken)])

    assert await manager.extend("employees", [KARI], None) == [KARI, OLA]


def busy(name: str, answer: Callable[[], object]) -> object:
    """A plugin of this name that answers this when it is asked who is busy."""

    class Plugin:
        @hookimpl
        def invito_busy_spans(self, references: Sequence[str], span: Span) -> object:
            return answer()

    Plugin.__name__ = name
    return Plugin()


async def test_busy_spans_of_all_plugins_are_put_together(manager: PluginManager) -> None:
    later = Span(HOUR.end, HOUR.end + timedelta(hours=1))

    async def asynchronous() -> Mapping[str, Sequence[Span]]:
        return {"employee:1": [later], "person:3": []}

    manager.load([busy("Asynchronous", asynchronous), busy("Plain", lambda: {"employee:1": [HOUR]})])

    assert await manager.busy_spans(["employee:1", "person:3"], HOUR) == {"employee:1": [HOUR, later], "person:3": []}


@pytest.mark.parametrize(
    "nonsense", [None, [HOUR], {"employee:1": None}, {"employee:1": 7}, {"employee:1": ["noon"]}, {1: [HOUR]}]
)
async def test_a_calendar_that_answers_nonsense_costs_its_own_answer(manager: PluginManager, nonsense: object) -> None:
    manager.load([busy("Plain", lambda: {"employee:1": [HOUR]}), busy("Nonsense", lambda: nonsense)])

    assert await manager.busy_spans(["employee:1"], HOUR) == {"employee:1": [HOUR]}


async def test_an_event_reaches_all_plugins_and_those_that_failed_are_named(manager: PluginManager) -> None:
    event = FollowUpChanged("8a3b", 2, is_cancelled=False, occurred_at=NOON)
    told: list[FollowUpChanged] = []

    class Broken:
        @hookimpl
        def invito_follow_up_changed(self) -> None:
            raise RuntimeError

    class Listening:
        @hookimpl
        async def invito_follow_up_changed(self, event: FollowUpChanged) -> None:
            told.append(event)

    manager.load([Listening(), Broken()])

    assert await manager.tell("invito_follow_up_changed", event) == ["Broken"]
    assert told == [event]
    assert manager.listens("invito_follow_up_changed")
    assert not manager.listens("invito_status_changed")


async def test_all_plugins_are_told_of_an_event_at_once(manager: PluginManager) -> None:
    together = asyncio.Barrier(2)

    class Waiting:
        @hookimpl
        async def invito_follow_up_changed(self) -> None:
            await together.wait()

    class AlsoWaiting(Waiting):
        """Both are told, or neither ever ends."""

    manager.load([Waiting(), AlsoWaiting()])
    event = FollowUpChanged("8a3b", 2, is_cancelled=False, occurred_at=NOON)

    assert await manager.tell("invito_follow_up_changed", event) == []


async def test_a_plugin_that_wants_to_end_the_process_fails_like_any_other(manager: PluginManager) -> None:
    async def ending() -> None:
        raise SystemExit(1)

    plugin = only(manager)

    with pytest.raises(PluginFailure, match="SystemExit"):
        await manager.call(plugin, ending)
    with pytest.raises(PluginFailure, match="SystemExit"):
        await manager.call(plugin, lambda: sys.exit(1))


def test_a_plugin_that_cannot_bring_its_sources_is_refused_by_name(manager: PluginManager) -> None:
    class Broken:
        @hookimpl
        def invito_participant_sources(self) -> Sequence[Source]:
            raise OSError("no directory")

    with pytest.raises(PluginError, match=r"Broken cannot bring its sources: OSError: no directory"):
        manager.load([Broken()])


@pytest.mark.parametrize("answer", [None, RuntimeError])
async def test_a_hook_that_fails_or_answers_nonsense_leaves_a_warning_with_its_plugin(
    manager: PluginManager, answer: object
) -> None:
    def answering(_: Sequence[Entry]) -> object:
        if answer is RuntimeError:
            raise RuntimeError
        return answer

    manager.load([extending("Nonsense", answering)])

    with capture_logs() as lines:
        await manager.extend("employees", [KARI], None)

    assert [(line["log_level"], line["plugin"], line["hook"]) for line in lines] == [
        ("warning", "Nonsense", "invito_extend_participants")
    ]
