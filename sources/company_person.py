"""Select from companies and persons: a company's persons and itself, or one person."""

from collections.abc import Sequence

from invito.plugins import (
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

_KINDS = (ParticipantKind.COMPANY, ParticipantKind.PERSON)


class CompanyPerson(Source):
    key = "company_person"
    label = Label(en="Company/person", nb="Firma/person")
    container_label = Label(en="Company or person", nb="Firma eller person")
    all_label = Label(en="All companies and persons", nb="Alle firmaer og personer")
    directories = frozenset({"person", "company"})
    is_searchable = True
    searches_participants = True

    async def containers(self, context: SourceContext, query: ContainerQuery) -> ContainerPage:
        return await Directory.of(context).companies_and_persons(query)

    async def participants(self, context: SourceContext, query: EntryQuery) -> EntryPage:
        directory = Directory.of(context)
        if query.container is None:
            return await directory.entries(_KINDS, query)
        return await directory.company_or_person(query)

    async def resolve(self, context: SourceContext, references: Sequence[str]) -> Sequence[Entry | None]:
        return await Directory.of(context).resolve(references)

    async def find(self, context: SourceContext, addresses: Sequence[str]) -> Sequence[Sequence[Entry]]:
        return await Directory.of(context).find(addresses, _KINDS)


@hookimpl
def invito_participant_sources() -> Sequence[Source]:
    return [CompanyPerson()]
