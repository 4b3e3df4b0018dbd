"""The five built-in sources keep what the contract promises, on both databases, as the author's kit checks it."""

import importlib
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from invito.plugins import Source
from invito.plugins.testing import Facts, Trial, Verdict, findings
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

SOURCES: dict[str, Source] = {
    source.key: source for module in BUILT_IN for source in importlib.import_module(module).invito_participant_sources()
}
NAMES = [
    "Kari Nordmann",
    "André Émile",
    "Åse Ørjasæter",
    "Ola Nordmann",
    "Ola Nordmann",
    "Nils-Petter O'Hara",
    "Aage Bø",
]
# What a source holds, and in which kind of container.
HELD = {
    "employees": (EntryKind.EMPLOYEE, ContainerTableKind.USER_GROUP),
    "project": (EntryKind.PERSON, ContainerTableKind.PROJECT),
    "selection": (EntryKind.PERSON, ContainerTableKind.SELECTION),
    "resource": (EntryKind.RESOURCE, ContainerTableKind.RESOURCE_GROUP),
}
NO_CALENDARS = {
    "busy_answers_for_each_reference",
    "busy_spans_are_half_open",
    "busy_spans_are_in_utc",
    "busy_spans_are_of_the_time_asked_for",
}
NO_ALIASES = {"aliases_lead_to_their_entry"}
NO_ALL = {"all_is_the_union_of_the_containers"}
NO_SEARCH_BOX = {"the_one_search_box_finds_who_is_listed"}
NO_SHARERS = {"an_address_of_many_finds_a_hundred_at_most"}
NO_ADDRESSES = {
    "addresses_find_who_is_listed",
    "addresses_are_found_whatever_their_capitals",
    "addresses_are_answered_in_order",
    "ten_thousand_addresses_are_found_in_one_call",
    "the_known_address_is_found",
}
# What there is nothing to check of, beside calendars, aliases and many of one address, which none of them has.
NOT_CHECKED = {
    "employees": set[str](),
    "company_person": NO_ALL,
    "project": NO_ALL | NO_SEARCH_BOX | NO_ADDRESSES,
    "selection": NO_ALL | NO_SEARCH_BOX | NO_ADDRESSES,
    "resource": set[str](),
}

Add = Callable[[str], Awaitable[None]]


def people(kind: EntryKind, organization: int | None = None) -> list[NewEntry]:
    return [
        NewEntry(kind, name, f"Person.{number}@nordlys.example", organization=organization)
        for number, name in enumerate(NAMES)
    ]


async def fill(database: Database, key: str) -> tuple[Facts, Add]:
    """Two containers with all of the names; what is known of them, and how one more comes into the first."""
    if key == "company_person":
        return await fill_companies(database)
    kind, container_kind = HELD[key]
    async with database.write() as connection:
        entries = await add_entries(connection, people(kind))
        boxes = await add_containers(
            connection, [NewContainer(container_kind, name) for name in ("Ærlig salg", "Bru og vei")]
        )
        members = [(boxes[place % 2], entry) for place, entry in enumerate(entries)]
        await add_members(connection, [NewMember(box, entry) for box, entry in members])

    async def add(name: str) -> None:
        async with database.write() as connection:
            (entry,) = await add_entries(connection, [NewEntry(kind, name)])
            await add_members(connection, [NewMember(boxes[0], entry)])

    return Facts(f"{kind.value}:{entries[0]}", str(boxes[0]), "person.0@nordlys.example"), add


async def fill_companies(database: Database) -> tuple[Facts, Add]:
    async with database.write() as connection:
        acme, bridge = await add_entries(
            connection, [NewEntry(EntryKind.COMPANY, name, f"post@{name[:3]}.example") for name in ("Acme", "Bru AS")]
        )
        persons = await add_entries(connection, people(EntryKind.PERSON, acme))
        await add_entries(connection, [NewEntry(EntryKind.PERSON, "Eva Dahl", organization=bridge)])

    async def add(name: str) -> None:
        async with database.write() as connection:
            await add_entries(connection, [NewEntry(EntryKind.PERSON, name, organization=acme)])

    return Facts(f"person:{persons[0]}", f"company:{acme}", "person.0@nordlys.example"), add


@pytest.mark.parametrize("key", SOURCES)
async def test_it_keeps_what_the_contract_promises(database: Database, key: str) -> None:
    facts, add = await fill(database, key)
    facts = replace(facts, add_entry=add, call_seconds=60.0)
    trial = Trial(SOURCES[key], facts, Directory(database))

    found = [one async for one in findings(trial)]

    trial.close()
    assert [(one.name, one.reason) for one in found if one.verdict is Verdict.BROKEN] == []
    not_checked = {one.name for one in found if one.verdict is Verdict.NOT_CHECKED}
    assert not_checked == NO_CALENDARS | NO_ALIASES | NO_SHARERS | NOT_CHECKED[key]
