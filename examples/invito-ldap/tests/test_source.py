"""People of a directory keep the contract of a source, asked of a real server."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from invito_ldap.kept_people import KeptPeople
from invito_ldap.settings import LdapSettings
from invito_ldap.source import LdapPeople

from invito.plugins import ContainerQuery, Entry, EntryQuery, Language, PageRequest, PluginContext, Source
from invito.plugins.testing import Facts, SourceContract
from invito.services.directory import Directory
from invito.services.directory.writing import NewEntry, add_entries
from invito.services.storage.database import Database
from invito.services.storage.directory_tables import EntryKind
from tests.ldap_servers import Slapd, person

KARI = "ldap:00000000-0000-4000-8000-000000000001"
SALES = "00000000-0000-4000-8000-000000000002"
Ask = Callable[..., Any]
Opened = tuple[KeptPeople, PluginContext[LdapSettings]]


@pytest.fixture
def invito_directory(sqlite_template: Path, tmp_path: Path, invito_loop: Ask) -> Iterator[Directory]:
    """Invito's own, with Kari as an employee of before."""
    shutil.copy(sqlite_template, tmp_path / "invito.sqlite3")
    database = Database(f"sqlite:///{tmp_path / 'invito.sqlite3'}")

    async def fill() -> None:
        async with database.write() as connection:
            await add_entries(
                connection, [NewEntry(EntryKind.EMPLOYEE, "K. Nordmann", "kari.nordmann@NORDLYS.example")]
            )

    invito_loop(fill())
    yield Directory(database)
    invito_loop(database.close())


@pytest.fixture
def opened(
    few_people: Slapd, settings_for: Callable[..., LdapSettings], invito_directory: Directory, invito_loop: Ask
) -> Iterator[Opened]:
    context = PluginContext("ldap", settings_for(few_people), structlog.get_logger(), invito_directory)
    people = KeptPeople()
    invito_loop(people.open(context))
    yield people, context
    invito_loop(people.close())


@pytest.fixture
def invito_source(opened: Opened) -> LdapPeople:
    return LdapPeople(opened[0])


@pytest.fixture
def invito_facts(opened: Opened, few_people: Slapd) -> Iterator[Facts]:
    people, context = opened
    added: list[str] = []

    async def add_entry(name: str) -> None:
        added.append(f"added{len(added)}")
        few_people.add(person(added[-1], name))
        await people.refresh(context)

    async def add_sharers(address: str, count: int) -> None:
        sharers = [f"sharer{number}" for number in range(count)]
        added.extend(sharers)
        few_people.add(*(person(uid, "Sharer", address) for uid in sharers))
        await people.refresh(context)

    yield Facts(
        reference=KARI,
        container=SALES,
        address="sales@nordlys.example",
        add_entry=add_entry,
        add_sharers=add_sharers,
        entries_without_container=True,
    )
    few_people.delete_people(*added)


class TestLdapPeople(SourceContract):
    def test_a_person_has_what_the_directory_says(self, invito_ask: Ask, invito_source: Source) -> None:
        kari, before = invito_ask(invito_source.resolve, [KARI, "employee:1"])

        assert kari == before
        assert (kari.name, kari.email, kari.title) == ("Kari Nordmann", "Kari.Nordmann@nordlys.example", "Rådgiver")
        assert (kari.groups, kari.aliases) == (("Salg", "Økonomi"), ("employee:1",))

    def test_any_address_of_a_person_finds_them(self, invito_ask: Ask, invito_source: Source) -> None:
        found = invito_ask(invito_source.find, ["andre@nordlys.example", "sales@nordlys.example", "kari@elsewhere.no"])

        assert [[entry.name for entry in entries] for entries in found] == [["André O'Hara"], ["André O'Hara"], []]

    def test_a_person_reads_their_language(self, invito_ask: Ask, invito_source: Source) -> None:
        ((aase,),) = invito_ask(invito_source.find, ["aase@nordlys.example"])

        assert aase.language is Language.NB

    def test_groups_of_nobody_are_not_offered(self, invito_ask: Ask, invito_source: Source) -> None:
        page = invito_ask(invito_source.containers, ContainerQuery(PageRequest(10)))

        assert [(one.name, one.member_count) for one in page.containers] == [
            ("Salg", 4),
            ("Støtte", 26),
            ("Økonomi", 2),
        ]

    @pytest.mark.parametrize("typed", ["*)(uid=*", "*", "kari)(|(uid=*", "\\2a", "odd*(uid"])
    def test_signs_of_a_filter_are_signs(self, invito_ask: Ask, invito_source: Source, typed: str) -> None:
        """A search is of words alone, which here only Odd's name has; addresses and references are looked up whole."""
        everybody = invito_ask(invito_source.participants, EntryQuery(PageRequest(100))).entries

        page = invito_ask(invito_source.participants, EntryQuery(PageRequest(100), search=f"{typed} bø"))

        assert [entry.name for entry in page.entries] in ([], [self.odd(everybody).name])
        assert invito_ask(invito_source.find, [typed]) == [[]]
        assert invito_ask(invito_source.resolve, [f"ldap:{typed}"]) == [None]

    @staticmethod
    def odd(everybody: list[Entry]) -> Entry:
        (odd,) = (entry for entry in everybody if entry.name.startswith("Odd"))
        return odd
