"""The hooks: each implementation is called by itself, and one that fails costs its own answer, with its name."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from invito.plugins.circuit_breaker import SourceHealth
from invito.plugins.contract import Entry, Label, ParticipantKind, Span
from invito.plugins.events import FollowUpChanged
from invito.plugins.hookspecs import hookimpl
from invito.plugins.limits import PluginLimits
from invito.plugins.plugin_manager import PluginManager
from invito.plugins.source import Source

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
HOUR = Span(NOON, NOON + timedelta(hours=1))
KARI = Entry("employee:1", ParticipantKind.EMPLOYEE, "Kari")
OLA = Entry("employee:2", ParticipantKind.EMPLOYEE, "Ola")


class Employees(Source):
    """Whose entries the hooks are about."""

    key, directories = "employees", frozenset({"employee"})
    label = container_label = all_label = Label("Employees", "Medarbeidere")


class EmployeesPlugin:
    @hookimpl
    def invito_participant_sources(self) -> Sequence[Source]:
        return [Employees()]


@pytest.fixture
def manager() -> Iterator[PluginManager]:
    opened = PluginManager(PluginLimits(call_seconds=60, stall_seconds=60))
    opened.load([EmployeesPlugin()])
    yield opened
    opened.close()


def extending(name: str, answer: Callable[[Sequence[Entry]], object]) -> object:
    """A plugin of this name that answers this for a page's entries."""

    class Plugin:
        @hookimpl
        def invito_extend_participants(self, participants: Sequence[Entry]) -> object:
            return answer(participants)

    Plugin.__name__ = name
    return Plugin()


async def test_plugins_extend_a_page_one_after_the_other_the_last_loaded_first(manager: PluginManager) -> None:
    async def adding(entries: Sequence[Entry]) -> Sequence[Entry]:
        return [*entries, OLA]

    manager.load([extending("Reversing", lambda entries: entries[::-1]), extending("Adding", adding)])

    assert (await manager.hooks.extend("employees", [KARI], None)).entries == [OLA, KARI]


@pytest.mark.parametrize("nonsense", [None, 7, ["Kari"], lambda: None])
async def test_a_plugin_that_answers_nonsense_leaves_the_page_as_it_was(
    manager: PluginManager, nonsense: object
) -> None:
    manager.load([extending("Adding", lambda entries: [*entries, OLA]), extending("Nonsense", lambda _: nonsense)])

    assert (await manager.hooks.extend("employees", [KARI], None)).entries == [KARI, OLA]


async def test_a_plugin_that_raises_leaves_the_page_to_the_others(manager: PluginManager) -> None:
    def broken(_: Sequence[Entry]) -> None:
        raise RuntimeError

    manager.load([extending("Adding", lambda entries: [*entries, OLA]), extending("Broken", broken)])

    assert (await manager.hooks.extend("employees", [KARI], None)).entries == [KARI, OLA]


async def test_plugins_have_the_time_of_one_call_for_a_page_all_together() -> None:
    asked: list[str] = []

    def hanging(name: str) -> object:
        async def hang(_: Sequence[Entry]) -> None:
            asked.append(name)
            await asyncio.Event().wait()

        return extending(name, hang)

    manager = PluginManager(PluginLimits(call_seconds=0.2, stall_seconds=60))
    manager.load([EmployeesPlugin(), hanging("Third"), hanging("Second"), hanging("First")])

    extended = await manager.hooks.extend("employees", [KARI], None)

    # The others were not asked at all, so that nothing is held against them.
    assert asked == ["First"]
    assert extended.entries == [KARI]
    late = "had too little time, since others before it took most of 0.2 seconds"
    assert [(one.plugin, str(one)) for one in extended.failures] == [
        ("First", "did not answer within 0.2 seconds"),
        ("Second", late),
        ("Third", late),
    ]
    assert [manager.health_of_plugin(name) for name in ("First", "Second")] == [SourceHealth.DEGRADED, SourceHealth.OK]
    manager.close()


async def test_a_plugin_to_which_others_left_little_time_is_not_judged_by_it(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = asyncio.get_running_loop()
    clock = loop.time
    manager = PluginManager(PluginLimits(call_seconds=2, stall_seconds=60))

    async def taking_its_time(entries: Sequence[Entry]) -> Sequence[Entry]:
        monkeypatch.setattr(loop, "time", lambda: clock() + 1.5)
        return entries

    async def hanging(_: Sequence[Entry]) -> None:
        await asyncio.Event().wait()

    manager.load([EmployeesPlugin(), extending("Second", hanging), extending("First", taking_its_time)])
    extended = await manager.hooks.extend("employees", [KARI], None)

    assert [str(one) for one in extended.failures] == [
        "had too little time, since others before it took most of 2 seconds"
    ]
    assert manager.health_of_plugin("Second") is SourceHealth.OK
    manager.close()


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

    assert (await manager.hooks.busy_spans(["employee:1", "person:3"], HOUR)).spans == {
        "employee:1": [HOUR, later],
        "person:3": [],
    }


async def test_whose_calendar_a_plugin_could_not_ask_is_told_beside_what_others_say(manager: PluginManager) -> None:
    manager.load([busy("Away", lambda: {"employee:1": None, "employee:2": [HOUR]}), busy("Plain", dict)])

    known = await manager.hooks.busy_spans(["employee:1", "employee:2", "employee:3"], HOUR)

    assert (known.spans, known.unanswered) == ({"employee:2": [HOUR]}, frozenset({"employee:1"}))


@pytest.mark.parametrize("nonsense", [None, [HOUR], {"employee:1": 7}, {"employee:1": ["noon"]}, {1: [HOUR]}])
async def test_a_calendar_that_answers_nonsense_costs_its_own_answer(manager: PluginManager, nonsense: object) -> None:
    manager.load([busy("Plain", lambda: {"employee:1": [HOUR]}), busy("Nonsense", lambda: nonsense)])

    assert (await manager.hooks.busy_spans(["employee:1"], HOUR)).spans == {"employee:1": [HOUR]}


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

    failures = await manager.hooks.tell("invito_follow_up_changed", event)

    assert [one.plugin for one in failures] == ["Broken"]
    assert told == [event]
    assert manager.hooks.listens("invito_follow_up_changed")
    assert not manager.hooks.listens("invito_status_changed")


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

    assert await manager.hooks.tell("invito_follow_up_changed", event) == []


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
        await manager.hooks.extend("employees", [KARI], None)

    warnings = [(line["plugin"], line["call"]) for line in lines if line["log_level"] == "warning"]
    assert warnings == [("Nonsense", "invito_extend_participants")]


async def test_a_plugin_that_changes_the_list_it_is_given_and_fails_leaves_the_page_as_it_was(
    manager: PluginManager,
) -> None:
    def clearing(entries: Sequence[Entry]) -> None:
        assert isinstance(entries, list)
        entries.clear()

    manager.load([extending("Clearing", clearing)])
    page = [KARI]

    assert (await manager.hooks.extend("employees", page, None)).entries == [KARI]
    assert page == [KARI]


async def test_whom_a_plugin_adds_that_nobody_could_invite_is_refused(manager: PluginManager) -> None:
    stray = Entry("nowhere:1", ParticipantKind.OTHER, "Stray")
    manager.load([extending("Adding", lambda entries: [*entries, stray])])

    extended = await manager.hooks.extend("employees", [KARI], None)

    assert extended.entries == [KARI]
    assert [str(one) for one in extended.failures] == [
        "gave a wrong answer (entry 1: reference is of the directory 'nowhere', which is not resolved here)"
    ]


async def test_calendars_are_asked_at_once_and_those_that_fail_are_named(manager: PluginManager) -> None:
    together = asyncio.Barrier(2)

    async def waiting() -> Mapping[str, Sequence[Span]]:
        await together.wait()
        return {"employee:1": [HOUR]}

    async def failing() -> Mapping[str, Sequence[Span]]:
        await together.wait()
        raise ConnectionError

    manager.load([busy("Waiting", waiting), busy("Failing", failing)])

    known = await manager.hooks.busy_spans(["employee:1"], HOUR)

    assert known.spans == {"employee:1": [HOUR]}
    assert [(one.plugin, str(one)) for one in known.failures] == [("Failing", "failed (ConnectionError)")]
