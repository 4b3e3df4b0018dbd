"""The directory as sources see it: lists by name, members, and who is behind a reference or an address."""

from collections.abc import Collection, Sequence
from typing import Any

from invito.plugins.contract import (
    ContainerKind,
    ContainerPage,
    ContainerQuery,
    Entry,
    EntryPage,
    EntryQuery,
    ParticipantKind,
)
from invito.plugins.plugin_context import PluginContext
from invito.plugins.source import SourceContext
from invito.services.directory.company_pages import page_of_companies_and_persons, page_of_company_or_person
from invito.services.directory.container_pages import page_of_containers
from invito.services.directory.entry_pages import page_of_kinds
from invito.services.directory.entry_values import entries_at, entries_behind
from invito.services.directory.member_pages import page_of_members
from invito.services.storage.database import Database
from invito.services.storage.directory_tables import ContainerTableKind, EntryKind


class Directory:
    """Reads what Invito keeps. Every method answers in bulk, by a number of statements that no page size changes.

    Lists are in name order and paged by keyset: `query.page.after` names the last entry or container seen. Of a
    search, at most 32 words are looked at. `total` is None where counting would cost more than the page.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    def of(cls, context: SourceContext | PluginContext[Any]) -> "Directory":
        """The directory that a source was handed when it was asked, or a plugin when it started.

        :raises TypeError: the context carries none, as one that a test made by hand.
        """
        if not isinstance(context.directory, cls):
            raise TypeError(
                f"the context carries no directory but {type(context.directory).__name__}: "
                "make it with `directory=Directory(database)`"
            )
        return context.directory

    async def entries(self, kinds: Collection[ParticipantKind], query: EntryQuery) -> EntryPage:
        """All entries of these kinds; `query.container` is not looked at."""
        async with self._database.read() as connection:
            return await page_of_kinds(connection, [EntryKind[kind.name] for kind in kinds], query)

    async def members(self, kind: ContainerKind, query: EntryQuery) -> EntryPage:
        """The members of the user group, project, selection or resource group `query.container`.

        Projects and selections hold persons and employees; a selection that is a saved search is run anew (F12).

        :raises UnknownContainer: there is none of this kind and id.
        """
        async with self._database.read() as connection:
            return await page_of_members(connection, ContainerTableKind[kind.name], query)

    async def company_or_person(self, query: EntryQuery) -> EntryPage:
        """The persons of the company `query.container` and itself, or that one person alone.

        :raises UnknownContainer: there is no such company or person.
        """
        async with self._database.read() as connection:
            return await page_of_company_or_person(connection, query)

    async def containers(self, kind: ContainerKind, query: ContainerQuery) -> ContainerPage:
        """The user groups, projects, selections or resource groups."""
        async with self._database.read() as connection:
            return await page_of_containers(connection, ContainerTableKind[kind.name], query)

    async def companies_and_persons(self, query: ContainerQuery) -> ContainerPage:
        """Companies and persons as containers, both in one name order; their ids are their references."""
        async with self._database.read() as connection:
            return await page_of_companies_and_persons(connection, query)

    async def resolve(self, references: Sequence[str]) -> list[Entry | None]:
        """The entries of these references, in this order, available or not; None for one that is not there."""
        async with self._database.read() as connection:
            return await entries_behind(connection, references)

    async def find(self, addresses: Sequence[str], kinds: Collection[ParticipantKind]) -> list[list[Entry]]:
        """For each of these addresses, whatever their case, the entries of these kinds that have it."""
        async with self._database.read() as connection:
            return await entries_at(connection, addresses, [EntryKind[kind.name] for kind in kinds])
