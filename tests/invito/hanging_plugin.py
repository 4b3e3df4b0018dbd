"""A plugin of the tests: a source that answers once it may, and notes when it is asked and when it is given up."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from invito.plugins import hookimpl
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
    Span,
)
from invito.plugins.paging import page_of_containers, page_of_entries
from invito.plugins.source import Source, SourceContext

REFERENCE = "hanging:1"
_GUEST = Entry(REFERENCE, ParticipantKind.OTHER, "Gjest")


@dataclass
class Standing:
    """How a test's one question stands."""

    is_asked: asyncio.Event = field(default_factory=asyncio.Event)
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)
    is_given_up: asyncio.Event = field(default_factory=asyncio.Event)

    async def wait(self) -> None:
        self.is_asked.set()
        try:
            await self.may_answer.wait()
        except asyncio.CancelledError:
            self.is_given_up.set()
            raise


# A new one for each test.
standing = Standing()


class Hanging(Source):
    key = "hanging"
    label = container_label = all_label = Label("Hanging", "Hengende")
    directories = frozenset({"hanging"})
    offers_all = True

    def containers(self, context: SourceContext, query: ContainerQuery) -> ContainerPage:
        return page_of_containers([Container("1", "Hanging", ContainerKind.OTHER)], query)

    async def participants(self, context: SourceContext, query: EntryQuery) -> EntryPage:
        await standing.wait()
        return page_of_entries([_GUEST], query)

    async def resolve(self, context: SourceContext, references: Sequence[str]) -> Sequence[Entry | None]:
        await standing.wait()
        return [_GUEST if reference == REFERENCE else None for reference in references]

    async def busy(
        self, context: SourceContext, references: Sequence[str], span: Span
    ) -> Sequence[Sequence[Span] | None]:
        await standing.wait()
        return [None for _ in references]


@hookimpl
def invito_participant_sources() -> Sequence[Source]:
    return [Hanging()]
