"""The directory lists entries and containers in name order, page by page, by a constant number of statements."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import event, insert

from invito.plugins.contract import (
    ContainerKind,
    ContainerQuery,
    EntryQuery,
    Language,
    PageRequest,
    ParticipantKind,
    Position,
    UnknownContainer,
)
from invito.plugins.names import name_key
from invito.plugins.plugin_context import PluginContext
from invito.plugins.source import SourceContext
from invito.services.directory import Directory
from invito.services.directory.writing import (
    NewContainer,
    NewEntry,
    NewMember,
    add_containers,
    add_entries,
    add_members,
    change_entries,
)
from invito.services.storage.database import Database
from invito.services.storage.directory_tables import (
    ContainerTableKind,
    EntryKind,
    ResourceType,
    UnavailableEntryRow,
)

ALL = PageRequest(500)
PEOPLE = [ParticipantKind.PERSON, ParticipantKind.COMPANY]


async def add(database: Database, *entries: NewEntry) -> list[int]:
    async with database.write() as connection:
        return await add_entries(connection, entries)


async def contain(database: Database, container: NewContainer, *entries: int) -> str:
    async with database.write() as connection:
        (id_,) = await add_containers(connection, [container])
        await add_members(connection, [NewMember(id_, entry, position) for position, entry in enumerate(entries)])
    return str(id_)


async def make_unavailable(database: Database, *references: str) -> None:
    async with database.write() as connection:
        await connection.execute(insert(UnavailableEntryRow), [{"reference": one} for one in references])


@asynccontextmanager
async def counted(database: Database) -> AsyncIterator[list[str]]:
    statements: list[str] = []

    def count(_c: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(database.engine.sync_engine, "before_cursor_execute", count)
    yield statements
    event.remove(database.engine.sync_engine, "before_cursor_execute", count)


async def test_names_are_in_norwegian_order_over_all_pages(database: Database) -> None:
    names = ["Zoe", "Åse", "Ærlig", "Øyvind", "Aase", "Anne", "Bo"]
    await add(database, *(NewEntry(EntryKind.PERSON, name) for name in names[:4]))
    await add(database, *(NewEntry(EntryKind.COMPANY, name) for name in names[4:]))
    directory, seen = Directory(database), list[str]()
    after: Position | None = None
    more = []

    for _ in range(4):
        page = await directory.entries(PEOPLE, EntryQuery(PageRequest(2, after)))
        seen += [entry.name for entry in page.entries]
        after = Position(name_key(seen[-1]), page.entries[-1].reference)
        more.append((page.has_more, page.total))

    assert seen == ["Anne", "Bo", "Zoe", "Ærlig", "Øyvind", "Åse", "Aase"]
    assert more == [(True, 7), (True, 7), (True, 7), (False, 7)]


async def test_people_of_one_name_are_each_listed_once(database: Database) -> None:
    ids = await add(database, *(NewEntry(EntryKind.PERSON, "Kari") for _ in range(5)))
    directory, seen = Directory(database), list[str]()

    for _ in ids:
        after = Position("kari", seen[-1]) if seen else None
        page = await directory.entries(PEOPLE, EntryQuery(PageRequest(1, after)))
        seen.append(page.entries[0].reference)

    assert seen == [f"person:{id_}" for id_ in ids]


async def test_an_entry_says_what_the_contract_has(database: Database) -> None:
    (acme,) = await add(database, NewEntry(EntryKind.COMPANY, "Acme AS"))
    person, employee, room = await add(
        database,
        NewEntry(EntryKind.PERSON, "Ola", "Ola@X.example", "Sjef", acme, language=Language.NB, time_zone="Asia/Tokyo"),
        NewEntry(EntryKind.EMPLOYEE, "Kari"),
        NewEntry(EntryKind.RESOURCE, "Fjorden", resource_type=ResourceType.LOCATION, address="Storgata 1"),
    )
    await contain(database, NewContainer(ContainerTableKind.USER_GROUP, "Salg"), employee)
    async with database.write() as connection:
        (board,) = await add_containers(connection, [NewContainer(ContainerTableKind.USER_GROUP, "Board")])
        await add_members(connection, [NewMember(board, employee, 1)])

    ola, kari, fjorden = await Directory(database).resolve(
        [f"person:{person}", f"employee:{employee}", f"resource:{room}"]
    )

    assert ola is not None
    assert kari is not None
    assert fjorden is not None
    assert (ola.organization, ola.title, ola.email) == ("Acme AS", "Sjef", "Ola@X.example")
    assert (ola.language, ola.time_zone, ola.is_location) == (Language.NB, "Asia/Tokyo", False)
    assert (kari.kind, kari.groups) == (ParticipantKind.EMPLOYEE, ("Salg", "Board"))
    assert (fjorden.is_location, fjorden.place) == (True, "Fjorden, Storgata 1")


async def test_references_are_resolved_in_order_and_unknown_ones_to_nothing(database: Database) -> None:
    one, two = await add(database, NewEntry(EntryKind.PERSON, "B"), NewEntry(EntryKind.PERSON, "A"))
    unknown = [f"employee:{one}", "person:x", f"person:0{two}", "ldap:9", f"person:{10**30}"]
    asked = [f"person:{one}", *unknown, f"person:{two}"]

    entries = await Directory(database).resolve(asked)

    assert [entry and entry.name for entry in entries] == ["B", *(None for _ in unknown), "A"]


async def test_addresses_find_all_who_have_them_among_the_kinds(database: Database) -> None:
    await add(
        database,
        NewEntry(EntryKind.PERSON, "B", "Post@x.example"),
        NewEntry(EntryKind.PERSON, "A", "post@x.example"),
        NewEntry(EntryKind.EMPLOYEE, "C", "post@x.example"),
    )

    found = await Directory(database).find(["none@x.example", "POST@X.example"], [ParticipantKind.PERSON])

    assert [[entry.name for entry in entries] for entries in found] == [[], ["A", "B"]]


async def test_who_is_not_available_is_listed_for_administrators_alone(database: Database) -> None:
    one, two = await add(database, NewEntry(EntryKind.PERSON, "A"), NewEntry(EntryKind.PERSON, "B"))
    project = await contain(database, NewContainer(ContainerTableKind.PROJECT, "P"), one, two)
    await make_unavailable(database, f"person:{one}", f"employee:{two}", f"resource:{two}")
    directory = Directory(database)

    listed = await directory.entries(PEOPLE, EntryQuery(ALL))
    members = await directory.members(ContainerKind.PROJECT, EntryQuery(ALL, project))
    (container,) = (await directory.containers(ContainerKind.PROJECT, ContainerQuery(ALL))).containers
    everyone = await directory.entries(PEOPLE, EntryQuery(ALL, include_unavailable=True))

    assert [entry.name for entry in listed.entries] == [entry.name for entry in members.entries] == ["B"]
    assert (listed.total, members.total, container.member_count) == (1, 1, 1)
    assert [entry.name for entry in everyone.entries] == ["A", "B"]


async def test_a_company_lists_itself_and_its_persons_and_a_person_only_that_person(database: Database) -> None:
    acme, other = await add(database, NewEntry(EntryKind.COMPANY, "Acme"), NewEntry(EntryKind.COMPANY, "Other"))
    ola, _ = await add(
        database,
        NewEntry(EntryKind.PERSON, "Ola", organization=acme),
        NewEntry(EntryKind.PERSON, "Per", organization=other),
    )
    directory = Directory(database)

    company = await directory.company_or_person(EntryQuery(ALL, f"company:{acme}"))
    person = await directory.company_or_person(EntryQuery(ALL, f"person:{ola}"))
    containers = await directory.companies_and_persons(ContainerQuery(ALL))

    assert [entry.name for entry in company.entries] == ["Acme", "Ola"]
    assert [entry.name for entry in person.entries] == ["Ola"]
    assert [one.name for one in containers.containers] == ["Acme", "Ola", "Other", "Per"]
    assert [(one.id, one.kind, one.member_count) for one in containers.containers][:2] == [
        (f"company:{acme}", ContainerKind.COMPANY, 2),
        (f"person:{ola}", ContainerKind.PERSON, 1),
    ]


async def test_a_container_holds_only_what_its_kind_may_hold(database: Database) -> None:
    ids = await add(database, *(NewEntry(kind, kind.value) for kind in EntryKind))
    expected = {
        ContainerKind.USER_GROUP: ["employee"],
        ContainerKind.PROJECT: ["employee", "person"],
        ContainerKind.SELECTION: ["employee", "person"],
        ContainerKind.RESOURCE_GROUP: ["resource"],
    }

    for kind, names in expected.items():
        container = await contain(database, NewContainer(ContainerTableKind[kind.name], kind.name), *ids)
        page = await Directory(database).members(kind, EntryQuery(ALL, container))
        assert [entry.name for entry in page.entries] == names


async def test_a_saved_search_is_run_anew(database: Database) -> None:
    directory = Directory(database)
    (acme,) = await add(database, NewEntry(EntryKind.COMPANY, "Acme"))
    kari, ola = await add(
        database,
        NewEntry(EntryKind.EMPLOYEE, "Kari Ås", title="Daglig leder"),
        NewEntry(EntryKind.PERSON, "Ola Ås", title="Selger", organization=acme),
    )
    group = await contain(database, NewContainer(ContainerTableKind.USER_GROUP, "Salg"), kari)
    searches: list[dict[str, object]] = [
        {"search": "aas"}, {"kinds": ["person"]}, {"company": acme}, {"group": int(group)}, {"title": "led"}, {},
    ]  # fmt: skip
    selections = [NewContainer(ContainerTableKind.SELECTION, "S", saved_search=saved) for saved in searches]
    queries = [EntryQuery(ALL, await contain(database, selection)) for selection in selections]

    pages = [await directory.members(ContainerKind.SELECTION, query) for query in queries]
    async with database.write() as connection:
        await change_entries(connection, [(ola, NewEntry(EntryKind.PERSON, "Ola Dal", title="Leder"))])
    again = await directory.members(ContainerKind.SELECTION, queries[-1])

    both = ["Kari Ås", "Ola Ås"]
    found = [[entry.name for entry in page.entries] for page in pages]
    assert found == [both, ["Ola Ås"], ["Ola Ås"], ["Kari Ås"], ["Kari Ås"], both]
    assert [entry.name for entry in again.entries] == ["Kari Ås", "Ola Dal"]


@pytest.mark.parametrize("container", ["", "0", "999", "x", "company:1", "-1", f"{10**30}", None])
async def test_a_container_that_is_not_there_is_unknown(database: Database, container: str | None) -> None:
    await add(database, NewEntry(EntryKind.PERSON, "A"))
    directory, query = Directory(database), EntryQuery(ALL, container)

    with pytest.raises(UnknownContainer):
        await directory.members(ContainerKind.PROJECT, query)
    with pytest.raises(UnknownContainer):
        await directory.company_or_person(query)


async def test_the_number_of_statements_does_not_grow_with_the_page(database: Database) -> None:
    companies = await add(database, *(NewEntry(EntryKind.COMPANY, f"Company {n}") for n in range(20)))
    employees = await add(database, *(NewEntry(EntryKind.EMPLOYEE, f"Kari {n}", f"{n}@x.example") for n in range(300)))
    await add(database, *(NewEntry(EntryKind.PERSON, f"Ola {n}", organization=companies[n % 20]) for n in range(300)))
    group = await contain(database, NewContainer(ContainerTableKind.USER_GROUP, "Group"), *employees)
    directory = Directory(database)
    asked: list[Callable[[int], Awaitable[object]]] = [
        lambda n: directory.entries([ParticipantKind.EMPLOYEE], EntryQuery(PageRequest(n))),
        lambda n: directory.entries([ParticipantKind.EMPLOYEE], EntryQuery(PageRequest(n), search="kari")),
        lambda n: directory.members(ContainerKind.USER_GROUP, EntryQuery(PageRequest(n), group)),
        lambda n: directory.companies_and_persons(ContainerQuery(PageRequest(n))),
        lambda n: directory.containers(ContainerKind.USER_GROUP, ContainerQuery(PageRequest(n))),
        lambda n: directory.resolve([f"employee:{id_}" for id_ in employees[:n]]),
        lambda n: directory.find([f"{number}@x.example" for number in range(n)], [ParticipantKind.EMPLOYEE]),
    ]

    for ask in asked:
        async with counted(database) as few:
            await ask(10)
        async with counted(database) as many:
            await ask(300)
        assert len(many) <= len(few) <= 6


async def test_a_context_without_a_directory_says_what_is_missing() -> None:
    context = SourceContext(None, Language.EN, "Europe/Oslo", 0.0, None)

    with pytest.raises(TypeError, match="carries no directory"):
        Directory.of(context)


async def test_a_plugin_that_starts_is_handed_the_same_directory(database: Database) -> None:
    directory = Directory(database)

    assert Directory.of(PluginContext("hotel", None, None, directory)) is directory
