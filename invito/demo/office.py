"""Who and what there is at Nordlys AS: 120 employees in 8 user groups, customers, projects, selections, rooms."""

from dataclasses import dataclass, field
from random import Random

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from invito.demo.names import COMPANY_FIRST, COMPANY_LAST, STREETS, TOWNS, People, address_part
from invito.plugins.contract import Language
from invito.services.directory.saved_searches import SavedSearch
from invito.services.directory.writing import (
    NewContainer,
    NewEntry,
    NewMember,
    add_containers,
    add_entries,
    add_members,
)
from invito.services.storage.directory_tables import ContainerTableKind, EntryKind, EntryRow, ResourceType

DOMAIN = "nordlys.example"
KARI = "Kari Nordmann"
ADMINISTRATOR = "Admin Nordlys"

EMPLOYEES, COMPANIES, PERSONS, PROJECTS, RESOURCES = 120, 300, 2_000, 40, 60

_GROUPS = ("Ledelse", "Salg", "Support", "Utvikling", "Økonomi", "Markedsføring", "Ålesund", "Drift")
_TITLES = ("Rådgiver", "Selger", "Utvikler", "Prosjektleder", "Økonom", "Konsulent", "Avdelingsleder")
_CUSTOMER_TITLES = ("Daglig leder", "Innkjøper", "Økonomisjef", "Driftsleder", "Markedssjef", "IT-ansvarlig")
_PROJECTS = ("Fornyelse", "Nybygg", "Flytting", "Kampanje", "Opplæring", "Innføring", "Revisjon", "Oppgradering")
_FIXED = (
    "Julekortliste", "Nyhetsbrev", "Referansekunder", "Fagråd", "Ølklubben", "Årsmøtet", "Seminar i Bergen",
    "Viktige kunder", "Brukerforum", "Inviterte til åpning", "Styret", "Nøkkelpersoner", "Golfturnering",
)  # fmt: skip
_SAVED = (
    ("Alle Hansen", SavedSearch(search="hansen")),
    ("Alle på Å", SavedSearch(search="å")),
    ("Daglige ledere", SavedSearch(kinds=(EntryKind.PERSON,), title="daglig leder")),
    ("Innkjøpere", SavedSearch(kinds=(EntryKind.PERSON,), title="innkjøper")),
    ("IT-ansvarlige", SavedSearch(kinds=(EntryKind.PERSON,), title="IT")),
    ("Kolleger som heter Kari", SavedSearch(search="kari", kinds=(EntryKind.EMPLOYEE,))),
    ("Ansatte utviklere", SavedSearch(kinds=(EntryKind.EMPLOYEE,), title="utvikler")),
    ("Ødegård og omegn", SavedSearch(search="øde")),
    ("Prosjektledere", SavedSearch(kinds=(EntryKind.EMPLOYEE,), title="prosjektleder")),
    ("Alle Olsen ute", SavedSearch(search="olsen", kinds=(EntryKind.PERSON,))),
    ("Markedssjefer", SavedSearch(kinds=(EntryKind.PERSON,), title="markedssjef")),
    ("Selgere", SavedSearch(kinds=(EntryKind.EMPLOYEE,), title="selger")),
)
_ROOMS = ("Møterom", "Grupperom", "Auditorium", "Kantine", "Stillerom", "Prosjektrom")
_THINGS = ("Prosjektor", "Bil", "Bærbar PC", "Videokamera", "Høyttaler", "Elsykkel")


@dataclass(slots=True)
class Office:
    """The ids of those who are there, Kari first among the employees."""

    employees: list[int] = field(default_factory=list)
    companies: list[int] = field(default_factory=list)
    persons: list[int] = field(default_factory=list)
    locations: list[int] = field(default_factory=list)
    things: list[int] = field(default_factory=list)


async def furnish(connection: AsyncConnection, random: Random) -> Office:
    """Store the office."""
    office, people = Office(), People(random)
    await _hire(connection, office, people)
    await _meet_customers(connection, office, people)
    await _equip(connection, office, random)
    await _gather(connection, office, random)
    return office


async def office_there(connection: AsyncConnection) -> Office | None:
    """The office that was stored earlier; None where it is somebody else's."""
    entries = select(EntryRow.id, EntryRow.kind, EntryRow.name, EntryRow.resource_type).order_by(EntryRow.id)
    office, names = Office(), []
    for number, kind, name, resource_type in await connection.execute(entries):
        names.append(name)
        match kind:
            case EntryKind.EMPLOYEE:
                office.employees.append(number)
            case EntryKind.COMPANY:
                office.companies.append(number)
            case EntryKind.PERSON:
                office.persons.append(number)
            case EntryKind.RESOURCE:
                (office.locations if resource_type is ResourceType.LOCATION else office.things).append(number)
    return office if names[:2] == [KARI, ADMINISTRATOR] else None


async def _hire(connection: AsyncConnection, office: Office, people: People) -> None:
    random = people.random
    names = [KARI, ADMINISTRATOR, *(people.name() for _ in range(EMPLOYEES - 2))]
    addresses = [people.address(KARI, DOMAIN), f"admin@{DOMAIN}", *(people.address(name, DOMAIN) for name in names[2:])]
    office.employees = await add_entries(
        connection,
        [
            NewEntry(
                EntryKind.EMPLOYEE,
                name,
                address,
                random.choice(_TITLES),
                language=None if name in (KARI, ADMINISTRATOR) else _language(number),
                time_zone="Europe/London" if number % 40 == 39 else None,
            )
            for number, (name, address) in enumerate(zip(names, addresses, strict=True))
        ],
    )
    groups = await add_containers(connection, [NewContainer(ContainerTableKind.USER_GROUP, name) for name in _GROUPS])
    members = []
    for number, employee in enumerate(office.employees):
        first, other = groups[number % len(groups)], groups[(number * 3 + 1) % len(groups)]
        members.append(NewMember(first, employee, 0))
        if number % 4 == 0 and other != first:
            members.append(NewMember(other, employee, 1))
    await add_members(connection, members)


async def _meet_customers(connection: AsyncConnection, office: Office, people: People) -> None:
    random = people.random
    names = [f"{first} {last} AS" for last in COMPANY_LAST for first in COMPANY_FIRST][:COMPANIES]
    domains = [f"{address_part(name.removesuffix(' AS')).replace('.', '-')}.example" for name in names]
    office.companies = await add_entries(
        connection,
        [
            NewEntry(EntryKind.COMPANY, name, f"post@{domain}", address=_address(random))
            for name, domain in zip(names, domains, strict=True)
        ],
    )
    persons = []
    for number in range(PERSONS):
        company, name = random.randrange(COMPANIES), people.name()
        address: str | None = people.address(name, domains[company])
        if number % 20 == 7:
            address = None
        elif number % 50 == 13:
            address = f"{address_part(name)}(at){domains[company]}"
        title = random.choice(_CUSTOMER_TITLES)
        persons.append(
            NewEntry(EntryKind.PERSON, name, address, title, office.companies[company], language=_language(number))
        )
    office.persons = await add_entries(connection, persons)


def _language(number: int) -> Language:
    """Most read Norwegian."""
    return Language.EN if number % 10 == 9 else Language.NB


async def _equip(connection: AsyncConnection, office: Office, random: Random) -> None:
    rooms = [
        NewEntry(
            EntryKind.RESOURCE,
            f"{_ROOMS[number % len(_ROOMS)]} {_letter(number // len(_ROOMS))}",
            resource_type=ResourceType.LOCATION,
            address=_address(random),
            capacity=random.choice((4, 6, 8, 12, 20, 80)),
        )
        for number in range(RESOURCES // 2)
    ]
    things = [
        NewEntry(
            EntryKind.RESOURCE,
            f"{_THINGS[number % len(_THINGS)]} {number // len(_THINGS) + 1}",
            resource_type=ResourceType.OTHER,
        )
        for number in range(RESOURCES - len(rooms))
    ]
    office.locations = await add_entries(connection, rooms)
    office.things = await add_entries(connection, things)
    kinds = ((_ROOMS, office.locations), (_THINGS, office.things))
    names = ("Møterom", "Andre lokaler", "Kjøretøy", "Utstyr")
    groups = await add_containers(connection, [NewContainer(ContainerTableKind.RESOURCE_GROUP, name) for name in names])
    members = []
    for place, (kind, entries) in enumerate(kinds):
        for number, entry in enumerate(entries):
            is_first = number % len(kind) in ((0, 1, 5) if place == 0 else (1, 5))
            members.append(NewMember(groups[2 * place + (0 if is_first else 1)], entry))
    await add_members(connection, members)


async def _gather(connection: AsyncConnection, office: Office, random: Random) -> None:
    projects = await add_containers(
        connection,
        [
            NewContainer(
                ContainerTableKind.PROJECT,
                f"{_PROJECTS[number % len(_PROJECTS)]} {COMPANY_FIRST[number % len(COMPANY_FIRST)]}",
                f"Prosjekt nr. {1001 + number}",
            )
            for number in range(PROJECTS)
        ],
    )
    fixed = await add_containers(connection, [NewContainer(ContainerTableKind.SELECTION, name) for name in _FIXED])
    await add_containers(
        connection,
        [
            NewContainer(ContainerTableKind.SELECTION, name, "Lagret søk", saved_search=search.to_store())
            for name, search in _SAVED
        ],
    )
    members = [
        NewMember(container, entry)
        for container in (*projects, *fixed)
        for entry in (*random.sample(office.employees, 5), *random.sample(office.persons, random.randint(3, 20)))
    ]
    await add_members(connection, members)


def _address(random: Random) -> str:
    return f"{random.choice(STREETS)} {random.randint(1, 90)}, {random.choice(TOWNS)}"


def _letter(number: int) -> str:
    return "ABCDEFGHIJ"[number]
