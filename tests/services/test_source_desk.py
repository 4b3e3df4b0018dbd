"""The desk asks the sources: one that fails costs its own answer, with a warning that names it (F29)."""

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from invito.plugins.contract import (
    ContainerPage,
    ContainerQuery,
    Entry,
    EntryPage,
    EntryQuery,
    Label,
    Language,
    PageRequest,
    ParticipantKind,
    Span,
    UnknownContainer,
)
from invito.plugins.hookspecs import hookimpl
from invito.plugins.limits import PluginLimits
from invito.plugins.plugin_manager import PluginManager
from invito.plugins.source import Source, SourceContext
from invito.services.caller import Asker
from invito.services.directory import Directory
from invito.services.source_desk import SourceDesk, SourceFailed
from invito.services.storage.database import Database

ASKER = Asker(None, Language.NB, "Europe/Oslo")
NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
HOUR = Span(NOON, NOON + timedelta(hours=1))
KARI = Entry("good:1", ParticipantKind.EMPLOYEE, "Kari", "kari@nordlys.example")

Answer = Callable[..., Any]


class GoodSource(Source):
    """Answers all that it is asked for, for Kari."""

    key, directories = "good", frozenset({"good"})
    label = container_label = all_label = Label("Good", "God")

    def resolve(self, context: SourceContext, references: Sequence[str]) -> Sequence[Entry | None]:
        return [KARI if reference == KARI.reference else None for reference in references]

    def find(self, context: SourceContext, addresses: Sequence[str]) -> Sequence[Sequence[Entry]]:
        return [[KARI] if address == KARI.email else [] for address in addresses]

    def busy(self, context: SourceContext, references: Sequence[str], span: Span) -> Sequence[Sequence[Span] | None]:
        return [[HOUR] for _ in references]


class BadSource(Source):
    """Answers everything with what the test says."""

    key, directories = "bad", frozenset({"bad"})
    label = container_label = all_label = Label("Bad", "Dårlig")

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    def containers(self, context: SourceContext, query: ContainerQuery) -> Any:
        return self._answer()

    def participants(self, context: SourceContext, query: EntryQuery) -> Any:
        return self._answer()

    def resolve(self, context: SourceContext, references: Sequence[str]) -> Any:
        return self._answer()

    def find(self, context: SourceContext, addresses: Sequence[str]) -> Any:
        return self._answer()

    def busy(self, context: SourceContext, references: Sequence[str], span: Span) -> Any:
        return self._answer()


RELEASED = threading.Event()


@pytest.fixture(autouse=True)
def _release_threads() -> Iterator[None]:
    RELEASED.clear()
    yield
    RELEASED.set()


def raises() -> None:
    raise RuntimeError


async def hangs() -> None:
    await asyncio.Event().wait()


PROBLEMS = {
    "raises": (raises, "feilet (RuntimeError)"),
    "hangs in a thread": (RELEASED.wait, "svarte ikke innen 0.2 sekunder"),
    "hangs on the loop": (hangs, "svarte ikke innen 0.2 sekunder"),
    "answers something else": (lambda: 7, "ga et feilaktig svar (int, where a list or tuple of"),
    "answers too much": (lambda: [None, None], "ga et feilaktig svar (2 "),
    "answers what is no entry": (lambda: ["Kari"], "ga et feilaktig svar (entry 0: str, where an Entry is expected)"),
}


def desk_with(database: Database, answer: Answer) -> tuple[SourceDesk, PluginManager]:
    class Plugin:
        @hookimpl
        def invito_participant_sources(self) -> Sequence[Source]:
            return [BadSource(answer), GoodSource()]

    plugins = PluginManager(PluginLimits(call_seconds=0.2))
    plugins.load([Plugin()])
    return SourceDesk(plugins, Directory(database)), plugins


pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
failing = pytest.mark.parametrize(("answer", "problem"), PROBLEMS.values(), ids=PROBLEMS.keys())


@failing
async def test_a_source_that_fails_to_resolve_costs_its_own_references(
    database: Database, answer: Answer, problem: str
) -> None:
    desk, plugins = desk_with(database, answer)

    found, warnings = await desk.resolve(ASKER, ["bad:1", "good:1", "nobody:1"])

    assert found == {"good:1": KARI}
    assert [(one.source, one.message.startswith(f"Dårlig (Plugin): {problem}")) for one in warnings] == [("bad", True)]
    plugins.close()


@failing
async def test_a_source_that_fails_to_find_addresses_costs_its_own_entries(
    database: Database, answer: Answer, problem: str
) -> None:
    desk, plugins = desk_with(database, answer)

    found, warnings = await desk.find(ASKER, ["Kari@Nordlys.example"], desk.plugins.sources.values())

    assert found == {"kari@nordlys.example": [KARI]}
    assert [one.source for one in warnings] == ["bad"]
    plugins.close()


@failing
async def test_a_source_that_fails_to_say_who_is_busy_costs_its_own_calendars(
    database: Database, answer: Answer, problem: str
) -> None:
    desk, plugins = desk_with(database, answer)

    known = await desk.busy(ASKER, ["bad:1", "good:1"], HOUR)

    assert known.spans == {"good:1": [HOUR]}
    assert known.unanswered == {"bad:1"}
    assert [one.source for one in known.warnings] == ["bad"]
    plugins.close()


async def test_whose_calendar_a_plugin_could_not_ask_nobody_knows_and_the_others_it_answers_for(
    database: Database,
) -> None:
    class Calendars:
        @hookimpl
        def invito_busy_spans(self, references: Sequence[str], span: Span) -> dict[str, Sequence[Span] | None]:
            return {"away:1": None, "there:1": [HOUR]}

    desk, plugins = desk_with(database, raises)
    plugins.load([Calendars()])

    known = await desk.busy(ASKER, ["away:1", "there:1"], HOUR)

    assert (known.spans, known.unanswered, known.warnings) == ({"there:1": [HOUR]}, frozenset({"away:1"}), ())
    plugins.close()


@pytest.mark.parametrize(
    "answer",
    [raises, hangs, lambda: None, lambda: [KARI], lambda: EntryPage(["Kari"]), lambda: ContainerPage([7])],  # type: ignore[list-item]  # nonsense on purpose
)
async def test_a_page_that_cannot_be_had_is_a_warning(database: Database, answer: Answer) -> None:
    desk, plugins = desk_with(database, answer)
    loaded, page = plugins.sources["bad"], PageRequest(10)

    with pytest.raises(SourceFailed, match=r"^Dårlig \(Plugin\): "):
        await desk.entries(ASKER, loaded, EntryQuery(page))
    with pytest.raises(SourceFailed, match=r"^Dårlig \(Plugin\): "):
        await desk.containers(ASKER, loaded, ContainerQuery(page))
    plugins.close()


async def test_a_container_that_the_source_does_not_have_is_no_failure_of_the_source(database: Database) -> None:
    def unknown() -> None:
        raise UnknownContainer

    desk, plugins = desk_with(database, unknown)

    with pytest.raises(UnknownContainer):
        await desk.entries(ASKER, plugins.sources["bad"], EntryQuery(PageRequest(10), "no such"))
    plugins.close()


async def test_who_is_answered_under_another_reference_is_known_by_both(database: Database) -> None:
    ida = Entry("bad:ida", ParticipantKind.EMPLOYEE, "Ida")
    desk, plugins = desk_with(database, lambda: [ida])

    found, warnings = await desk.resolve(ASKER, ["bad:7"])

    assert warnings == []
    assert found["bad:7"].references == ("bad:ida", "bad:7")
    plugins.close()


async def test_who_is_found_by_two_sources_is_one(database: Database) -> None:
    kari = Entry("bad:kari", ParticipantKind.EMPLOYEE, "Kari", KARI.email, aliases=(KARI.reference,))
    desk, plugins = desk_with(database, lambda: [[kari]])

    found, _ = await desk.find(ASKER, [KARI.email or ""], desk.plugins.sources.values())

    assert found == {KARI.email: [kari]}
    plugins.close()
