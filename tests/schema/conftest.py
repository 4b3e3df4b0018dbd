"""What the tests of the schema share: an office whose people a plugin knows, and a way to ask on their behalf."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
import strawberry
from strawberry.types import ExecutionResult

from invito.plugins.contract import (
    Container,
    ContainerKind,
    ContainerPage,
    ContainerQuery,
    Entry,
    EntryPage,
    EntryQuery,
    Label,
    ParticipantKind,
    UnknownContainer,
)
from invito.plugins.hookspecs import hookimpl
from invito.plugins.paging import page_of_containers, page_of_entries
from invito.plugins.plugin_manager import PluginManager
from invito.plugins.source import Source, SourceContext
from invito.schema import Context, build_schema
from invito.services.changes import ChangeBus
from invito.services.directory import Directory
from invito.services.events.dispatching import EventDispatcher
from invito.services.house import House
from invito.services.rules import Rules
from invito.services.source_desk import SourceDesk
from invito.services.storage.database import Database
from invito.services.viewers import identify

KARI, OLA, EVA = "kari@office.example", "ola@office.example", "eva@office.example"
ADMIN, STRANGER = "admin@office.example", "stranger@elsewhere.example"
_NAMED = {KARI: ("Kari", "Sales"), OLA: ("Ola", "Sales"), EVA: ("Eva", "Support"), ADMIN: ("Admin", "Support")}
_CROWD = 500


def employees() -> list[Entry]:
    named = [
        Entry(f"employee:{number}", ParticipantKind.EMPLOYEE, name, email, groups=(group,))
        for number, (email, (name, group)) in enumerate(_NAMED.items(), start=1)
    ]
    crowd = [
        Entry(f"employee:{number}", ParticipantKind.EMPLOYEE, f"Worker {number}", f"worker{number}@office.example")
        for number in range(100, 100 + _CROWD)
    ]
    return [*named, *crowd]


class OfficeSource(Source):
    """Lists entries that are held in memory, in one container or all together."""

    offers_all = True
    searches_participants = True
    lists_employees = True

    def __init__(self, key: str, directory: str, entries: Sequence[Entry], container: Container) -> None:
        self.key = key  # type: ignore[misc]  # two sources of one class
        self.label = self.container_label = self.all_label = Label(key, f"{key} på norsk")  # type: ignore[misc]  # same
        self.directories = frozenset({directory})  # type: ignore[misc]  # same
        self._entries, self._container = entries, container

    def containers(self, context: SourceContext, query: ContainerQuery) -> ContainerPage:
        return page_of_containers([self._container], query)

    def participants(self, context: SourceContext, query: EntryQuery) -> EntryPage:
        if query.container not in (None, self._container.id):
            raise UnknownContainer
        return page_of_entries(self._entries, query)

    def resolve(self, context: SourceContext, references: Sequence[str]) -> Sequence[Entry | None]:
        known = {entry.reference: entry for entry in self._entries}
        return [known.get(reference) for reference in references]

    def find(self, context: SourceContext, addresses: Sequence[str]) -> Sequence[Sequence[Entry]]:
        return [[entry for entry in self._entries if entry.email == address] for address in addresses]


class OfficePlugin:
    """Brings the office's people and rooms."""

    @hookimpl
    def invito_participant_sources(self) -> Sequence[Source]:
        rooms = [Entry("resource:1", ParticipantKind.RESOURCE, "Fjord", "fjord@office.example")]
        return [
            OfficeSource("employees", "employee", employees(), Container("1", "Sales", ContainerKind.USER_GROUP)),
            OfficeSource("resource", "resource", rooms, Container("1", "Rooms", ContainerKind.RESOURCE_GROUP)),
        ]


@dataclass
class Office:
    """A house with its schema. Its people are `employee:1` (Kari), 2 (Ola), 3 (Eva), 4 (Admin), 100 and on."""

    house: House
    schema: strawberry.Schema = field(default_factory=build_schema)

    async def context(self, viewer: str | None = KARI) -> Context:
        if viewer is None:
            return Context(self.house)
        return Context(self.house, await identify(self.house, viewer, is_administrator=viewer == ADMIN))

    async def ask(self, query: str, viewer: str | None = KARI, **variables: object) -> ExecutionResult:
        return await self.schema.execute(query, variables, context_value=await self.context(viewer))

    async def answer(self, query: str, viewer: str | None = KARI, **variables: object) -> dict[str, Any]:
        """The data of an operation that must not fail."""
        result = await self.ask(query, viewer, **variables)
        assert result.errors is None, result.errors
        assert result.data is not None
        return result.data

    async def error(self, query: str, viewer: str | None = KARI, **variables: object) -> dict[str, Any]:
        """The extensions of the only error of an operation that must fail."""
        result = await self.ask(query, viewer, **variables)
        assert result.errors is not None
        (error,) = result.errors
        return error.extensions or {}

    async def events(
        self, query: str, viewer: str | None = KARI, **variables: object
    ) -> AsyncGenerator[ExecutionResult]:
        """What a subscription tells."""
        results = await self.schema.stream(query, variables, context_value=await self.context(viewer))
        try:
            async for result in results:
                assert isinstance(result, ExecutionResult)
                yield result
        finally:
            await results.aclose()

    async def follow_up(self, *references: str, viewer: str = KARI, **fields: object) -> SimpleNamespace:
        """A follow-up with these invitees that is stored: its id, version and its participants' ids by name."""
        invitees = [{"participant": {"reference": reference}} for reference in references]
        made = await self.answer(
            """mutation ($input: CreateFollowUpInput!) { createFollowUp(input: $input) {
                errors { code path } followUp { id version participants { nodes { id name } } } } }""",
            viewer,
            input={"type": "APPOINTMENT", "title": "Budget", "start": "2027-03-01T10:00:00Z", "invitees": invitees}
            | fields,
        )
        payload = made["createFollowUp"]
        assert payload["errors"] == []
        rows = payload["followUp"]["participants"]["nodes"]
        return SimpleNamespace(
            id=payload["followUp"]["id"],
            version=payload["followUp"]["version"],
            participants={row["name"]: row["id"] for row in rows},
        )


@pytest.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    plugins = PluginManager()
    plugins.load([OfficePlugin()])
    rules = Rules(mail_from="invito@office.example", follow_up_url="https://crm.example/{id}")
    events = EventDispatcher(database, plugins)
    desk = SourceDesk(plugins, Directory(database))
    yield Office(House(database, plugins, desk, ChangeBus(), events, rules))
    plugins.close()
