"""Select from a selection: a fixed list of persons and employees, or a saved search that is run anew."""

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


class Selection(Source):
    key = "selection"
    label = Label(en="Selection", nb="Utvalg")
    container_label = Label(en="Selection", nb="Utvalg")
    all_label = Label(en="All selections", nb="Alle utvalg")
    directories = frozenset(())
    is_searchable = True

    async def containers(self, context: SourceContext, query: ContainerQuery) -> ContainerPage:
        return await Directory.of(context).containers(ContainerKind.SELECTION, query)

    async def participants(self, context: SourceContext, query: EntryQuery) -> EntryPage:
        return await Directory.of(context).members(ContainerKind.SELECTION, query)

    async def resolve(self, context: SourceContext, references: Sequence[str]) -> Sequence[Entry | None]:
        return await Directory.of(context).resolve(references)


@hookimpl
def invito_participant_sources() -> Sequence[Source]:
    return [Selection()]
