"""Select from a project's members, who are persons and employees."""

from collections.abc import Sequence

from invito.plugins import (
    ContainerKind,
    ContainerPage,
    ContainerQuery,
    Entry,
    EntryPage,
    EntryQuery,
    Label,
    Source,
    SourceContext,
    hookimpl,
)
from invito.services.directory import Directory


class Project(Source):
    key = "project"
    label = Label(en="Project", nb="Prosjekt")
    container_label = Label(en="Project", nb="Prosjekt")
    all_label = Label(en="All projects", nb="Alle prosjekter")
    directories = frozenset(())
    is_searchable = True

    async def containers(self, context: SourceContext, query: ContainerQuery) -> ContainerPage:
        return await Directory.of(context).containers(ContainerKind.PROJECT, query)

    async def participants(self, context: SourceContext, query: EntryQuery) -> EntryPage:
        return await Directory.of(context).members(ContainerKind.PROJECT, query)

    async def resolve(self, context: SourceContext, references: Sequence[str]) -> Sequence[Entry | None]:
        return await Directory.of(context).resolve(references)


@hookimpl
def invito_participant_sources() -> Sequence[Source]:
    return [Project()]
