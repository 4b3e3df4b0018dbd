"""The source: each list to choose from, and who is on it."""

from collections.abc import Sequence

from invito.plugins import (
    MOST_OF_ONE_ADDRESS,
    Container,
    ContainerKind,
    ContainerPage,
    ContainerQuery,
    Entry,
    EntryPage,
    EntryQuery,
    Label,
    Source,
    SourceContext,
    UnknownContainer,
    page_of_containers,
    page_of_entries,
)
from invito_csv.folder import Folder
from invito_csv.rows import DIRECTORY


class CsvFiles(Source):
    """Listed from memory, after a look at the folder. A list's name is its id."""

    key = "csv"
    label = Label(en="Lists", nb="Lister")
    container_label = Label(en="List", nb="Liste")
    all_label = Label(en="Everybody on a list", nb="Alle på en liste")
    directories = frozenset({DIRECTORY})
    offers_all = True
    searches_participants = True

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    def containers(self, context: SourceContext, query: ContainerQuery) -> ContainerPage:
        lists = self._folder.lists().by_name
        boxes = [
            Container(name, name, ContainerKind.OTHER, member_count=len(entries)) for name, entries in lists.items()
        ]
        return page_of_containers(boxes, query)

    def participants(self, context: SourceContext, query: EntryQuery) -> EntryPage:
        lists = self._folder.lists()
        if query.container is None:
            return page_of_entries(lists.everybody.values(), query)
        if query.container not in lists.by_name:
            raise UnknownContainer(query.container)
        return page_of_entries(lists.by_name[query.container], query)

    def resolve(self, context: SourceContext, references: Sequence[str]) -> Sequence[Entry | None]:
        everybody = self._folder.lists().everybody
        return [everybody.get(reference) for reference in references]

    def find(self, context: SourceContext, addresses: Sequence[str]) -> Sequence[Sequence[Entry]]:
        by_address = self._folder.lists().by_address
        return [by_address.get(address, ())[:MOST_OF_ONE_ADDRESS] for address in addresses]
