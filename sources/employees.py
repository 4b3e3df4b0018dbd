"""Select from employees: by user group, or all of them."""

from collections.abc import Sequence

from invito.plugins import (
    ContainerKind,
    ContainerPage,
    ContainerQuery,
    Entry,
    EntryPage,
    EntryQuery,
    Label,
    ParticipantKind,
    Source,
    SourceContext,
    hookimpl,
)
from invito.services.directory import Directory

_KINDS = (ParticipantKind.EMPLOYEE,)


class Employees(Source):
    key = "employees"
    label = Label(en="Employees", nb="Medarbeidere")
    container_label = Label(en="User group", nb="Brukergruppe")
    all_label = Label(en="All employees", nb="Alle medarbeidere")
    directories = frozenset({"employee"})
    offers_all = True
    searches_participants = True
    lists_employees = True

    async def containers(self, context: SourceContext, query: ContainerQuery) -> ContainerPage:
        return await Directory.of(context).containers(ContainerKind.USER_GROUP, query)

    async def participants(self, context: SourceContext, query: EntryQuery) -> EntryPage:
        directory = Directory.of(context)
        if query.container is None:
            return await directory.entries(_KINDS, query)
        return await directory.members(ContainerKind.USER_GROUP, query)

    async def resolve(self, context: SourceContext, references: Sequence[str]) -> Sequence[Entry | None]:
        return await Directory.of(context).resolve(references)

    async def find(self, context: SourceContext, addresses: Sequence[str]) -> Sequence[Sequence[Entry]]:
        return await Directory.of(context).find(addresses, _KINDS)


@hookimpl
def invito_participant_sources() -> Sequence[Source]:
    return [Employees()]
