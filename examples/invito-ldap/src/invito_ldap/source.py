"""Select from people of the directory: by group, or all of them."""

from collections.abc import Sequence

from invito.plugins import (
    ContainerPage,
    ContainerQuery,
    Entry,
    EntryPage,
    EntryQuery,
    Label,
    Source,
    SourceContext,
    UnknownContainer,
)
from invito_ldap.entries import DIRECTORY
from invito_ldap.kept_people import KeptPeople


class LdapPeople(Source):
    key = "ldap"
    label = Label(en="Employees", nb="Medarbeidere")
    container_label = Label(en="User group", nb="Brukergruppe")
    all_label = Label(en="All employees", nb="Alle medarbeidere")
    directories = frozenset({DIRECTORY})
    offers_all = True
    searches_participants = True
    replaces = "employees"
    lists_employees = True

    def __init__(self, people: KeptPeople) -> None:
        self._people = people

    # Pages are cut in threads, since a search looks at each name; the rest is answered at once.

    def containers(self, context: SourceContext, query: ContainerQuery) -> ContainerPage:
        groups = self._people.present.groups
        return ContainerPage(*groups.page(query.page, query.search))

    def participants(self, context: SourceContext, query: EntryQuery) -> EntryPage:
        snapshot = self._people.present
        members = None if query.container is None else snapshot.members.get(query.container)
        if query.container is not None and members is None:
            raise UnknownContainer(query.container)
        return EntryPage(*snapshot.everybody.page(query.page, query.search, members))

    async def resolve(self, context: SourceContext, references: Sequence[str]) -> Sequence[Entry | None]:
        there = self._people.present.by_reference
        return [there.get(reference) for reference in references]

    async def find(self, context: SourceContext, addresses: Sequence[str]) -> Sequence[Sequence[Entry]]:
        snapshot = self._people.present
        return [snapshot.at(address) for address in addresses]
