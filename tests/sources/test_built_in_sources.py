"""The five built-in sources: what they say of themselves, and what they list."""

import importlib
import time

import pytest

from invito.plugins import (
    ContainerQuery,
    EntryQuery,
    Language,
    PageRequest,
    Source,
    SourceContext,
    UnknownContainer,
)
from invito.services.directory import Directory
from invito.services.directory.writing import (
    NewContainer,
    NewEntry,
    NewMember,
    add_containers,
    add_entries,
    add_members,
)
from invito.services.storage.database import Database
from invito.services.storage.directory_tables import ContainerTableKind, EntryKind
from invito.sources import BUILT_IN

FIRST = PageRequest(50)
SOURCES: dict[str, Source] = {
    source.key: source for module in BUILT_IN for source in importlib.import_module(module).invito_participant_sources()
}


def context(database: Database) -> SourceContext:
    return SourceContext(None, Language.NB, "Europe/Oslo", time.monotonic() + 10, Directory(database))


async def add_office(database: Database) -> None:
    async with database.write() as connection:
        (acme,) = await add_entries(connection, [NewEntry(EntryKind.COMPANY, "Acme", "post@acme.example")])
        kari, ola, room = await add_entries(
            connection,
            [
                NewEntry(EntryKind.EMPLOYEE, "Kari", "kari@x.example"),
                NewEntry(EntryKind.PERSON, "Ola", "ola@acme.example", organization=acme),
                NewEntry(EntryKind.RESOURCE, "Room"),
            ],
        )
        group, project, _, rooms = await add_containers(
            connection,
            [
                NewContainer(ContainerTableKind.USER_GROUP, "Sales"),
                NewContainer(ContainerTableKind.PROJECT, "Bridge"),
                NewContainer(ContainerTableKind.SELECTION, "Friends", saved_search={"search": "ola"}),
                NewContainer(ContainerTableKind.RESOURCE_GROUP, "Rooms"),
            ],
        )
        members = [(group, kari), (project, kari), (project, ola), (rooms, room)]
        await add_members(connection, [NewMember(container, entry) for container, entry in members])


def test_they_are_offered_in_the_dialogs_order() -> None:
    labels = [(key, source.label.nb) for key, source in SOURCES.items()]

    assert labels == [
        ("employees", "Medarbeidere"),
        ("company_person", "Firma/person"),
        ("project", "Prosjekt"),
        ("selection", "Utvalg"),
        ("resource", "Ressurs"),
    ]


def test_employees_and_resources_offer_all_and_the_other_three_are_searched() -> None:
    assert [key for key, source in SOURCES.items() if source.offers_all] == ["employees", "resource"]
    assert [key for key, source in SOURCES.items() if source.is_searchable] == [
        "company_person",
        "project",
        "selection",
    ]


def test_every_directory_is_resolved_by_exactly_one() -> None:
    directories = [directory for source in SOURCES.values() for directory in source.directories]

    assert sorted(directories) == ["company", "employee", "person", "resource"]


@pytest.mark.parametrize(
    ("key", "containers", "members"),
    [
        ("employees", ["Sales"], ["Kari"]),
        ("company_person", ["Acme", "Ola"], ["Acme", "Ola"]),
        ("project", ["Bridge"], ["Kari", "Ola"]),
        ("selection", ["Friends"], ["Ola"]),
        ("resource", ["Rooms"], ["Room"]),
    ],
)
async def test_its_containers_lead_to_their_members(
    database: Database, key: str, containers: list[str], members: list[str]
) -> None:
    await add_office(database)
    source, asked = SOURCES[key], context(database)

    boxes = await source.containers(asked, ContainerQuery(FIRST))  # type: ignore[misc]  # all built-in ones are async
    page = await source.participants(asked, EntryQuery(FIRST, boxes.containers[0].id))  # type: ignore[misc]  # the same

    assert [one.name for one in boxes.containers] == containers
    assert [one.name for one in page.entries] == members


@pytest.mark.parametrize(
    ("key", "names"),
    [("employees", ["Kari"]), ("company_person", ["Acme", "Ola"]), ("resource", ["Room"])],
)
async def test_without_a_container_all_are_listed_resolved_and_found(
    database: Database, key: str, names: list[str]
) -> None:
    await add_office(database)
    source, asked = SOURCES[key], context(database)

    page = await source.participants(asked, EntryQuery(FIRST))  # type: ignore[misc]  # all built-in ones are async
    resolved = await source.resolve(asked, [one.reference for one in page.entries])  # type: ignore[misc]  # the same
    addresses = [one.email for one in page.entries if one.email]
    found = await source.find(asked, addresses)  # type: ignore[misc]  # the same

    assert [one.name for one in page.entries] == names
    assert resolved == page.entries
    assert [entry for entries in found for entry in entries] == [one for one in page.entries if one.email]


@pytest.mark.parametrize("key", SOURCES)
async def test_a_container_of_another_source_is_unknown(database: Database, key: str) -> None:
    await add_office(database)
    asked = context(database)

    with pytest.raises(UnknownContainer):
        await SOURCES[key].participants(asked, EntryQuery(FIRST, "nothing:1"))  # type: ignore[misc]  # they are async
